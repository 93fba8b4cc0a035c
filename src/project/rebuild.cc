// SPDX-License-Identifier: Apache-2.0
#include "project/rebuild.h"

#include <arrow/buffer.h>
#include <arrow/io/memory.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "litmus/error.h"
#include "project/projected_run.h"
#include "project/run_batches.h"
#include "project/session_events.h"
#include "store/arrow_status.h"
#include "store/data_layout.h"
#include "store/run_file_reader.h"

namespace litmus {
namespace {

using Status = RebuiltRun::Status;

std::string encode(const ProjectedRun& run) {
  const std::string action = "make the file of run " + run.file().run_id;
  const auto stream = value_or_throw(arrow::io::BufferOutputStream::Create(), action);
  RunBatches batches(run.rows());
  encode_run_file(*stream, batches, run.file().metadata);
  return value_or_throw(stream->Finish(), action)->ToString();
}

bool holds(FileSystem& files, const std::string& path, const std::string& bytes) {
  const auto content = files.read(path);
  return std::ranges::equal(content->bytes(), bytes, [](std::uint8_t stored, char made) {
    return stored == static_cast<std::uint8_t>(made);
  });
}

std::string backup_of(const std::string& path) { return path + ".bak"; }

// The old file is in its place again, or beside it as .bak, if anything goes wrong.
void replace_verified(FileSystem& files, const std::string& path, const ProjectedRun& run,
                      const RunFileReader& rebuilt) {
  const std::string backup = backup_of(path);
  files.remove(backup);
  files.link_or_copy(path, backup);
  try {
    RunBatches batches(run.rows());
    RunFile file = run.file();
    file.replaces = RunFileReader(files, path).metadata("source_events").value_or("");
    publish_run_file(files, file, batches);
    const RunFileComparison check = compare_run_files(RunFileReader(files, path), rebuilt);
    if (check.count > 0) {
      const RowDifference& first = check.differences.front();
      throw Error(Code::kCorrupt, path + ": what was written reads back differently, at " +
                                      first.row + " " + first.column + ": " + first.in_file +
                                      " instead of " + first.rebuilt + "; the old file was kept");
    }
  } catch (const Error&) {
    files.rename(backup, path);
    files.remove(backup);  // still there if both names were the same file
    throw;
  }
  files.remove(backup);
  files.sync_folder(parent_folder(path));
}

class Rebuild {
 public:
  Rebuild(FileSystem& files, const std::string& data_dir, const RebuildScope& scope, bool replace)
      : files_(files), data_dir_(data_dir), scope_(scope), replace_(replace) {}

  std::vector<RebuiltRun> result(const RebuildProgress& on_progress) {
    const auto runs = list_runs_in_events(files_, data_dir_, damages_);
    std::set<std::string> known;
    for (const RunInEvents& run : runs) known.insert(run.run_id.to_string());
    const bool in_events = scope_.run && std::ranges::any_of(known, [this](const std::string& id) {
                             return id.starts_with(*scope_.run);
                           });
    if (!in_events) find_files_without_events(known);
    if (scope_.run) resolve(known);
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (on_progress) on_progress(i, runs.size());
      if (wanted(runs[i])) result_.push_back(rebuild(runs[i]));
    }
    return std::move(result_);
  }

 private:
  bool wanted(const RunInEvents& run) const {
    if (scope_.run && !run.run_id.to_string().starts_with(*scope_.run)) return false;
    return !scope_.since || (run.started_at && *run.started_at >= *scope_.since);
  }

  void find_files_without_events(const std::set<std::string>& known) {
    // The name begins with the stamp of the run's start.
    const std::string first_stamp = scope_.since ? to_file_stamp(*scope_.since) : "";
    for (const std::string& path : find_run_files(files_, data_dir_)) {
      if (file_name(path) < first_stamp) continue;
      RebuiltRun run;
      run.path = path;
      try {
        run.run_id = RunFileReader(files_, path).run_id();
        run.status = Status::kNoEvents;
        if (known.contains(run.run_id)) continue;
      } catch (const Error& error) {
        run.error = error.what();
      }
      // A file that cannot be read may be anybody's.
      if (!scope_.run || run.run_id.starts_with(*scope_.run)) result_.push_back(std::move(run));
    }
  }

  void resolve(const std::set<std::string>& known) const {
    std::vector<std::string> fitting;
    for (const std::string& id : known) {
      if (id.starts_with(*scope_.run)) fitting.push_back(id);
    }
    for (const RebuiltRun& run : result_) fitting.push_back(run.run_id);
    if (fitting.empty()) {
      throw Error(Code::kNotFound,
                  "no run " + *scope_.run + " in the events or run files of " + data_dir_);
    }
    if (fitting.size() == 1) return;
    std::string list;
    for (const std::string& id : fitting) list += "\n  " + id;
    throw Error(Code::kConflict, "several runs begin with " + *scope_.run + ":" + list);
  }

  RebuiltRun rebuild(const RunInEvents& run) {
    RebuiltRun result;
    result.run_id = run.run_id.to_string();
    try {
      rebuild(run, result);
    } catch (const Error& error) {
      result.status = Status::kFailed;
      result.error = error.what();
    }
    return result;
  }

  void rebuild(const RunInEvents& run, RebuiltRun& result) {
    const ProjectedRun projected(files_, data_dir_, run.event_files, run.session_id, run.run_id);
    result.damages = projected.damages();
    if (!projected.complete()) {
      result.status = Status::kIncomplete;
      return;
    }
    result.problems = projected.problems();
    const RunFile& file = projected.file();
    const RunFilePlace place = find_run_file_place(files_, file.folder, file.stem, file.run_id);
    result.path = place.path;
    if (!place.taken) {
      RunBatches batches(projected.rows());
      result.path = publish_run_file(files_, file, batches).path;
      result.status = Status::kWritten;
      return;
    }
    std::string bytes = encode(projected);
    result.status = Status::kSame;
    if (holds(files_, place.path, bytes)) {
      if (replace_) files_.remove(backup_of(place.path));  // of a rebuild that was cut off
      return;
    }
    const RunFileReader rebuilt("the file made again", std::move(bytes));
    result.comparison = compare_run_files(RunFileReader(files_, place.path), rebuilt);
    if (result.comparison.count == 0) return;
    result.status = Status::kDiffers;
    if (!replace_) return;
    replace_verified(files_, place.path, projected, rebuilt);
    result.status = Status::kReplaced;
  }

  FileSystem& files_;
  const std::string& data_dir_;
  const RebuildScope& scope_;
  bool replace_;
  std::vector<std::string> damages_;  // each run tells its own
  std::vector<RebuiltRun> result_;
};

}  // namespace

std::vector<RebuiltRun> rebuild_runs(FileSystem& files, const std::string& data_dir,
                                     const RebuildScope& scope, bool replace,
                                     const RebuildProgress& on_progress) {
  return Rebuild(files, data_dir, scope, replace).result(on_progress);
}

}  // namespace litmus
