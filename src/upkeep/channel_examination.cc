// SPDX-License-Identifier: Apache-2.0
#include "upkeep/channel_examination.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/process.h"
#include "channels/journal_recovery.h"
#include "litmus/error.h"
#include "store/channel_registry.h"
#include "store/channel_segment_reader.h"
#include "store/channel_segment_repair.h"

namespace litmus {
namespace {

constexpr char kArea[] = "channels";
constexpr char kFixAdvice[] = "`litmus doctor --fix`";

void examine_journals(FileSystem& files, const std::string& data_dir, bool fix,
                      std::vector<Finding>& findings) {
  for (const JournalContent& journal : read_journals(files, data_dir)) {
    if (journal.liveness == Liveness::kAlive) continue;
    const std::string what =
        fmt::format("process {} on {} has died and left samples in its journal",
                    journal.owner.process.pid, journal.owner.process.host);
    const bool is_ours = journal.liveness == Liveness::kDead;
    findings.push_back({is_ours ? Severity::kProblem : Severity::kNote, kArea, journal.paths[0],
                        what,
                        is_ours ? "whoever writes samples next puts them into the segments; or "
                                  "`litmus doctor --fix`"
                                : "run `litmus doctor --fix` on " + journal.owner.process.host,
                        false});
    for (const std::string& damage : journal.damages) {
      findings.push_back({Severity::kLost, kArea, journal.paths[0], damage,
                          "bring it back from a copy, if there is one", false});
    }
  }
  if (!fix || findings.empty()) return;
  recover_journals(files, data_dir);
  for (Finding& finding : findings) {
    if (finding.severity != Severity::kProblem || files.exists(finding.path)) continue;
    finding.fixed = true;
    finding.what = "the samples of a dead process were put into the segments";
  }
}

// Folder and stem of those whose rows are in journals, too.
std::set<std::string> journalled_recordings(FileSystem& files, const std::string& data_dir) {
  std::set<std::string> recordings;
  for (const JournalContent& journal : read_journals(files, data_dir)) {
    for (const auto& [number, rows] : journal.channels) {
      recordings.insert(
          join_path(join_path(channels_folder(data_dir), rows.channel.date), rows.channel.stem));
    }
  }
  return recordings;
}

// Not while journals may still hold what comes behind a segment's rows.
void repair_segment(FileSystem& files, const std::string& path, std::size_t first,
                    std::vector<Finding>& findings) {
  if (findings.size() == first) return;
  std::string what;
  bool is_done = false;
  try {
    const ChannelRepair repair = repair_channel_segment(files, path);
    is_done = true;
    what = repair.original.empty() ? fmt::format("closed, with {} samples", repair.rows)
                                   : fmt::format("repaired: {} samples kept, the original is {}",
                                                 repair.rows, file_name(repair.original));
  } catch (const Error& error) {
    what = error.what();
  }
  for (std::size_t i = first; i < findings.size(); ++i) {
    if (findings[i].severity == Severity::kNote) continue;
    findings[i].fixed = is_done;
    findings[i].what += "; " + what;
  }
}

void examine_segment(FileSystem& files, const std::string& path, bool is_journalled, bool fix,
                     std::vector<Finding>& findings) {
  const std::size_t first = findings.size();
  const std::shared_ptr<FileContent> content = files.read(path);
  if (content->bytes().empty()) {
    findings.push_back({Severity::kProblem, kArea, path,
                        "empty: the power failed before its beginning was on the disk", kFixAdvice,
                        false});
    if (!fix || is_journalled) return;
    files.remove(path);
    findings.back().fixed = true;
    findings.back().what += "; removed";
    return;
  }
  const auto report = scan_channel_segment(content, [](const auto&) {});
  for (const ChannelDamage& damage : report.damages) {
    if (is_torn_tail(report, damage)) continue;
    std::string what = describe(path, damage).substr(path.size() + 2);
    findings.push_back({Severity::kLost, kArea, path, std::move(what),
                        "the other samples can be read; bring the segment back from a copy, or "
                        "have it put in order by `litmus doctor --fix`",
                        false});
  }
  if (report.header) {
    const ChannelSegmentHeader& header = *report.header;
    for (const SeqRange& seqs : header.lost) {
      findings.push_back({Severity::kNote, kArea, path,
                          fmt::format("samples {}-{} were lost before the segment was repaired",
                                      seqs.first, seqs.last),
                          "", false});
    }
    const bool is_left = !report.closed && findings.size() == first && !is_journalled &&
                         liveness_of(writer_of(header)) == Liveness::kDead;
    if (is_left) {
      findings.push_back(
          {Severity::kProblem, kArea, path, "not closed: its writer died", kFixAdvice, false});
    }
  }
  if (fix && !is_journalled) repair_segment(files, path, first, findings);
}

void examine_registry(FileSystem& files, const std::string& data_dir,
                      const std::set<std::string>& channels, bool fix,
                      std::vector<Finding>& findings) {
  std::string what;
  try {
    const ChannelRegistry registry = read_channel_registry(files, data_dir);
    const auto missing =
        std::ranges::find_if(channels, [&](const auto& id) { return !registry.contains(id); });
    if (missing == channels.end()) return;
    what = fmt::format("channel {} is not in the registry", *missing);
  } catch (const Error& error) {
    what = error.what();
  }
  Finding finding{
      Severity::kProblem, kArea, join_path(channels_folder(data_dir), "_registry.json"), what,
      kFixAdvice,         false};
  if (fix) {
    rebuild_channel_registry(files, data_dir);
    finding.fixed = true;
    finding.what = "made again from the segments";
  }
  findings.push_back(std::move(finding));
}

}  // namespace

std::vector<Finding> examine_channels(FileSystem& files, const std::string& data_dir, bool fix) {
  std::vector<Finding> findings;
  examine_journals(files, data_dir, fix, findings);
  const std::set<std::string> journalled = journalled_recordings(files, data_dir);
  std::set<std::string> channels;
  for (const ChannelSegmentPath& segment : find_channel_segments(files, data_dir)) {
    try {
      // Named by the segments that have rows; one that was just begun may not be known yet.
      const auto head = read_channel_head(files, segment.path);
      if (head && head->header.sealed) channels.insert(head->header.channel_id);
      const bool is_journalled =
          journalled.contains(parent_folder(segment.path) + '/' + segment.name.stem());
      examine_segment(files, segment.path, is_journalled, fix, findings);
    } catch (const Error& error) {
      if (error.code() == Code::kNotFound) continue;  // removed since it was listed
      findings.push_back({Severity::kLost, kArea, segment.path, error.what(), "", false});
    }
  }
  if (files.exists(channels_folder(data_dir))) {
    examine_registry(files, data_dir, channels, fix, findings);
  }
  return findings;
}

}  // namespace litmus
