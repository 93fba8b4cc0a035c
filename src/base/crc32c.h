// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace litmus {

// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78, initial value and final XOR 0xFFFFFFFF), as
// in RFC 3720. `crc` is the result over the bytes before these: crc32c(b, crc32c(a)) is the value
// of a followed by b.
std::uint32_t crc32c(std::span<const std::uint8_t> bytes, std::uint32_t crc = 0) noexcept;

// Goes on with each of many checksums by the eight bytes of one number, little-endian: a column of
// numbers at once, which is many times as fast as row by row.
void crc32c_each(std::span<std::uint32_t> crcs, const std::uint64_t* numbers) noexcept;

}  // namespace litmus
