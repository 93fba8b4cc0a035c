// SPDX-License-Identifier: Apache-2.0
#include "upkeep/prune.h"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "base/process.h"
#include "litmus/error.h"
#include "litmus/events.h"
#include "model/event_json.h"
#include "store/data_layout.h"
#include "store/event_file_reader.h"
#include "store/run_file.h"

namespace litmus {
namespace {

// Whether the runs that the events of a folder tell of have their files.
class FolderSeal {
 public:
  FolderSeal(FileSystem& files, const std::string& data_dir, const std::string& folder)
      : files_(files), data_dir_(data_dir), folder_(folder) {}

  // Empty: everything is sealed.
  std::string missing() {
    for (const DirectoryEntry& entry : files_.list(folder_)) {
      if (entry.is_directory || !entry.name.ends_with(".arrow")) continue;
      const std::string problem = read(entry.name);
      if (!problem.empty()) return problem;
    }
    for (const auto& [run_id, run] : runs_) {
      if (!is_sealed(run_id, run)) return fmt::format("run {} is not sealed", run_id);
    }
    return "";
  }

 private:
  struct Run {
    std::optional<RunStarted> start;
    std::string file;  // name of its run file, as its last run.materialized says
  };

  std::string read(const std::string& name) {
    const auto content = files_.read(join_path(folder_, name));
    const EventFileReport report =
        scan_event_file(content->bytes(), [this](const EventRow& row) { take(row); });
    if (!report.damages.empty()) return name + " is damaged: `litmus doctor --fix`";
    if (report.closed || !report.header) return "";
    const EventFileHeader& header = *report.header;
    switch (liveness_of(writer_of(header))) {
      case Liveness::kAlive: return fmt::format("process {} is writing {}", header.pid, name);
      case Liveness::kUnknown: return fmt::format("{} of {} is not closed", name, header.host);
      case Liveness::kDead: return "";
    }
    return "";
  }

  void take(const EventRow& row) {
    if (!row.run_id) return;
    Run& run = runs_[std::string(*row.run_id)];
    if (row.event_type != "run.started" && row.event_type != "run.materialized") return;
    Event event = parse_event(row.json);
    if (auto* started = std::get_if<RunStarted>(&event)) run.start = std::move(*started);
    if (const auto* sealed = std::get_if<RunMaterialized>(&event)) {
      run.file = file_name(sealed->destination);
    }
  }

  bool is_sealed(const std::string& run_id, const Run& run) {
    if (!run.start) return false;
    const std::string folder = runs_folder(data_dir_, run.start->occurred_at);
    if (!run.file.empty() && files_.exists(join_path(folder, run.file))) return true;
    const std::string stem = run_file_stem(run.start->occurred_at, run.start->dut_serial);
    return find_run_file_place(files_, folder, stem, run_id).taken;
  }

  FileSystem& files_;
  const std::string& data_dir_;
  const std::string& folder_;
  std::map<std::string, Run> runs_;
};

}  // namespace

void count_files(FileSystem& files, const std::string& folder, PrunedFolder& result) {
  for (const DirectoryEntry& entry : files.list(folder)) {
    if (entry.is_directory) {
      count_files(files, join_path(folder, entry.name), result);
    } else {
      ++result.files;
      const auto status = files.status(join_path(folder, entry.name));
      result.bytes += status ? status->size : 0;
    }
  }
}

void remove_pruned_folder(FileSystem& files, const std::string& folder) {
  for (const DirectoryEntry& entry : files.list(folder)) {
    const std::string path = join_path(folder, entry.name);
    if (entry.is_directory) {
      remove_pruned_folder(files, path);
    } else {
      files.remove(path);
    }
  }
  files.remove_folder(folder);
}

std::vector<PrunedFolder> prune_events(FileSystem& files, const std::string& data_dir,
                                       Timestamp cutoff, bool dry_run) {
  const std::string store = join_path(data_dir, "events");
  std::vector<PrunedFolder> result;
  for (const DirectoryEntry& date : files.list(store)) {
    if (!date.is_directory || date.name >= to_date(cutoff)) continue;
    const std::string folder = join_path(store, date.name);
    PrunedFolder& pruned = result.emplace_back();
    pruned.name = join_path("events", date.name);
    count_files(files, folder, pruned);
    try {
      pruned.kept_because = FolderSeal(files, data_dir, folder).missing();
      if (pruned.kept_because.empty() && !dry_run) remove_pruned_folder(files, folder);
    } catch (const Error& error) {
      pruned.kept_because = error.what();
    }
  }
  return result;
}

}  // namespace litmus
