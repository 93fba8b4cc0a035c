// SPDX-License-Identifier: Apache-2.0
#include "store/parquet_encoding.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "store/thrift_compact.h"

namespace litmus::parquet_encoding {
namespace {

constexpr std::size_t kGroup = 8;  // values that are packed together

void append_little_endian(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> 8 * i);
}

// Least significant bit first, filled up with zeros to a whole number of `group` values.
template <class T>
void append_packed(std::string& out, std::span<const T> values, unsigned bit_width,
                   std::size_t group) {
  const std::size_t bytes = (values.size() + group - 1) / group * group * bit_width / 8;
  const std::size_t end = out.size() + bytes;
  std::uint64_t pending = 0;
  unsigned filled = 0;
  for (const T value : values) {
    auto rest = static_cast<std::uint64_t>(value);
    for (unsigned left = bit_width; left > 0;) {
      const unsigned taken = std::min(left, 8 - filled);
      pending |= (rest & ((1U << taken) - 1)) << filled;
      rest >>= taken;
      left -= taken;
      filled += taken;
      if (filled < 8) continue;
      out += static_cast<char>(pending);
      pending = 0;
      filled = 0;
    }
  }
  if (filled > 0) out += static_cast<char>(pending);
  out.resize(end);
}

}  // namespace

unsigned bits_for(std::uint32_t most) { return static_cast<unsigned>(std::bit_width(most)); }

void append_hybrid(std::string& out, std::span<const std::uint32_t> values, unsigned bit_width) {
  std::size_t packed_from = 0;
  const auto append_groups = [&](std::size_t end) {
    if (packed_from == end) return;
    const auto part = values.subspan(packed_from, end - packed_from);
    append_varint(out, (part.size() + kGroup - 1) / kGroup << 1U | 1U);
    append_packed(out, part, bit_width, kGroup);
  };
  for (std::size_t at = 0; at < values.size();) {
    const auto other = std::find_if(values.begin() + static_cast<std::ptrdiff_t>(at), values.end(),
                                    [&](std::uint32_t value) { return value != values[at]; });
    const auto end = static_cast<std::size_t>(other - values.begin());
    // Groups before a run are filled up from it.
    const std::size_t begin = packed_from + (at - packed_from + kGroup - 1) / kGroup * kGroup;
    const bool rest = begin == at && end == values.size();
    if (rest || begin + kGroup <= end) {
      append_groups(begin);
      append_varint(out, (end - begin) << 1U);
      append_little_endian(out, values[at], (bit_width + 7) / 8);
      packed_from = end;
    }
    at = end;
  }
  append_groups(values.size());
}

void append_plain(std::string& out, std::span<const std::int64_t> values, std::size_t width) {
  for (const std::int64_t value : values) {
    append_little_endian(out, static_cast<std::uint64_t>(value), width);
  }
}

void append_plain_bits(std::string& out, std::span<const std::int64_t> values) {
  append_packed(out, values, 1, kGroup);
}

void append_plain(std::string& out, std::span<const std::string_view> values) {
  for (const std::string_view value : values) {
    append_little_endian(out, value.size(), 4);
    out += value;
  }
}

void append_delta(std::string& out, std::span<const std::int64_t> values) {
  constexpr std::size_t kBlock = 128;
  constexpr std::size_t kMiniblocks = 4;
  constexpr std::size_t kMiniblock = kBlock / kMiniblocks;
  append_varint(out, kBlock);
  append_varint(out, kMiniblocks);
  append_varint(out, values.size());
  append_zigzag(out, values.empty() ? 0 : values.front());
  for (std::size_t at = 1; at < values.size(); at += kBlock) {
    std::array<std::uint64_t, kBlock> deltas{};
    const std::size_t count = std::min(kBlock, values.size() - at);
    auto least = std::numeric_limits<std::int64_t>::max();
    for (std::size_t i = 0; i < count; ++i) {  // differences may wrap around
      deltas[i] = static_cast<std::uint64_t>(values[at + i]) -
                  static_cast<std::uint64_t>(values[at + i - 1]);
      least = std::min(least, static_cast<std::int64_t>(deltas[i]));
    }
    append_zigzag(out, least);
    std::array<unsigned, kMiniblocks> widths{};
    for (std::size_t i = 0; i < count; ++i) {
      deltas[i] -= static_cast<std::uint64_t>(least);
      unsigned& width = widths[i / kMiniblock];
      width = std::max(width, static_cast<unsigned>(std::bit_width(deltas[i])));
    }
    for (const unsigned width : widths) out += static_cast<char>(width);
    for (std::size_t i = 0; i < count; i += kMiniblock) {
      append_packed(out, std::span<const std::uint64_t>(deltas).subspan(i, kMiniblock),
                    widths[i / kMiniblock], kMiniblock);
    }
  }
}

void append_byte_streams(std::string& out, std::span<const std::int64_t> values) {
  for (unsigned byte = 0; byte < 8; ++byte) {
    for (const std::int64_t value : values) {
      out += static_cast<char>(static_cast<std::uint64_t>(value) >> 8 * byte);
    }
  }
}

}  // namespace litmus::parquet_encoding
