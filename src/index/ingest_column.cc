// SPDX-License-Identifier: Apache-2.0
#include "index/ingest_column.h"

#include <arrow/array/array_base.h>
#include <arrow/array/array_binary.h>
#include <arrow/array/array_dict.h>
#include <arrow/array/array_nested.h>
#include <arrow/array/array_primitive.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <arrow/util/float16.h>

#include <cmath>
#include <utility>

#include "base/json_writer.h"
#include "litmus/time.h"

namespace litmus {
namespace {

template <class ArrayType>
auto value_of(const arrow::Array& array, std::int64_t row) {
  return static_cast<const ArrayType&>(array).Value(row);
}

// Of integer types only.
std::optional<std::int64_t> integer_of(const arrow::Array& array, std::int64_t row) {
  switch (array.type_id()) {
    case arrow::Type::INT8: return value_of<arrow::Int8Array>(array, row);
    case arrow::Type::INT16: return value_of<arrow::Int16Array>(array, row);
    case arrow::Type::INT32: return value_of<arrow::Int32Array>(array, row);
    case arrow::Type::INT64: return value_of<arrow::Int64Array>(array, row);
    case arrow::Type::UINT8: return value_of<arrow::UInt8Array>(array, row);
    case arrow::Type::UINT16: return value_of<arrow::UInt16Array>(array, row);
    case arrow::Type::UINT32: return value_of<arrow::UInt32Array>(array, row);
    case arrow::Type::UINT64:
      return static_cast<std::int64_t>(value_of<arrow::UInt64Array>(array, row));
    default: return std::nullopt;
  }
}

std::optional<std::string_view> text_of(const arrow::Array& array, std::int64_t row) {
  switch (array.type_id()) {
    case arrow::Type::STRING: return static_cast<const arrow::StringArray&>(array).GetView(row);
    case arrow::Type::LARGE_STRING:
      return static_cast<const arrow::LargeStringArray&>(array).GetView(row);
    case arrow::Type::STRING_VIEW:
      return static_cast<const arrow::StringViewArray&>(array).GetView(row);
    default: return std::nullopt;
  }
}

std::int64_t to_us(std::int64_t value, arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND: return value * 1'000'000;
    case arrow::TimeUnit::MILLI: return value * 1'000;
    case arrow::TimeUnit::MICRO: return value;
    case arrow::TimeUnit::NANO: return value / 1'000;
  }
  return value;
}

}  // namespace

IngestColumn::IngestColumn(std::shared_ptr<arrow::Array> array) : array_(std::move(array)) {
  if (array_->type_id() == arrow::Type::DICTIONARY) {
    dictionary_ = static_cast<const arrow::DictionaryArray&>(*array_).dictionary();
  }
  kind_ = kind_of(*values()->type());
}

IngestColumn::Kind IngestColumn::kind_of(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::NA: return Kind::kNone;
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW: return Kind::kText;
    case arrow::Type::BOOL: return Kind::kBool;
    case arrow::Type::INT8:
    case arrow::Type::INT16:
    case arrow::Type::INT32:
    case arrow::Type::INT64:
    case arrow::Type::UINT8:
    case arrow::Type::UINT16:
    case arrow::Type::UINT32:
    case arrow::Type::UINT64:
    case arrow::Type::HALF_FLOAT:
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE: return Kind::kNumber;
    case arrow::Type::TIMESTAMP: return Kind::kTime;
    case arrow::Type::DICTIONARY:
      return kind_of(*static_cast<const arrow::DictionaryType&>(type).value_type());
    default: return Kind::kNested;
  }
}

std::int64_t IngestColumn::value_row(std::int64_t row) const {
  return dictionary_ ? static_cast<const arrow::DictionaryArray&>(*array_).GetValueIndex(row) : row;
}

bool IngestColumn::is_null(std::int64_t row) const {
  return kind_ == Kind::kNone || array_->IsNull(row) ||
         (dictionary_ && dictionary_->IsNull(value_row(row)));
}

std::optional<std::string_view> IngestColumn::text(std::int64_t row) const {
  if (is_null(row)) return std::nullopt;
  if (kind_ == Kind::kText) return text_of(*values(), value_row(row));
  scratch_.clear();
  if (kind_ == Kind::kTime) {
    append_iso8601(scratch_, Timestamp(std::chrono::microseconds(*time_us(row))));
  } else if (const auto whole = integer_of(*values(), value_row(row))) {
    scratch_ = std::to_string(*whole);
  } else {
    JsonWriter json(scratch_);
    write_json(json, row);
  }
  return scratch_;
}

std::optional<double> IngestColumn::number(std::int64_t row) const {
  if (is_null(row)) return std::nullopt;
  const arrow::Array& array = *values();
  const std::int64_t at = value_row(row);
  switch (array.type_id()) {
    case arrow::Type::DOUBLE: return value_of<arrow::DoubleArray>(array, at);
    case arrow::Type::FLOAT: return value_of<arrow::FloatArray>(array, at);
    case arrow::Type::HALF_FLOAT:
      return arrow::util::Float16::FromBits(value_of<arrow::HalfFloatArray>(array, at)).ToDouble();
    case arrow::Type::UINT64: return static_cast<double>(value_of<arrow::UInt64Array>(array, at));
    case arrow::Type::BOOL: return value_of<arrow::BooleanArray>(array, at) ? 1.0 : 0.0;
    default: {
      const auto whole = integer_of(array, at);
      return whole ? std::optional(static_cast<double>(*whole)) : std::nullopt;
    }
  }
}

std::optional<std::int64_t> IngestColumn::integer(std::int64_t row) const {
  if (is_null(row)) return std::nullopt;
  if (const auto whole = integer_of(*values(), value_row(row))) return whole;
  const std::optional<double> number = this->number(row);  // as of integers with gaps in pandas
  if (!number || std::abs(*number) > 9e15 || std::trunc(*number) != *number) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

std::optional<bool> IngestColumn::boolean(std::int64_t row) const {
  if (is_null(row) || kind_ != Kind::kBool) return std::nullopt;
  return value_of<arrow::BooleanArray>(*values(), value_row(row));
}

std::optional<std::int64_t> IngestColumn::time_us(std::int64_t row) const {
  if (is_null(row)) return std::nullopt;
  if (kind_ == Kind::kText) {
    try {
      return parse_iso8601(*text_of(*values(), value_row(row))).time_since_epoch().count();
    } catch (const std::exception&) {
      return std::nullopt;
    }
  }
  if (kind_ != Kind::kTime) return std::nullopt;
  const auto& type = static_cast<const arrow::TimestampType&>(*values()->type());
  return to_us(value_of<arrow::TimestampArray>(*values(), value_row(row)), type.unit());
}

void IngestColumn::write_json(JsonWriter& json, std::int64_t row) const {
  if (is_null(row)) return json.null();
  const std::int64_t at = value_row(row);
  switch (kind_) {
    case Kind::kText: return json.value(*text_of(*values(), at));
    case Kind::kBool: return json.value(*boolean(row));
    case Kind::kNumber: return json.value(*number(row));
    case Kind::kTime: return json.value(Timestamp(std::chrono::microseconds(*time_us(row))));
    default: break;
  }
  if (values()->type_id() == arrow::Type::LIST) {
    const IngestColumn elements(static_cast<const arrow::ListArray&>(*values()).value_slice(at));
    json.begin_array();
    for (std::int64_t i = 0; i < elements.array_->length(); ++i) elements.write_json(json, i);
    return json.end_array();
  }
  const auto scalar = values()->GetScalar(at);
  json.value(scalar.ok() ? (*scalar)->ToString() : std::string());
}

}  // namespace litmus
