// SPDX-License-Identifier: Apache-2.0
#include "store/parquet_chunk.h"

#include <arrow/array/array_base.h>
#include <arrow/util/compression.h>
#include <arrow/util/crc32.h>

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "store/arrow_status.h"
#include "store/parquet_encoding.h"
#include "store/thrift_compact.h"

namespace litmus {
namespace {

using Type = ThriftWriter::Type;
using Physical = ParquetType::Physical;
using Encoding = ParquetChunk::Encoding;
using Codec = ParquetChunk::Codec;

// What compressing less than this gains is less than what the compressed page adds.
constexpr std::size_t kWorthCompressing = 512;
const char* const kAction = "compress a column of a run file";

// The distinct values in the order of their first occurrence.
template <class T>
struct Dictionary {
  std::vector<T> values;
  std::vector<std::uint32_t> positions;

  explicit Dictionary(const std::vector<T>& of) {
    constexpr std::size_t kFew = 8;  // are found faster by looking at each
    std::unordered_map<T, std::uint32_t> known;
    positions.reserve(of.size());
    for (const T& value : of) {
      if (!positions.empty() && values[positions.back()] == value) {
        positions.push_back(positions.back());
        continue;
      }
      const auto next = static_cast<std::uint32_t>(values.size());
      std::uint32_t position = next;
      if (next <= kFew) {
        position = static_cast<std::uint32_t>(std::ranges::find(values, value) - values.begin());
      } else {
        if (known.empty()) {
          for (std::uint32_t i = 0; i < next; ++i) known.emplace(values[i], i);
        }
        position = known.emplace(value, next).first->second;
      }
      if (position == next) values.push_back(value);
      positions.push_back(position);
    }
  }
};

void append_plain(std::string& out, const ParquetType&,
                  const std::vector<std::string_view>& values) {
  parquet_encoding::append_plain(out, values);
}
void append_plain(std::string& out, const ParquetType& type,
                  const std::vector<std::int64_t>& values) {
  if (type.physical == Physical::kBoolean) {
    parquet_encoding::append_plain_bits(out, values);
  } else {
    parquet_encoding::append_plain(out, values, type.physical == Physical::kInt32 ? 4 : 8);
  }
}

}  // namespace

ParquetChunkWriter::ParquetChunkWriter(std::string& file) : out_(file) {}

ParquetChunkWriter::~ParquetChunkWriter() = default;

ParquetChunk ParquetChunkWriter::append(const ParquetType& type, const ParquetValues& values) {
  ParquetChunk chunk;
  chunk.levels = static_cast<std::int64_t>(values.defined.size());
  chunk.nulls = values.nulls();
  chunk.range = range_of(type, values);
  const auto begin = static_cast<std::int64_t>(out_.size());
  if (type.is_list) add_levels(values.repeated, 1);
  add_levels(values.defined, type.most_defined());
  std::string dictionary;
  if (type.physical == Physical::kByteArray) {
    dictionary = add_values(chunk, type, values.texts);
  } else {
    dictionary = add_values(chunk, type, values.numbers);
  }
  if (page_.size() + dictionary.size() > kWorthCompressing) chunk.codec = Codec::kZstd;
  if (!dictionary.empty()) {
    chunk.dictionary_at = static_cast<std::int64_t>(out_.size());
    add_page(chunk, PageType::kDictionary, chunk.distinct, std::move(dictionary));
  }
  chunk.data_at = static_cast<std::int64_t>(out_.size());
  add_page(chunk, PageType::kData, chunk.levels, std::exchange(page_, {}));
  chunk.compressed_size = static_cast<std::int64_t>(out_.size()) - begin;
  return chunk;
}

ParquetChunk ParquetChunkWriter::append_nulls(const ParquetType& type, const arrow::Array& rows) {
  const std::size_t begin = out_.size();
  if (!nulls_ || nulls_->nulls != rows.length()) {
    nulls_ = append(type, ParquetValues(type, rows));
    nulls_page_ = out_.substr(begin);
  } else {
    out_ += nulls_page_;
    nulls_->data_at = static_cast<std::int64_t>(begin);
  }
  return *nulls_;
}

void ParquetChunkWriter::add_levels(const std::vector<std::uint32_t>& levels, std::uint32_t most) {
  const std::size_t begin = page_.size();
  page_.resize(begin + 4);
  parquet_encoding::append_hybrid(page_, levels, parquet_encoding::bits_for(most));
  const auto size = static_cast<std::uint32_t>(page_.size() - begin - 4);
  std::memcpy(page_.data() + begin, &size, 4);
}

// The values themselves if most of them differ, else positions in a dictionary; returns the
// dictionary.
template <class T>
std::string ParquetChunkWriter::add_values(ParquetChunk& chunk, const ParquetType& type,
                                           const std::vector<T>& values) {
  const Dictionary<T> dictionary(values);
  const std::size_t distinct = dictionary.values.size();
  if (type.physical == Physical::kBoolean || distinct * 2 > values.size() || values.empty()) {
    add_distinct(chunk, type, values);
    return "";
  }
  chunk.encoding = Encoding::kDictionary;
  chunk.distinct = static_cast<std::int64_t>(distinct);
  const auto most = static_cast<std::uint32_t>(distinct - 1);
  const unsigned width = std::max(parquet_encoding::bits_for(most), 1U);
  page_ += static_cast<char>(width);
  parquet_encoding::append_hybrid(page_, dictionary.positions, width);
  std::string plain;
  append_plain(plain, type, dictionary.values);
  return plain;
}

template <class T>
void ParquetChunkWriter::add_distinct(ParquetChunk& chunk, const ParquetType& type,
                                      const std::vector<T>& values) {
  if constexpr (std::is_same_v<T, std::int64_t>) {
    constexpr std::size_t kFew = 4;
    if (type.physical == Physical::kInt64 && values.size() > kFew) {
      chunk.encoding = Encoding::kDelta;
      return parquet_encoding::append_delta(page_, values);
    }
    // Does nothing by itself, but compresses better.
    if (type.physical == Physical::kDouble && values.size() * 8 > kWorthCompressing) {
      chunk.encoding = Encoding::kByteStreams;
      return parquet_encoding::append_byte_streams(page_, values);
    }
  }
  append_plain(page_, type, values);
}

void ParquetChunkWriter::add_page(ParquetChunk& chunk, PageType page_type, std::int64_t values,
                                  std::string page) {
  const auto size = static_cast<std::int32_t>(page.size());
  if (chunk.codec == Codec::kZstd) page = compressed(page);
  const std::size_t begin = out_.size();
  ThriftWriter thrift(out_);
  thrift.begin_struct();  // PageHeader
  thrift.i32(1, static_cast<std::int32_t>(page_type));
  thrift.i32(2, size);
  thrift.i32(3, static_cast<std::int32_t>(page.size()));
  thrift.i32(4, static_cast<std::int32_t>(arrow::internal::crc32(0, page.data(), page.size())));
  thrift.begin_struct(page_type == PageType::kData ? 5 : 7);
  thrift.i32(1, static_cast<std::int32_t>(values));
  if (page_type == PageType::kData) {
    thrift.i32(2, static_cast<std::int32_t>(chunk.encoding));
    thrift.i32(3, static_cast<std::int32_t>(Encoding::kRle));
    thrift.i32(4, static_cast<std::int32_t>(Encoding::kRle));
  } else {
    thrift.i32(2, static_cast<std::int32_t>(Encoding::kPlain));
  }
  thrift.end_struct();
  thrift.end_struct();
  chunk.size += static_cast<std::int64_t>(out_.size() - begin) + size;
  out_ += page;
}

std::string ParquetChunkWriter::compressed(const std::string& page) {
  if (!zstd_) {
    zstd_ = value_or_throw(arrow::util::Codec::Create(arrow::Compression::ZSTD), kAction);
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(page.data());
  const auto size = static_cast<std::int64_t>(page.size());
  std::string result(static_cast<std::size_t>(zstd_->MaxCompressedLen(size, bytes)), '\0');
  result.resize(static_cast<std::size_t>(
      value_or_throw(zstd_->Compress(size, bytes, static_cast<std::int64_t>(result.size()),
                                     reinterpret_cast<std::uint8_t*>(result.data())),
                     kAction)));
  return result;
}

void ParquetChunk::describe(ThriftWriter& thrift, const ParquetType& type,
                            std::string_view name) const {
  const bool dictionary = dictionary_at > 0;
  thrift.i32(1, static_cast<std::int32_t>(type.physical));
  thrift.list(2, Type::kI32, dictionary ? 3 : 2);
  thrift.element(static_cast<std::int32_t>(Encoding::kRle));
  thrift.element(static_cast<std::int32_t>(encoding));
  if (dictionary) thrift.element(static_cast<std::int32_t>(Encoding::kPlain));
  thrift.list(3, Type::kBinary, type.is_list ? 3 : 1);
  thrift.element(name);
  if (type.is_list) thrift.element("list");
  if (type.is_list) thrift.element("element");
  thrift.i32(4, static_cast<std::int32_t>(codec));
  thrift.i64(5, levels);
  thrift.i64(6, size);
  thrift.i64(7, compressed_size);
  thrift.i64(9, data_at);
  if (dictionary) thrift.i64(11, dictionary_at);
  thrift.begin_struct(12);  // Statistics
  thrift.i64(3, nulls);
  if (range) {
    thrift.binary(5, range->max);
    thrift.binary(6, range->min);
  }
  thrift.end_struct();
}

}  // namespace litmus
