// SPDX-License-Identifier: Apache-2.0
#include "results/table_cells.h"

#include <arrow/array.h>
#include <arrow/array/array_decimal.h>
#include <arrow/array/concatenate.h>
#include <arrow/chunked_array.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/decimal.h>
#include <fmt/format.h>

#include <cstdlib>

#include "store/arrow_status.h"

namespace litmus {
namespace {

template <class ArrayType>
const ArrayType& as(const arrow::Array& array) {
  return static_cast<const ArrayType&>(array);
}

std::optional<std::string_view> text_at(const arrow::Array& array, std::int64_t row) {
  switch (array.type_id()) {
    case arrow::Type::STRING: return as<arrow::StringArray>(array).GetView(row);
    case arrow::Type::LARGE_STRING: return as<arrow::LargeStringArray>(array).GetView(row);
    case arrow::Type::STRING_VIEW: return as<arrow::StringViewArray>(array).GetView(row);
    case arrow::Type::DICTIONARY: {
      const auto& encoded = as<arrow::DictionaryArray>(array);
      return text_at(*encoded.dictionary(), encoded.GetValueIndex(row));
    }
    default: return std::nullopt;
  }
}

arrow::Decimal128 decimal_at(const arrow::Array& array, std::int64_t row) {
  const std::uint8_t* const bytes = as<arrow::Decimal128Array>(array).GetValue(row);
  return arrow::Decimal128{bytes};
}

std::int32_t scale_of(const arrow::Array& array) {
  return static_cast<const arrow::Decimal128Type&>(*array.type()).scale();
}

std::optional<std::int64_t> integer_at(const arrow::Array& array, std::int64_t row) {
  switch (array.type_id()) {
    case arrow::Type::INT8: return as<arrow::Int8Array>(array).Value(row);
    case arrow::Type::INT16: return as<arrow::Int16Array>(array).Value(row);
    case arrow::Type::INT32: return as<arrow::Int32Array>(array).Value(row);
    case arrow::Type::INT64: return as<arrow::Int64Array>(array).Value(row);
    case arrow::Type::UINT8: return as<arrow::UInt8Array>(array).Value(row);
    case arrow::Type::UINT16: return as<arrow::UInt16Array>(array).Value(row);
    case arrow::Type::UINT32: return as<arrow::UInt32Array>(array).Value(row);
    case arrow::Type::DECIMAL128: {  // sums of integers come without a fraction
      const auto whole = decimal_at(array, row).ToInteger<std::int64_t>();
      return scale_of(array) == 0 && whole.ok() ? std::optional(*whole) : std::nullopt;
    }
    default: return std::nullopt;
  }
}

std::optional<double> number_at(const arrow::Array& array, std::int64_t row) {
  switch (array.type_id()) {
    case arrow::Type::DOUBLE: return as<arrow::DoubleArray>(array).Value(row);
    case arrow::Type::FLOAT: return as<arrow::FloatArray>(array).Value(row);
    case arrow::Type::DECIMAL128: return decimal_at(array, row).ToDouble(scale_of(array));
    default:
      if (const auto integer = integer_at(array, row)) return static_cast<double>(*integer);
      return std::nullopt;
  }
}

std::optional<Timestamp> time_at(const arrow::Array& array, std::int64_t row) {
  if (array.type_id() != arrow::Type::TIMESTAMP) return std::nullopt;
  const std::int64_t count = as<arrow::TimestampArray>(array).Value(row);
  switch (static_cast<const arrow::TimestampType&>(*array.type()).unit()) {
    case arrow::TimeUnit::SECOND: return Timestamp(std::chrono::seconds(count));
    case arrow::TimeUnit::MILLI: return Timestamp(std::chrono::milliseconds(count));
    case arrow::TimeUnit::MICRO: return Timestamp(std::chrono::microseconds(count));
    case arrow::TimeUnit::NANO:
      return Timestamp(
          std::chrono::floor<std::chrono::microseconds>(std::chrono::nanoseconds(count)));
  }
  return std::nullopt;
}

std::optional<bool> boolean_at(const arrow::Array& array, std::int64_t row) {
  if (array.type_id() != arrow::Type::BOOL) return std::nullopt;
  return as<arrow::BooleanArray>(array).Value(row);
}

Value value_at(const arrow::Array& array, std::int64_t row);

template <class ListType>
Value list_at(const arrow::Array& array, std::int64_t row) {
  const auto& lists = as<ListType>(array);
  ValueList elements;
  for (auto i = lists.value_offset(row); i < lists.value_offset(row + 1); ++i) {
    elements.push_back(value_at(*lists.values(), i));
  }
  return elements;
}

Value map_at(const arrow::Array& array, std::int64_t row) {
  const auto& maps = as<arrow::MapArray>(array);
  ValueMap entries;
  for (auto i = maps.value_offset(row); i < maps.value_offset(row + 1); ++i) {
    const Value key = value_at(*maps.keys(), i);
    const auto* text = key.get_if<std::string>();
    entries.set(text != nullptr
                    ? *text
                    : value_or_throw(maps.keys()->GetScalar(i), "read a map")->ToString(),
                value_at(*maps.items(), i));
  }
  return entries;
}

Value struct_at(const arrow::Array& array, std::int64_t row) {
  const auto& fields = as<arrow::StructArray>(array);
  ValueMap entries;
  for (int i = 0; i < fields.num_fields(); ++i) {
    entries.set(array.type()->field(i)->name(), value_at(*fields.field(i), row));
  }
  return entries;
}

// `1 month 3 days 00:00:17.906832`; what is zero is left out.
std::string interval_at(const arrow::Array& array, std::int64_t row) {
  const auto interval = as<arrow::MonthDayNanoIntervalArray>(array).GetValue(row);
  std::string text;
  const auto add = [&text](std::int64_t count, const char* unit) {
    if (count == 0) return;
    text += fmt::format("{}{} {}{}", text.empty() ? "" : " ", count, unit,
                        count == 1 || count == -1 ? "" : "s");
  };
  add(interval.months / 12, "year");
  add(interval.months % 12, "month");
  add(interval.days, "day");
  if (interval.nanoseconds == 0 && !text.empty()) return text;
  const std::int64_t micros = std::abs(interval.nanoseconds / 1000);
  const std::int64_t seconds = micros / 1'000'000;
  text += fmt::format("{}{}{:02}:{:02}:{:02}", text.empty() ? "" : " ",
                      interval.nanoseconds < 0 ? "-" : "", seconds / 3600, seconds / 60 % 60,
                      seconds % 60);
  if (micros % 1'000'000 != 0) text += fmt::format(".{:06}", micros % 1'000'000);
  return text;
}

// Bytes, as SQL writes them.
std::string bytes_as_text(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    const bool is_plain = byte >= ' ' && byte <= '~' && byte != '\\';
    text += is_plain ? std::string(1, byte)
                     : fmt::format("\\x{:02X}", static_cast<unsigned char>(byte));
  }
  return text;
}

Value value_at(const arrow::Array& array, std::int64_t row) {
  if (array.IsNull(row)) return {};
  if (const auto text = text_at(array, row)) return *text;
  if (const auto boolean = boolean_at(array, row)) return *boolean;
  if (const auto integer = integer_at(array, row)) return *integer;
  if (const auto number = number_at(array, row)) return *number;
  if (const auto time = time_at(array, row)) return to_iso8601(*time);
  switch (array.type_id()) {
    case arrow::Type::LIST: return list_at<arrow::ListArray>(array, row);
    case arrow::Type::LARGE_LIST: return list_at<arrow::LargeListArray>(array, row);
    case arrow::Type::MAP: return map_at(array, row);
    case arrow::Type::STRUCT: return struct_at(array, row);
    case arrow::Type::INTERVAL_MONTH_DAY_NANO: return interval_at(array, row);
    case arrow::Type::BINARY: return bytes_as_text(as<arrow::BinaryArray>(array).GetView(row));
    case arrow::Type::LARGE_BINARY:
      return bytes_as_text(as<arrow::LargeBinaryArray>(array).GetView(row));
    default: break;
  }
  const auto scalar = array.GetScalar(row);
  return scalar.ok() ? Value((*scalar)->ToString()) : Value();
}

}  // namespace

CellColumn::CellColumn(const arrow::Table& table, const std::string& name)
    : CellColumn(table.GetColumnByName(name).get()) {}

CellColumn::CellColumn(const arrow::Table& table, int index)
    : CellColumn(table.column(index).get()) {}

CellColumn::CellColumn(const arrow::ChunkedArray* column) {
  if (column == nullptr || column->length() == 0) return;
  cells_ = column->num_chunks() == 1
               ? column->chunk(0)
               : value_or_throw(arrow::Concatenate(column->chunks()), "read a column");
}

bool CellColumn::filled(std::int64_t row) const {
  return cells_ != nullptr && cells_->IsValid(row);
}

std::optional<std::string_view> CellColumn::text(std::int64_t row) const {
  return filled(row) ? text_at(*cells_, row) : std::nullopt;
}

std::optional<double> CellColumn::number(std::int64_t row) const {
  return filled(row) ? number_at(*cells_, row) : std::nullopt;
}

std::optional<std::int64_t> CellColumn::integer(std::int64_t row) const {
  return filled(row) ? integer_at(*cells_, row) : std::nullopt;
}

std::optional<bool> CellColumn::boolean(std::int64_t row) const {
  return filled(row) ? boolean_at(*cells_, row) : std::nullopt;
}

std::optional<Timestamp> CellColumn::time(std::int64_t row) const {
  return filled(row) ? time_at(*cells_, row) : std::nullopt;
}

Value CellColumn::value(std::int64_t row) const {
  return filled(row) ? value_at(*cells_, row) : Value();
}

}  // namespace litmus
