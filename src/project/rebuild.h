// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "litmus/time.h"
#include "project/row_comparison.h"

namespace litmus {

// Which runs; all of them if nothing is said.
struct RebuildScope {
  std::optional<std::string> run;  // id or unique prefix
  std::optional<Timestamp> since;  // started then or later
};

struct RebuiltRun {
  enum class Status {
    kSame,        // the file holds what the events say
    kDiffers,     // it does not, and was left alone
    kReplaced,    // it did not, and now does
    kWritten,     // there was no file
    kIncomplete,  // no run.started or no run.ended: nothing to seal
    kNoEvents,    // there is a file, but no event of the run
    kFailed,      // see error
  };
  std::string run_id;  // empty for a file that cannot be read
  std::string path;    // of the run file, where there is one
  Status status = Status::kFailed;
  RunFileComparison comparison;       // where there was a file
  std::vector<std::string> damages;   // of the event files, as far as they matter to the run
  std::vector<std::string> problems;  // of the rows
  std::string error;
};

// Called before each run.
using RebuildProgress = std::function<void(std::size_t done, std::size_t total)>;

// Makes run files again from the events: compares each cell, writes what is missing and, with
// `replace`, what differs; the old file stays as `.bak` until the new one was read back and found
// right. One run's failure is told and does not stop the others. Error(kNotFound) or (kConflict)
// for a run id that fits none or several.
std::vector<RebuiltRun> rebuild_runs(FileSystem& files, const std::string& data_dir,
                                     const RebuildScope& scope, bool replace,
                                     const RebuildProgress& on_progress = {});

}  // namespace litmus
