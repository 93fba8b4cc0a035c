// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "index/live_run_part.h"
#include "project/dynamic_columns.h"
#include "project/run_rows.h"

namespace arrow {
class Table;
}

namespace litmus {

class RunAccumulator;

// What has to be put into the index so that it has the rows of a running run as they are now.
struct LiveRows {
  std::shared_ptr<arrow::Table> rows;
  std::optional<LiveRunPart> part;  // absent: they are all rows of the run
};

// Remembers which rows of a running run the index has, so that each time only those are put that
// are new or have changed. Some bytes for each step. One owner.
class PutRows {
 public:
  // They count as put from then on. The run must have started.
  LiveRows take(const RunAccumulator& run);
  // The index may not have what was taken: the next time it is everything.
  void forget() { puts_ = 0; }

 private:
  struct Step {
    std::int64_t row_seq = 0;
    std::int64_t measurements = 0;
    std::uint64_t signature =
        0;  // of everything that its rows show but the measurements themselves
  };
  void leave_out_known(RunRows& rows, const std::vector<Step>& steps, LiveRunPart& part) const;

  std::int64_t puts_ = 0;
  std::vector<DynamicColumn> columns_;
  std::vector<Step> steps_;      // by row_seq
  RecordLog::Position end_ = 0;  // of the measurements
};

}  // namespace litmus
