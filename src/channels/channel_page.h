// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "litmus/channel_store.h"

namespace litmus {

using Batches = std::vector<std::shared_ptr<arrow::RecordBatch>>;

// The times of rows, the first column of all batches.
const std::int64_t* times_of(const arrow::RecordBatch& batch);

// A page of a query's rows. Its cursor is `{time}+{count}`: the time of the last row that was
// given, in microseconds since 1970, and how many rows of that time were.
class ChannelPage {
 public:
  // Error(kInvalidArgument) for a cursor that is none, and for what cannot be paged.
  explicit ChannelPage(const ChannelQuery& query);

  // The query without what the pages before had.
  const ChannelQuery& rows_from() const { return query_; }
  // Cuts the rows, in the order in which they are wanted; returns the cursor of the next page,
  // empty on the last one.
  std::string cut(Batches& rows) const;

 private:
  ChannelQuery query_;
  std::int64_t time_ = 0;
  std::int64_t given_ = 0;  // rows of that time
};

}  // namespace litmus
