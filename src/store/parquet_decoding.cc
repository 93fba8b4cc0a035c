// SPDX-License-Identifier: Apache-2.0
#include "store/parquet_decoding.h"

#include <algorithm>
#include <array>

namespace litmus::parquet_decoding {
namespace {

constexpr std::size_t kGroup = 8;  // values that are packed together

// Calls `use` with each of so many values, least significant bit first.
template <class Use>
void unpack(Bytes bytes, unsigned bit_width, std::size_t count, Use use) {
  std::size_t at = 0;  // in bits
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t value = 0;
    for (unsigned got = 0; got < bit_width;) {
      const unsigned offset = at % 8;
      const unsigned taken = std::min(bit_width - got, 8 - offset);
      const std::uint64_t bits = bytes[at / 8] >> offset & ((1U << taken) - 1);
      value |= bits << got;
      got += taken;
      at += taken;
    }
    use(value);
  }
}

std::int64_t sign_extended(std::uint64_t value, std::size_t width) {
  return width == 4 ? static_cast<std::int32_t>(value) : static_cast<std::int64_t>(value);
}

}  // namespace

void read_hybrid(ByteReader& page, unsigned bit_width, std::size_t count,
                 std::vector<std::uint32_t>& out) {
  if (bit_width > 32) throw UnfamiliarBytes();
  while (count > 0) {
    const std::uint64_t head = page.varint();
    if ((head & 1U) == 0) {
      const std::uint64_t run = head >> 1U;
      if (run == 0 || run > count) throw UnfamiliarBytes();
      out.insert(out.end(), run,
                 static_cast<std::uint32_t>(page.little_endian((bit_width + 7) / 8)));
      count -= run;
      continue;
    }
    const std::uint64_t groups = head >> 1U;
    if (groups == 0 || groups > (count + kGroup - 1) / kGroup) throw UnfamiliarBytes();
    const std::size_t values = std::min<std::size_t>(groups * kGroup, count);
    unpack(page.take(groups * bit_width), bit_width, values,
           [&](std::uint64_t value) { out.push_back(static_cast<std::uint32_t>(value)); });
    count -= values;
  }
}

void read_plain(ByteReader& page, std::size_t width, std::size_t count,
                std::vector<std::int64_t>& out) {
  if (count > page.left() / width) throw UnfamiliarBytes();
  out.reserve(out.size() + count);
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(sign_extended(page.little_endian(width), width));
  }
}

void read_plain_bits(ByteReader& page, std::size_t count, std::vector<std::int64_t>& out) {
  unpack(page.take((count + 7) / 8), 1, count,
         [&](std::uint64_t value) { out.push_back(static_cast<std::int64_t>(value)); });
}

void read_plain(ByteReader& page, std::size_t count, std::vector<std::string_view>& out) {
  if (count > page.left() / 4) throw UnfamiliarBytes();
  out.reserve(out.size() + count);
  for (std::size_t i = 0; i < count; ++i) {
    const Bytes text = page.take(page.little_endian(4));
    out.emplace_back(reinterpret_cast<const char*>(text.data()), text.size());
  }
}

void read_delta(ByteReader& page, std::size_t count, std::vector<std::int64_t>& out) {
  constexpr std::size_t kBlock = 128;
  constexpr std::size_t kMiniblocks = 4;
  constexpr std::size_t kMiniblock = kBlock / kMiniblocks;
  if (page.varint() != kBlock || page.varint() != kMiniblocks || page.varint() != count) {
    throw UnfamiliarBytes();
  }
  auto value = static_cast<std::uint64_t>(page.zigzag());
  if (count == 0) return;
  out.push_back(static_cast<std::int64_t>(value));
  for (std::size_t left = count - 1; left > 0;) {
    const auto least = static_cast<std::uint64_t>(page.zigzag());
    std::array<unsigned, kMiniblocks> widths{};
    for (unsigned& width : widths) width = page.byte();
    for (const unsigned width : widths) {
      if (width > 64) throw UnfamiliarBytes();
      const std::size_t values = std::min(left, kMiniblock);
      if (values == 0) break;
      unpack(page.take(width * kMiniblock / 8), width, values, [&](std::uint64_t delta) {
        value += least + delta;  // differences may wrap around
        out.push_back(static_cast<std::int64_t>(value));
      });
      left -= values;
    }
  }
}

void read_byte_streams(ByteReader& page, std::size_t count, std::vector<std::int64_t>& out) {
  if (count > page.left() / 8) throw UnfamiliarBytes();
  const Bytes bytes = page.take(count * 8);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t value = 0;
    for (std::size_t byte = 0; byte < 8; ++byte) {
      value |= std::uint64_t{bytes[byte * count + i]} << 8 * byte;
    }
    out.push_back(static_cast<std::int64_t>(value));
  }
}

}  // namespace litmus::parquet_decoding
