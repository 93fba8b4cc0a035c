// SPDX-License-Identifier: Apache-2.0
#include "upkeep/examination.h"

#include <arrow/array.h>
#include <arrow/chunked_array.h>
#include <arrow/table.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/process.h"
#include "litmus/error.h"
#include "model/event_json.h"
#include "project/materializer.h"
#include "store/data_layout.h"
#include "store/event_file_rewrite.h"
#include "store/run_file.h"
#include "store/run_file_reader.h"
#include "upkeep/channel_examination.h"

namespace litmus {
namespace {

constexpr char kFixAdvice[] = "`litmus doctor --fix`";
// No file takes longer to write: what is older was left by a process that was killed.
constexpr auto kLongestWrite = std::chrono::hours(1);

Liveness writer_of(const EventFileReport& report) {
  if (!report.header) return Liveness::kDead;
  const EventFileHeader& header = *report.header;
  return liveness_of(litmus::writer_of(header));
}

// What the kill of a process leaves in the middle of a write: emit() had not returned, so nothing
// that was acknowledged is in it.
bool is_torn_tail(const EventFileReport& report, const EventDamage& damage) {
  return !report.closed && !damage.seqs && &damage == &report.damages.back();
}

std::string stem_of(const std::string& path) {
  const std::string name = file_name(path);
  return name.substr(0, name.find(".parquet"));
}

// The names of large values that the cells of a column point to.
void add_references(std::set<std::string>& names, const arrow::ChunkedArray& column) {
  for (const auto& chunk : column.chunks()) {
    if (chunk->type_id() != arrow::Type::STRING) return;
    const auto& texts = static_cast<const arrow::StringArray&>(*chunk);
    for (std::int64_t i = 0; i < texts.length(); ++i) {
      if (texts.IsNull(i)) continue;
      if (const auto name = referenced_name(texts.GetView(i))) names.emplace(*name);
    }
  }
}

}  // namespace

Diagnosis Examination::result() {
  examine_events();
  examine_run_files();
  examine_missing_runs();
  examine_leftovers();
  for (Finding& finding : examine_channels(files_, data_dir_, options_.fix)) {
    diagnosis_.findings.push_back(std::move(finding));
  }
  std::ranges::stable_sort(diagnosis_.findings, {}, [](const Finding& finding) {
    return std::pair(finding.area, finding.path);
  });
  return std::move(diagnosis_);
}

Finding& Examination::add(Severity severity, const char* area, std::string path, std::string what,
                          std::string advice) {
  diagnosis_.findings.push_back(
      {severity, area, std::move(path), std::move(what), std::move(advice), false});
  return diagnosis_.findings.back();
}

template <class Action>
void Examination::fix(Finding& finding, const Action& action) {
  if (!options_.fix) return;
  try {
    finding.what += "; " + action();
    finding.advice.clear();
    finding.fixed = true;
  } catch (const Error& error) {
    finding.advice = error.what();
  }
}

void Examination::examine_events() {
  const auto paths = find_event_files(files_, data_dir_);
  VerificationListener listener;
  listener.on_progress = [this](std::size_t done, std::size_t total) {
    options_.on_progress("checking event files", done, total);
  };
  listener.on_row = [this](const std::string& path, const EventRow& row) { take_row(path, row); };
  const Verification verification = verify_event_files(files_, paths, true, listener);
  diagnosis_.event_files = verification.files.size();
  for (const SegmentGap& gap : verification.gaps) {
    add(Severity::kLost, "events", gap.path,
        fmt::format("a segment before this file is missing: seq {}-{}", gap.seqs.first,
                    gap.seqs.last),
        "bring it back from a copy, if there is one");
  }
  for (const VerifiedFile& file : verification.files) {
    const bool alive = writer_of(file.report) != Liveness::kDead;
    for (const std::string& id : runs_in_[file.path]) {
      // A run may go on in later segments than the one that it began in.
      Recorded& run = recorded_[id];
      run.writer_may_live |= alive && (!file.report.closed || !run.ended);
    }
    examine_event_file(file);
  }
}

void Examination::take_row(const std::string& path, const EventRow& row) {
  if (!row.run_id || !row.event_type.starts_with("run.")) return;
  const std::string run_id(*row.run_id);
  Recorded& run = recorded_[run_id];
  try {
    run.session_id = Uuid::parse(row.session_id);
    if (row.event_type == "run.started") {
      runs_in_[path].insert(run_id);
      const Event event = parse_event(row.json);
      if (const auto* started = std::get_if<RunStarted>(&event)) {
        run.started_at = started->occurred_at;
        run.events_folder = parent_folder(path);
        run.stem = run_file_stem(*run.started_at, started->dut_serial);
      }
    }
    if (row.event_type == "run.ended") run.ended = true;
  } catch (const Error& error) {
    add(Severity::kLost, "events", path, fmt::format("seq {}: {}", row.seq, error.what()));
  }
}

void Examination::examine_event_file(const VerifiedFile& file) {
  const EventFileReport& report = file.report;
  const std::size_t first = diagnosis_.findings.size();
  for (const EventDamage& damage : report.damages) {
    const bool torn = is_torn_tail(report, damage);
    std::string seqs =
        damage.seqs ? fmt::format(" seq {}-{}:", damage.seqs->first, damage.seqs->last) : "";
    add(torn ? Severity::kProblem : Severity::kLost, "events", file.path,
        torn ? "its writer died in the middle of a write; no event that was acknowledged is lost"
             : fmt::format("bytes {}-{}:{} {}", damage.begin, damage.end, seqs, damage.what),
        kFixAdvice);
  }
  if (report.header) {
    for (const SeqRange& seqs : report.header->lost) {
      add(Severity::kNote, "events", file.path,
          fmt::format("seq {}-{} were lost before the file was repaired", seqs.first, seqs.last));
    }
  }
  if (!report.closed && report.damages.empty()) {
    const Liveness writer = writer_of(report);
    if (writer == Liveness::kAlive) return;
    if (writer == Liveness::kUnknown) {
      add(Severity::kNote, "events", file.path,
          fmt::format("not closed: process {} on {} is writing it, or died", report.header->pid,
                      report.header->host));
      return;
    }
    add(Severity::kProblem, "events", file.path, "not closed: its writer died", kFixAdvice);
  }
  bool repaired = false;
  for (std::size_t i = first; i < diagnosis_.findings.size(); ++i) {
    Finding& finding = diagnosis_.findings[i];
    if (finding.severity == Severity::kNote) continue;
    fix(finding, [&]() -> std::string {
      if (repaired) return "repaired";
      const RepairResult result = repair_event_file(files_, file.path);
      repaired = true;
      return result.original.empty() ? fmt::format("closed, with {} events", result.rows_kept)
                                     : fmt::format("repaired: {} events kept, the original is {}",
                                                   result.rows_kept, file_name(result.original));
    });
  }
}

void Examination::examine_run_files() {
  const auto paths = find_run_files(files_, data_dir_);
  diagnosis_.run_files = paths.size();
  for (std::size_t i = 0; i < paths.size(); ++i) {
    options_.on_progress("checking run files", i, paths.size());
    examine_run_file(paths[i]);
  }
}

void Examination::examine_run_file(const std::string& path) {
  try {
    const RunFileReader reader(files_, path);
    const auto rows = reader.rows();  // every page, with its checksum
    const std::string run_id = reader.run_id();
    const auto [earlier, is_new] = sealed_.emplace(run_id, path);
    if (!is_new) {
      add(Severity::kProblem, "runs", path,
          fmt::format("run {} has a second file: {}", run_id, earlier->second),
          "compare them (`litmus data rebuild " + run_id.substr(0, 8) + "`) and remove one");
      return;
    }
    examine_references(run_id, path, *rows);
  } catch (const Error& error) {
    if (error.code() == Code::kNotFound) return;  // removed since it was listed
    std::string reason = error.what();
    if (reason.starts_with(path + ": ")) reason.erase(0, path.size() + 2);
    put_aside(path, reason);
  }
}

// The events tell whether the run can be made again; the file is kept for those who know better.
void Examination::put_aside(const std::string& path, const std::string& reason) {
  const std::string stem = stem_of(path);
  const bool in_events = std::ranges::any_of(recorded_, [&](const auto& run) {
    return run.second.ended && (stem == run.second.stem || stem.starts_with(run.second.stem + "_"));
  });
  Finding& finding = add(in_events ? Severity::kProblem : Severity::kLost, "runs", path, reason,
                         in_events ? kFixAdvice : "bring it back from a copy, if there is one");
  if (!in_events) return;
  fix(finding, [&] {
    const std::string aside = path + ".damaged";
    files_.rename(path, aside);
    return "put aside as " + file_name(aside);
  });
}

void Examination::examine_missing_runs() {
  std::size_t done = 0;
  for (const auto& [run_id, run] : recorded_) {
    options_.on_progress("looking for runs without a file", done++, recorded_.size());
    if (sealed_.contains(run_id) || run.writer_may_live || !run.started_at) continue;
    if (!run.ended) {
      add(Severity::kProblem, "runs", run_id,
          "its process died before the run ended; it is not sealed",
          "any command that reads results, for example `litmus runs`, finalises it as aborted");
      continue;
    }
    Finding& finding =
        add(Severity::kProblem, "runs", run_id, "the run has ended but has no file", kFixAdvice);
    fix(finding, [&] {
      const MaterializeResult sealed =
          materialize_run(files_, data_dir_, run.session_id, Uuid::parse(run_id));
      return "sealed as " + sealed.path;
    });
  }
}

void Examination::examine_references(const std::string& run_id, const std::string& run_file,
                                     const arrow::Table& rows) {
  std::set<std::string> names;
  for (int i = 0; i < rows.num_columns(); ++i) {
    const std::string& column = rows.field(i)->name();
    const bool dynamic =
        column.starts_with("in_") || column.starts_with("out_") || column.starts_with("custom_");
    if (dynamic) add_references(names, *rows.column(i));
  }
  const auto recorded = recorded_.find(run_id);
  const std::string folder = run_ref_folder(run_file);
  for (const std::string& name : names) {
    const std::string path = join_path(folder, name);
    if (name.find('/') != std::string::npos || files_.exists(path)) continue;
    std::string source;
    if (recorded != recorded_.end() && recorded->second.started_at) {
      const std::string folder_name = recorded->second.session_id.to_string() + "_ref";
      source = join_path(join_path(recorded->second.events_folder, folder_name), name);
    }
    const bool kept = !source.empty() && files_.exists(source);
    Finding& finding = add(kept ? Severity::kProblem : Severity::kLost, "references", run_file,
                           fmt::format("file://_ref/{} is missing", name),
                           kept ? kFixAdvice : "bring it back from a copy, if there is one");
    if (!kept) continue;
    fix(finding, [&] {
      files_.create_folders(folder);
      files_.link_or_copy(source, path);
      return std::string("linked again from the events");
    });
  }
}

// What processes that were killed while they wrote have left.
void Examination::examine_leftovers() {
  for (const char* store : {"events", "runs", "channels"}) {
    const std::string root = join_path(data_dir_, store);
    for (const DirectoryEntry& date : files_.list(root)) {
      if (!date.is_directory) continue;
      const std::string folder = join_path(root, date.name);
      for (const DirectoryEntry& entry : files_.list(folder)) {
        examine_leftover(store, join_path(folder, entry.name));
      }
    }
  }
}

void Examination::examine_leftover(const char* store, const std::string& path) {
  const auto remove = [&] {
    files_.remove(path);
    return std::string("removed");
  };
  if (path.ends_with(".damaged")) {
    add(Severity::kNote, store, path, "a damaged file that was put aside",
        "remove it when nobody needs it any more");
  } else if (path.ends_with(".tmp")) {
    const auto status = files_.status(path);
    if (!status || now() - status->modified_at < kLongestWrite) return;
    fix(add(Severity::kProblem, store, path, "a file that was never finished", kFixAdvice), remove);
  } else if (path.ends_with(kReserveSuffix)) {
    const std::string written = path.substr(0, path.size() - sizeof(kReserveSuffix) + 1);
    Liveness writer = Liveness::kDead;
    if (files_.exists(written)) {
      writer = writer_of(scan_event_file(files_.read(written)->bytes(), [](auto&) {}));
    }
    if (writer != Liveness::kDead) return;
    fix(add(Severity::kProblem, store, path, "disk space that a dead writer had reserved",
            kFixAdvice),
        remove);
  }
}

}  // namespace litmus
