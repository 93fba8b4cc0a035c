// SPDX-License-Identifier: Apache-2.0
#include "channels/channel_page.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "litmus/error.h"

namespace litmus {
namespace {

std::int64_t integer(std::string_view text, const std::string& cursor) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    throw Error(Code::kInvalidArgument,
                "cursor: expected what the page before had as "
                "litmus.cursor, found " +
                    cursor);
  }
  return number;
}

// Leaves out the first rows.
void skip(Batches& rows, std::int64_t count) {
  auto batch = rows.begin();
  for (; batch != rows.end() && count >= (*batch)->num_rows(); ++batch) {
    count -= (*batch)->num_rows();
  }
  rows.erase(rows.begin(), batch);
  if (!rows.empty() && count > 0) rows[0] = rows[0]->Slice(count);
}

}  // namespace

const std::int64_t* times_of(const arrow::RecordBatch& batch) {
  return batch.column(0)->data()->GetValues<std::int64_t>(1);
}

ChannelPage::ChannelPage(const ChannelQuery& query) : query_(query) {
  if (!query.limit && query.cursor.empty()) return;
  if (query.row || query.last_n || query.max_points || query.expand ||
      (query.limit && *query.limit < 1)) {
    throw Error(Code::kInvalidArgument,
                "channel " + query.channel_id +
                    ": expected limit (1 or more) and cursor with session_id, start, end, order "
                    "and columns only");
  }
  if (query.cursor.empty()) return;
  const std::string_view cursor = query.cursor;
  const auto plus = std::min(cursor.rfind('+'), cursor.size());
  time_ = integer(cursor.substr(0, plus), query.cursor);
  given_ = integer(cursor.substr(std::min(plus + 1, cursor.size())), query.cursor);
  const Timestamp time{std::chrono::microseconds(time_)};
  if (query.descending) {
    query_.end = query.end ? std::min(*query.end, time) : time;
  } else {
    query_.start = query.start ? std::max(*query.start, time) : time;
  }
}

std::string ChannelPage::cut(Batches& rows) const {
  if (given_ > 0) skip(rows, given_);
  if (!query_.limit) return "";
  std::int64_t left = *query_.limit;
  auto batch = rows.begin();
  for (; batch != rows.end() && left >= (*batch)->num_rows(); ++batch) left -= (*batch)->num_rows();
  if (batch == rows.end()) return "";
  if (left > 0) {
    *batch = (*batch)->Slice(0, left);
    ++batch;
  }
  rows.erase(batch, rows.end());
  const std::int64_t last = times_of(*rows.back())[rows.back()->num_rows() - 1];
  std::int64_t same = last == time_ ? given_ : 0;
  for (auto at = rows.rbegin(); at != rows.rend(); ++at) {
    std::int64_t row = (*at)->num_rows();
    for (; row > 0 && times_of(**at)[row - 1] == last; --row) ++same;
    if (row > 0) break;
  }
  return fmt::format("{}+{}", last, same);
}

}  // namespace litmus
