// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/parquet_column.h"

namespace arrow::util {
class Codec;
}

namespace litmus {

// Where and how a column lies in the file: what the footer says about it.
struct ParquetChunk {
  // Numbers of parquet.thrift.
  enum class Encoding : std::int32_t {
    kPlain = 0,
    kRle = 3,
    kDelta = 5,
    kDictionary = 8,
    kByteStreams = 9
  };
  enum class Codec : std::int32_t { kUncompressed = 0, kZstd = 6 };

  Encoding encoding = Encoding::kPlain;
  Codec codec = Codec::kUncompressed;
  std::int64_t levels = 0;
  std::int64_t nulls = 0;
  std::int64_t distinct = 0;  // in the dictionary
  std::int64_t size = 0;      // with headers, before compression
  std::int64_t compressed_size = 0;
  std::int64_t dictionary_at = 0;  // 0: there is none
  std::int64_t data_at = 0;
  std::optional<ParquetRange> range;

  // Appends its ColumnMetaData.
  void describe(ThriftWriter& thrift, const ParquetType& type, std::string_view name) const;
};

// Appends columns to a file, each as one page, preceded by one with a dictionary where values
// repeat (Apache Parquet format, "Data Pages"). Compresses what gains by it.
class ParquetChunkWriter {
 public:
  explicit ParquetChunkWriter(std::string& file);
  ~ParquetChunkWriter();

  ParquetChunk append(const ParquetType& type, const ParquetValues& values);
  // A column that is no list and null in each of so many rows; they all look alike.
  ParquetChunk append_nulls(const ParquetType& type, const arrow::Array& rows);

 private:
  enum class PageType : std::int32_t { kData = 0, kDictionary = 2 };

  void add_levels(const std::vector<std::uint32_t>& levels, std::uint32_t most);
  template <class T>
  std::string add_values(ParquetChunk& chunk, const ParquetType& type,
                         const std::vector<T>& values);
  template <class T>
  void add_distinct(ParquetChunk& chunk, const ParquetType& type, const std::vector<T>& values);
  void add_page(ParquetChunk& chunk, PageType page_type, std::int64_t values, std::string page);
  std::string compressed(const std::string& page);

  std::string& out_;
  std::string page_;                   // the data page that is being filled
  std::optional<ParquetChunk> nulls_;  // the last column of nulls alone
  std::string nulls_page_;
  std::unique_ptr<arrow::util::Codec> zstd_;
};

}  // namespace litmus
