// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// Parquet's encodings of values and levels (Apache Parquet format, "Encodings"), as far as run
// files use them. Each appends to a page. Fixed-width values come as 64 bits: integers with their
// sign, doubles as they are in memory.
namespace litmus::parquet_encoding {

unsigned bits_for(std::uint32_t most);

// Runs and packed groups in turn, without length or width before them.
void append_hybrid(std::string& out, std::span<const std::uint32_t> values, unsigned bit_width);

void append_plain(std::string& out, std::span<const std::int64_t> values, std::size_t width);
void append_plain_bits(std::string& out, std::span<const std::int64_t> values);
void append_plain(std::string& out, std::span<const std::string_view> values);
void append_delta(std::string& out, std::span<const std::int64_t> values);
void append_byte_streams(std::string& out, std::span<const std::int64_t> values);

}  // namespace litmus::parquet_encoding
