// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arrow {
class Array;
class DataType;
}  // namespace arrow

namespace litmus {

class ThriftWriter;

// One column of a run file as Parquet sees it: a value, or a list of values, both nullable.
struct ParquetType {
  // The numbers of the format.
  enum class Physical : std::int32_t {
    kBoolean = 0,
    kInt32 = 1,
    kInt64 = 2,
    kDouble = 5,
    kByteArray = 6
  };
  Physical physical = Physical::kByteArray;
  bool is_list = false;
  bool is_timestamp = false;

  static std::optional<ParquetType> of(const arrow::DataType& type);
  // Appends the column's elements of the schema; returns how many.
  std::size_t describe(ThriftWriter& thrift, std::string_view name) const;

  std::uint32_t most_defined() const { return is_list ? 3 : 1; }
};

// Its rows, taken apart: one level or pair of levels per value, null, or empty list, and the values
// without the nulls.
struct ParquetValues {
  std::vector<std::uint32_t> defined;
  std::vector<std::uint32_t> repeated;  // lists only
  std::vector<std::int64_t> numbers;    // doubles as they are in memory
  std::vector<std::string_view> texts;  // views into the array
  std::size_t text_bytes = 0;

  ParquetValues(const ParquetType& type, const arrow::Array& rows);

  std::size_t count() const { return numbers.size() + texts.size(); }
  std::int64_t nulls() const {
    return static_cast<std::int64_t>(defined.size()) - static_cast<std::int64_t>(count());
  }
};

// The smallest and the largest value in plain encoding, as the statistics of a column hold them.
struct ParquetRange {
  std::string min;
  std::string max;
};
std::optional<ParquetRange> range_of(const ParquetType& type, const ParquetValues& values);

}  // namespace litmus
