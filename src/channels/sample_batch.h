// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/type_fwd.h>

#include <memory>

#include "channels/channel_follower.h"

namespace litmus {

// Samples of any channels in one batch of one schema, as they are streamed:
//
//   channel_id, timestamp, value, value_bool, value_text, samples, sample_interval, fields, units,
//   direction, source_method, session_id, recording, seq
//
// A sample is in the column of its kind, `fields` holds a struct as JSON; a gap row is in none.
class SampleBatch {
 public:
  SampleBatch();
  ~SampleBatch();

  static const std::shared_ptr<arrow::Schema>& schema();

  void add(const FollowedRows& found);
  bool is_empty() const;
  std::shared_ptr<arrow::RecordBatch> finish();  // it is empty again then

 private:
  struct Columns;
  std::unique_ptr<Columns> columns_;
};

}  // namespace litmus
