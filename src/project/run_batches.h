// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/record_batch.h>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "project/dynamic_columns.h"
#include "project/run_rows.h"
#include "store/run_file.h"

namespace litmus {

// Enough to make the work per batch small beside that per row, and little beside the memory of a
// run.
inline constexpr std::int64_t kRowsPerBatch = 16 * 1024;

// The rows of a run as Arrow batches, in the columns and the order of its file: the run row, then
// each step row with its measurement rows. Makes one batch at a time, so that memory does not grow
// with the run. Refers to the rows it was given.
class RunBatches final : public arrow::RecordBatchReader {
 public:
  explicit RunBatches(const RunRows& rows, std::int64_t rows_per_batch = kRowsPerBatch)
      : RunBatches(rows, DynamicColumns(rows), rows_per_batch) {}
  // With the columns that all rows of the run need, where these are only some of them.
  RunBatches(const RunRows& rows, DynamicColumns dynamic,
             std::int64_t rows_per_batch = kRowsPerBatch);

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override;

  // The footer of the file. `source_events` tells from which events the rows come.
  RunFileMetadata metadata(std::string_view source_events) const;

 private:
  class Batch;
  void fill(Batch& batch);

  const RunRows& rows_;
  std::int64_t rows_per_batch_;
  DynamicColumns dynamic_;
  // Where the columns after the fixed ones come from: dynamic ones, then the extra one if there is
  // one, then those of kInstrumentColumns; in file order.
  std::vector<std::size_t> sources_;
  std::shared_ptr<arrow::Schema> schema_;
  // What comes next: the run row, or the step row, or one of the step's measurement rows.
  bool run_row_done_ = false;
  std::size_t step_ = 0;
  bool step_row_done_ = false;
  std::int64_t measurement_ = 0;
  MeasurementReader measurements_;
};

}  // namespace litmus
