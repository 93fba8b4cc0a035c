// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "litmus/ids.h"
#include "project/accumulator.h"
#include "project/run_rows.h"
#include "project/session_events.h"
#include "store/run_file.h"

namespace litmus {

// A run as its events say it is to be stored. Reads them when it is made; writes nothing.
class ProjectedRun {
 public:
  ProjectedRun(FileSystem& files, const std::string& data_dir,
               const std::vector<std::string>& event_files, const Uuid& session_id,
               const Uuid& run_id);
  ProjectedRun(const ProjectedRun&) = delete;
  ProjectedRun& operator=(const ProjectedRun&) = delete;

  bool started() const { return accumulator_.started(); }
  // Only what has started and ended can be sealed; the rest is valid only then.
  bool complete() const { return rows_.has_value(); }
  const RunRows& rows() const { return *rows_; }
  const RunFile& file() const { return file_; }
  const std::string& source_events() const { return source_events_; }

  const std::vector<std::string>& damages() const { return damages_; }    // of the event files
  const std::vector<std::string>& problems() const { return problems_; }  // of the rows

 private:
  void collect_blobs(FileSystem& files, const std::vector<std::string>& event_files,
                     const Uuid& session_id);

  RunAccumulator accumulator_;
  std::optional<RunRows> rows_;
  RunFile file_;
  std::string source_events_;
  std::vector<std::string> damages_;
  std::vector<std::string> problems_;
};

}  // namespace litmus
