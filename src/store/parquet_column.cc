// SPDX-License-Identifier: Apache-2.0
#include "store/parquet_column.h"

#include <arrow/array/array_binary.h>
#include <arrow/array/array_nested.h>
#include <arrow/array/array_primitive.h>
#include <arrow/type.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "store/parquet_encoding.h"
#include "store/thrift_compact.h"

namespace litmus {
namespace {

enum Repetition : std::int32_t { kOptional = 1, kRepeated = 2 };
enum ConvertedType : std::int32_t { kUtf8 = 0, kConvertedList = 3, kTimestampMicros = 10 };
enum LogicalType : int { kString = 1, kLogicalList = 3, kTimestamp = 8 };

template <class ArrayType>
void add_numbers(ParquetValues& values, const arrow::Array& array) {
  const auto& typed = static_cast<const ArrayType&>(array);
  values.numbers.reserve(static_cast<std::size_t>(typed.length()));
  for (std::int64_t i = 0; i < typed.length(); ++i) {
    if (typed.IsNull(i)) continue;
    if constexpr (std::is_same_v<ArrayType, arrow::DoubleArray>) {
      values.numbers.push_back(std::bit_cast<std::int64_t>(typed.Value(i)));
    } else {
      values.numbers.push_back(static_cast<std::int64_t>(typed.Value(i)));
    }
  }
}

void add_values(ParquetValues& values, const arrow::Array& array) {
  switch (array.type_id()) {
    case arrow::Type::BOOL: return add_numbers<arrow::BooleanArray>(values, array);
    case arrow::Type::INT32: return add_numbers<arrow::Int32Array>(values, array);
    case arrow::Type::DOUBLE: return add_numbers<arrow::DoubleArray>(values, array);
    case arrow::Type::TIMESTAMP: return add_numbers<arrow::TimestampArray>(values, array);
    case arrow::Type::STRING: break;
    default: return add_numbers<arrow::Int64Array>(values, array);
  }
  const auto& texts = static_cast<const arrow::StringArray&>(array);
  values.texts.reserve(static_cast<std::size_t>(texts.length()));
  for (std::int64_t i = 0; i < texts.length(); ++i) {
    if (texts.IsNull(i)) continue;
    values.texts.push_back(texts.GetView(i));
    values.text_bytes += values.texts.back().size();
  }
}

// Comparisons by the type's own order; NaN has no place in it.
std::optional<ParquetRange> range_of_doubles(const std::vector<std::int64_t>& numbers) {
  double min = std::numeric_limits<double>::infinity();
  double max = -min;
  bool any = false;
  for (const std::int64_t bits : numbers) {
    const auto value = std::bit_cast<double>(bits);
    if (std::isnan(value)) continue;
    any = true;
    min = std::min(min, value);
    max = std::max(max, value);
  }
  if (!any) return std::nullopt;
  if (min == 0) min = -0.0;  // readers take zeros of both signs for equal
  if (max == 0) max = 0.0;
  ParquetRange range;
  const auto append = [](std::string& out, double value) {
    parquet_encoding::append_plain(out, std::vector{std::bit_cast<std::int64_t>(value)}, 8);
  };
  append(range.min, min);
  append(range.max, max);
  return range;
}

}  // namespace

std::optional<ParquetType> ParquetType::of(const arrow::DataType& type) {
  ParquetType result;
  switch (type.id()) {
    case arrow::Type::BOOL: result.physical = Physical::kBoolean; return result;
    case arrow::Type::INT32: result.physical = Physical::kInt32; return result;
    case arrow::Type::INT64: result.physical = Physical::kInt64; return result;
    case arrow::Type::DOUBLE: result.physical = Physical::kDouble; return result;
    case arrow::Type::STRING: return result;
    case arrow::Type::TIMESTAMP: {
      const auto& timestamp = static_cast<const arrow::TimestampType&>(type);
      if (timestamp.unit() != arrow::TimeUnit::MICRO || timestamp.timezone() != "UTC") break;
      result.physical = Physical::kInt64;
      result.is_timestamp = true;
      return result;
    }
    case arrow::Type::LIST: {
      const auto& values = static_cast<const arrow::ListType&>(type).value_field();
      auto element = of(*values->type());
      if (!element || element->is_list || !values->nullable()) break;
      element->is_list = true;
      return element;
    }
    default: break;
  }
  return std::nullopt;
}

std::size_t ParquetType::describe(ThriftWriter& thrift, std::string_view name) const {
  if (is_list) {
    thrift.begin_struct();
    thrift.i32(3, kOptional);
    thrift.binary(4, name);
    thrift.i32(5, 1);  // children
    thrift.i32(6, kConvertedList);
    thrift.begin_struct(10);
    thrift.begin_struct(kLogicalList);
    thrift.end_struct();
    thrift.end_struct();
    thrift.end_struct();
    thrift.begin_struct();
    thrift.i32(3, kRepeated);
    thrift.binary(4, "list");
    thrift.i32(5, 1);
    thrift.end_struct();
  }
  thrift.begin_struct();
  thrift.i32(1, static_cast<std::int32_t>(physical));
  thrift.i32(3, kOptional);
  thrift.binary(4, is_list ? "element" : name);
  if (physical == Physical::kByteArray || is_timestamp) {
    thrift.i32(6, is_timestamp ? kTimestampMicros : kUtf8);
    thrift.begin_struct(10);
    thrift.begin_struct(is_timestamp ? kTimestamp : kString);
    if (is_timestamp) {
      thrift.boolean(1, true);  // in UTC
      thrift.begin_struct(2);
      thrift.begin_struct(2);  // microseconds
      thrift.end_struct();
      thrift.end_struct();
    }
    thrift.end_struct();
    thrift.end_struct();
  }
  thrift.end_struct();
  return is_list ? 3 : 1;
}

ParquetValues::ParquetValues(const ParquetType& type, const arrow::Array& rows) {
  defined.reserve(static_cast<std::size_t>(rows.length()));
  if (!type.is_list) {
    for (std::int64_t i = 0; i < rows.length(); ++i) defined.push_back(rows.IsValid(i) ? 1 : 0);
    add_values(*this, rows);
    return;
  }
  const auto& lists = static_cast<const arrow::ListArray&>(rows);
  const arrow::Array& elements = *lists.values();
  for (std::int64_t i = 0; i < lists.length(); ++i) {
    const std::int64_t length = lists.IsNull(i) ? 0 : lists.value_length(i);
    for (std::int64_t j = 0; j < length; ++j) {
      repeated.push_back(j == 0 ? 0 : 1);
      defined.push_back(elements.IsValid(lists.value_offset(i) + j) ? 3 : 2);
    }
    if (length > 0) continue;
    repeated.push_back(0);
    defined.push_back(lists.IsNull(i) ? 0 : 1);
  }
  const std::int64_t begin = lists.value_offset(0);
  add_values(*this, *elements.Slice(begin, lists.value_offset(lists.length()) - begin));
}

std::optional<ParquetRange> range_of(const ParquetType& type, const ParquetValues& values) {
  if (values.count() == 0) return std::nullopt;
  if (type.physical == ParquetType::Physical::kByteArray) {
    constexpr std::size_t kLongest = 4096;
    const auto [min, max] = std::ranges::minmax(values.texts);
    if (std::max(min.size(), max.size()) > kLongest) return std::nullopt;
    return ParquetRange{std::string(min), std::string(max)};
  }
  if (type.physical == ParquetType::Physical::kDouble) return range_of_doubles(values.numbers);
  const auto [min, max] = std::ranges::minmax(values.numbers);
  const std::size_t width = type.physical == ParquetType::Physical::kBoolean ? 1
                            : type.physical == ParquetType::Physical::kInt32 ? 4
                                                                             : 8;
  ParquetRange range;
  parquet_encoding::append_plain(range.min, std::vector{min}, width);
  parquet_encoding::append_plain(range.max, std::vector{max}, width);
  return range;
}

}  // namespace litmus
