// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "store/thrift_reader.h"

// Undoes parquet_encoding.h: each appends so many values that stand next in a page. Error:
// UnfamiliarBytes where they do not.
namespace litmus::parquet_decoding {

void read_hybrid(ByteReader& page, unsigned bit_width, std::size_t count,
                 std::vector<std::uint32_t>& out);
void read_plain(ByteReader& page, std::size_t width, std::size_t count,
                std::vector<std::int64_t>& out);
void read_plain_bits(ByteReader& page, std::size_t count, std::vector<std::int64_t>& out);
// Views into the page.
void read_plain(ByteReader& page, std::size_t count, std::vector<std::string_view>& out);
void read_delta(ByteReader& page, std::size_t count, std::vector<std::int64_t>& out);
void read_byte_streams(ByteReader& page, std::size_t count, std::vector<std::int64_t>& out);

}  // namespace litmus::parquet_decoding
