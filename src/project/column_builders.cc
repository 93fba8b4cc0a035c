// SPDX-License-Identifier: Apache-2.0
#include "project/column_builders.h"

#include <arrow/array/array_base.h>
#include <arrow/array/builder_base.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/array/util.h>
#include <arrow/memory_pool.h>
#include <arrow/type.h>

#include <algorithm>
#include <type_traits>

#include "base/json_writer.h"
#include "store/arrow_status.h"

namespace litmus {
namespace {

// Only memory can fail here; the text is made when it does.
void check(const arrow::Status& status) {
  if (!status.ok()) throw_if_failed(status, "build the columns of a run file");
}

std::unique_ptr<arrow::ArrayBuilder> make_builder(const std::shared_ptr<arrow::DataType>& type) {
  return value_or_throw(arrow::MakeBuilder(type), "build the columns of a run file");
}

std::shared_ptr<arrow::Array> finish_builder(arrow::ArrayBuilder& builder) {
  return value_or_throw(builder.Finish(), "build the columns of a run file");
}

template <class T>
struct BuilderOf;
template <>
struct BuilderOf<std::string_view> : std::type_identity<arrow::StringBuilder> {};
template <>
struct BuilderOf<std::string> : std::type_identity<arrow::StringBuilder> {};
template <>
struct BuilderOf<std::int64_t> : std::type_identity<arrow::Int64Builder> {};
template <>
struct BuilderOf<std::int32_t> : std::type_identity<arrow::Int32Builder> {};
template <>
struct BuilderOf<double> : std::type_identity<arrow::DoubleBuilder> {};
template <>
struct BuilderOf<bool> : std::type_identity<arrow::BooleanBuilder> {};
template <>
struct BuilderOf<Timestamp> : std::type_identity<arrow::TimestampBuilder> {};

template <class T>
void append_value(arrow::ArrayBuilder& builder, const T& value) {
  auto& typed = static_cast<BuilderOf<T>::type&>(builder);
  if constexpr (std::is_same_v<T, Timestamp>) {
    check(typed.Append(value.time_since_epoch().count()));
  } else {
    check(typed.Append(value));
  }
}

template <class T>
void append_value(arrow::ArrayBuilder& builder, const std::optional<T>& value) {
  if (value) {
    append_value(builder, *value);
  } else {
    check(builder.AppendNull());
  }
}

std::optional<double> number_of(const Value& value) {
  if (const auto* integer = value.get_if<std::int64_t>()) return static_cast<double>(*integer);
  if (const auto* number = value.get_if<double>()) return *number;
  const auto* text = value.get_if<std::string>();
  return text != nullptr ? non_finite_number(*text) : std::nullopt;
}

}  // namespace

std::shared_ptr<arrow::DataType> arrow_type(ColumnType type) {
  switch (type) {
    case ColumnType::kString: return arrow::utf8();
    case ColumnType::kInt64: return arrow::int64();
    case ColumnType::kInt32: return arrow::int32();
    case ColumnType::kFloat64: return arrow::float64();
    case ColumnType::kTimestamp: return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
    case ColumnType::kBool: return arrow::boolean();
    case ColumnType::kStringList: return arrow::list(arrow::utf8());
    case ColumnType::kBoolList: return arrow::list(arrow::boolean());
  }
  return arrow::utf8();
}

std::shared_ptr<arrow::DataType> arrow_type(DynamicType type) {
  switch (type) {
    case DynamicType::kBool: return arrow::boolean();
    case DynamicType::kNumber: return arrow::float64();
    case DynamicType::kText: return arrow::utf8();
    case DynamicType::kNumberList: return arrow::list(arrow::float64());
    case DynamicType::kTextList: return arrow::list(arrow::utf8());
  }
  return arrow::utf8();
}

arrow::ArrayBuilder& FixedColumnBuilder::builder() {
  if (!builder_) {
    builder_ = make_builder(arrow_type(type_));
    check(builder_->Reserve(std::max(expected_rows_, nulls_)));
    check(builder_->AppendNulls(nulls_));
  }
  return *builder_;
}

template <class T>
void FixedColumnBuilder::append(const std::optional<T>& cell, std::int64_t rows) {
  if (!cell) return append_nulls(rows);
  if (rows == 0) return;
  for (arrow::ArrayBuilder& to = builder(); rows > 0; --rows) append_value(to, *cell);
}

template void FixedColumnBuilder::append(const std::optional<std::string>&, std::int64_t);
template void FixedColumnBuilder::append(const std::optional<std::string_view>&, std::int64_t);
template void FixedColumnBuilder::append(const std::optional<std::int64_t>&, std::int64_t);
template void FixedColumnBuilder::append(const std::optional<std::int32_t>&, std::int64_t);
template void FixedColumnBuilder::append(const std::optional<double>&, std::int64_t);
template void FixedColumnBuilder::append(const std::optional<bool>&, std::int64_t);
template void FixedColumnBuilder::append(const std::optional<Timestamp>&, std::int64_t);

void FixedColumnBuilder::append_nulls(std::int64_t rows) {
  if (builder_) {
    check(builder_->AppendNulls(rows));
  } else {
    nulls_ += rows;
  }
}

std::shared_ptr<arrow::Array> FixedColumnBuilder::finish() {
  if (builder_) return finish_builder(*builder_);
  return value_or_throw(arrow::MakeArrayOfNull(arrow_type(type_), nulls_),
                        "build the columns of a run file");
}

struct InstrumentListsBuilder::Lists {
  std::unique_ptr<arrow::ArrayBuilder> builder;
  arrow::ListBuilder& list() const { return static_cast<arrow::ListBuilder&>(*builder); }
};

InstrumentListsBuilder::InstrumentListsBuilder(const std::vector<InstrumentColumns>& instruments)
    : instruments_(instruments) {
  for (const Column& column : kInstrumentColumns) {
    lists_.push_back({make_builder(arrow_type(column.type))});
  }
}

InstrumentListsBuilder::~InstrumentListsBuilder() = default;

void InstrumentListsBuilder::append(std::span<const std::uint32_t> positions, std::int64_t rows) {
  if (positions.empty()) {
    for (Lists& lists : lists_) check(lists.builder->AppendEmptyValues(rows));
    return;
  }
  for (; rows > 0; --rows) {
    for (Lists& lists : lists_) check(lists.list().Append());
    for (const std::uint32_t position : positions) {
      for_each_column(instruments_[position], [this](const Column& column, const auto& cell) {
        append_value(*lists_[column.index].list().value_builder(), cell);
      });
    }
  }
}

std::vector<std::shared_ptr<arrow::Array>> InstrumentListsBuilder::finish() {
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  arrays.reserve(lists_.size());
  for (Lists& lists : lists_) arrays.push_back(finish_builder(*lists.builder));
  return arrays;
}

DynamicColumnBuilder::DynamicColumnBuilder(const DynamicColumn& column)
    : column_(column), builder_(make_builder(arrow_type(column.type))) {}

void DynamicColumnBuilder::set(std::int64_t row, const Value& value) {
  if (value.is_null()) return;
  check(builder_->AppendNulls(row - builder_->length()));
  append(value);
}

std::shared_ptr<arrow::Array> DynamicColumnBuilder::finish(std::int64_t rows) {
  check(builder_->AppendNulls(rows - builder_->length()));
  return finish_builder(*builder_);
}

void DynamicColumnBuilder::append(const Value& value) {
  switch (column_.type) {
    case DynamicType::kBool: return append_value(*builder_, *value.get_if<bool>());
    case DynamicType::kNumber: return append_value(*builder_, number_of(value));
    case DynamicType::kText: return append_value(*builder_, text_of(value));
    case DynamicType::kNumberList:
    case DynamicType::kTextList: break;
  }
  auto& list = static_cast<arrow::ListBuilder&>(*builder_);
  check(list.Append());
  for (const Value& element : *value.get_if<ValueList>()) {
    if (element.is_null()) {
      check(list.value_builder()->AppendNull());
    } else if (column_.type == DynamicType::kNumberList) {
      append_value(*list.value_builder(), number_of(element));
    } else {
      append_value(*list.value_builder(), text_of(element));
    }
  }
}

std::string_view DynamicColumnBuilder::text_of(const Value& value) {
  const auto* text = value.get_if<std::string>();
  if (text != nullptr && !column_.json) return *text;
  text_.clear();
  JsonWriter(text_).value(value);
  return text_;
}

}  // namespace litmus
