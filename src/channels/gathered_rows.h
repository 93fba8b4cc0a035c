// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/file_system.h"

namespace litmus {

// The rows of a part of a journal, put together by channel. All channels share its memory, which is
// that of the largest part: what one channel of a thousand needs at most, each would keep.
class GatheredRows {
 public:
  // Rows of one channel that follow each other.
  struct Share {
    std::uint32_t channel = 0;
    std::int64_t first_seq = 0;
    std::size_t begin = 0;  // in the columns below
    std::size_t count = 0;
    bool has_missing = false;
  };

  // `next_seq` says which row of a channel is the next one to write: those before are written
  // already, and what does not follow comes behind a failure.
  void gather(Bytes journal, std::size_t begin, std::size_t channel_count,
              const std::function<std::int64_t(std::uint32_t channel)>& next_seq);

  const std::vector<Share>& shares() const { return shares_; }
  std::span<const std::int64_t> timestamps(std::size_t begin, std::size_t count) const {
    return std::span(timestamps_).subspan(begin, count);
  }
  std::span<const double> values(std::size_t begin, std::size_t count) const {
    return std::span(values_).subspan(begin, count);
  }
  std::span<const std::uint8_t> texts(std::size_t begin, std::size_t count) const {
    return std::span(texts_).subspan(begin, count);
  }
  std::span<const std::uint8_t> missing(std::size_t begin, std::size_t count) const {
    return std::span(missing_).subspan(begin, count);
  }

 private:
  std::vector<std::size_t> share_of_;  // by channel; 0: none, else one more than the place
  std::vector<Share> shares_;
  std::vector<std::int64_t> timestamps_;
  std::vector<double> values_;
  std::vector<std::uint8_t> texts_;    // numbers
  std::vector<std::uint8_t> missing_;  // 1: a gap row
};

}  // namespace litmus
