// SPDX-License-Identifier: Apache-2.0
#include "channels/gathered_rows.h"

#include <algorithm>

#include "store/channel_journal.h"

namespace litmus {

void GatheredRows::gather(Bytes journal, std::size_t begin, std::size_t channel_count,
                          const std::function<std::int64_t(std::uint32_t)>& next_seq) {
  share_of_.assign(channel_count, 0);
  shares_.clear();
  std::size_t total = 0;
  // Twice: how many rows each channel has, then the rows.
  JournalScan counting(journal, JournalScan::Trust::kWritten, begin);
  while (const auto record = counting.next()) {
    const auto* rows = std::get_if<JournalRows>(&*record);
    if (rows == nullptr) continue;
    std::size_t& place = share_of_[rows->channel];
    const auto count = static_cast<std::int64_t>(rows->values.size());
    const std::int64_t next = place == 0 ? next_seq(rows->channel)
                                         : shares_[place - 1].first_seq +
                                               static_cast<std::int64_t>(shares_[place - 1].count);
    const std::int64_t known = next - rows->first_seq;
    if (known < 0 || known >= count) continue;
    if (place == 0) {
      shares_.push_back({rows->channel, next, 0, 0, false});
      place = shares_.size();
    }
    Share& share = shares_[place - 1];
    share.count += static_cast<std::size_t>(count - known);
    share.has_missing = share.has_missing || rows->are_missing;
    total += static_cast<std::size_t>(count - known);
  }
  std::size_t end = 0;
  for (Share& share : shares_) {
    share.begin = end;
    end += share.count;
    share.count = 0;
  }
  timestamps_.resize(total);
  values_.resize(total);
  texts_.resize(total);
  missing_.resize(total);
  JournalScan filling(journal, JournalScan::Trust::kWritten, begin);
  while (const auto record = filling.next()) {
    const auto* rows = std::get_if<JournalRows>(&*record);
    if (rows == nullptr || share_of_[rows->channel] == 0) continue;
    Share& share = shares_[share_of_[rows->channel] - 1];
    const std::int64_t known =
        share.first_seq + static_cast<std::int64_t>(share.count) - rows->first_seq;
    const auto count = static_cast<std::int64_t>(rows->values.size());
    if (known < 0 || known >= count) continue;
    const auto skipped = static_cast<std::size_t>(known);
    const auto at = static_cast<std::ptrdiff_t>(share.begin + share.count);
    const auto added = rows->values.size() - skipped;
    std::ranges::copy(rows->timestamps.subspan(skipped), timestamps_.begin() + at);
    std::ranges::copy(rows->values.subspan(skipped), values_.begin() + at);
    std::fill_n(texts_.begin() + at, added, rows->texts);
    std::fill_n(missing_.begin() + at, added, std::uint8_t{rows->are_missing});
    share.count += added;
  }
}

}  // namespace litmus
