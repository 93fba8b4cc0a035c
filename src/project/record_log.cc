// SPDX-License-Identifier: Apache-2.0
#include "project/record_log.h"

#include <algorithm>
#include <cstring>

#include "litmus/error.h"

namespace litmus {
namespace {

using Size = std::uint32_t;  // before each record

// The first block is small, for most runs are; the last are large enough to make few writes.
constexpr std::size_t kFirstBlock = std::size_t{8} << 10U;
constexpr std::size_t kLargestBlock = std::size_t{256} << 10U;
// Little, so that records which are read out of order cost no more than their own bytes.
constexpr std::size_t kWindow = std::size_t{8} << 10U;

}  // namespace

RecordLog::Position RecordLog::append(std::string_view record) {
  const std::size_t size = sizeof(Size) + record.size();
  if (blocks_.empty() || blocks_.back().bytes.capacity() - blocks_.back().bytes.size() < size) {
    begin_block(size);
  }
  std::string& bytes = blocks_.back().bytes;
  const auto length = static_cast<Size>(record.size());
  bytes.append(reinterpret_cast<const char*>(&length), sizeof(length));
  bytes += record;
  in_memory_ += size;
  const Position position = end_;
  end_ += size;
  return position;
}

void RecordLog::begin_block(std::size_t size) {
  if (in_memory_ >= memory_) move_to_file();
  const std::size_t last = blocks_.empty() ? 0 : blocks_.back().bytes.capacity();
  Block& block = blocks_.emplace_back();
  block.begin = end_;
  block.bytes.reserve(std::max(size, std::clamp(2 * last, kFirstBlock, kLargestBlock)));
}

void RecordLog::move_to_file() {
  if (file_failed_) return;
  try {
    if (!file_) file_ = files_.open_scratch();
    while (!blocks_.empty()) {
      const std::string& bytes = blocks_.front().bytes;
      file_->append({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
      in_memory_ -= bytes.size();
      blocks_.pop_front();
    }
  } catch (const Error&) {
    file_failed_ = true;  // what is in it already stays there
  }
}

std::string_view RecordLog::Reader::read(Position position) {
  Size size = 0;
  std::memcpy(&size, bytes_at(position, sizeof(size)).data(), sizeof(size));
  next_ = position + sizeof(size) + size;
  return bytes_at(position + sizeof(size), size);
}

std::string_view RecordLog::Reader::bytes_at(Position position, std::size_t size) {
  const std::uint64_t in_file = log_.file_ ? log_.file_->size() : 0;
  if (position >= in_file) {
    const auto after = std::ranges::upper_bound(log_.blocks_, position, {}, &Block::begin);
    const Block& block = *std::prev(after);
    return std::string_view(block.bytes).substr(position - block.begin, size);
  }
  if (position < window_begin_ || position + size > window_begin_ + window_.size()) {
    window_.resize(
        std::max<std::size_t>(size, std::min<std::uint64_t>(kWindow, in_file - position)));
    window_begin_ = position;
    log_.file_->read(position, window_);
  }
  const auto* bytes = reinterpret_cast<const char*>(window_.data());
  return {bytes + (position - window_begin_), size};
}

}  // namespace litmus
