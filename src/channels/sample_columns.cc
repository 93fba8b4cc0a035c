// SPDX-License-Identifier: Apache-2.0
#include "channels/sample_columns.h"

#include <arrow/array.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/buffer.h>
#include <arrow/builder.h>
#include <arrow/type.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/json_writer.h"
#include "litmus/error.h"
#include "store/arrow_status.h"
#include "store/channel_rows.h"

namespace litmus {
namespace {

constexpr const char* kAction = "make the columns of a sample";

void check(const arrow::Status& status) { throw_if_failed(status, kAction); }

std::optional<double> number_of(const Value& value) {
  if (const auto* integer = value.get_if<std::int64_t>()) return static_cast<double>(*integer);
  if (const auto* number = value.get_if<double>()) return *number;
  return std::nullopt;
}

std::string text_of(const Value& value) {
  if (const auto* text = value.get_if<std::string>()) return *text;
  std::string json;
  JsonWriter(json).value(value);
  return json;
}

// Bits of those that are not zero.
std::shared_ptr<arrow::Buffer> bits(std::size_t count,
                                    const std::function<bool(std::size_t)>& is_set) {
  std::string bytes((count + 7) / 8, '\0');
  for (std::size_t i = 0; i < count; ++i) {
    if (is_set(i)) bytes[i / 8] = static_cast<char>(bytes[i / 8] | (1 << (i % 8)));
  }
  return arrow::Buffer::FromString(std::move(bytes));
}

bool is_list_of_numbers(const Value& value) {
  const auto* list = value.get_if<ValueList>();
  return list != nullptr &&
         std::ranges::all_of(*list, [](const Value& item) { return number_of(item).has_value(); });
}

std::shared_ptr<arrow::DataType> type_of(const Value& value) {
  if (value.is_null() || number_of(value)) return arrow::float64();
  if (value.get_if<bool>() != nullptr) return arrow::boolean();
  if (const auto* list = value.get_if<ValueList>()) {
    if (is_list_of_numbers(value)) return arrow::list(arrow::float64());
    if (std::ranges::all_of(*list, is_list_of_numbers)) {
      return arrow::list(arrow::list(arrow::float64()));
    }
    return arrow::list(arrow::utf8());
  }
  return arrow::utf8();
}

// A value in a column whose type is that of the value.
void append(arrow::ArrayBuilder& builder, const Value& value) {
  if (value.is_null()) return check(builder.AppendNull());
  switch (builder.type()->id()) {
    case arrow::Type::DOUBLE:
      return check(static_cast<arrow::DoubleBuilder&>(builder).Append(*number_of(value)));
    case arrow::Type::BOOL:
      return check(static_cast<arrow::BooleanBuilder&>(builder).Append(*value.get_if<bool>()));
    case arrow::Type::LIST: {
      auto& list = static_cast<arrow::ListBuilder&>(builder);
      check(list.Append());
      for (const Value& item : *value.get_if<ValueList>()) append(*list.value_builder(), item);
      return;
    }
    default: return check(static_cast<arrow::StringBuilder&>(builder).Append(text_of(value)));
  }
}

std::string column_name(const std::string& key) {
  static constexpr std::array<std::string_view, 8> kOurs{
      "timestamp", "units", "direction", "source_method", "session_id", "seq", "crc", ""};
  return std::ranges::find(kOurs, key) == kOurs.end() ? key : "value_" + key;
}

bool fits(const arrow::Schema& schema, const ValueMap& map) {
  const ChannelColumns columns(schema.num_fields());
  if (columns.value_end() - ChannelColumns::first_value != static_cast<int>(map.size()))
    return false;
  return std::ranges::all_of(map, [&](const ValueMap::Entry& entry) {
    const int place = schema.GetFieldIndex(column_name(entry.first));
    return place >= ChannelColumns::first_value && place < columns.value_end() &&
           (entry.second.is_null() || type_of(entry.second)->Equals(schema.field(place)->type()));
  });
}

}  // namespace

std::shared_ptr<arrow::Buffer> buffer_view(const void* data, std::size_t bytes) {
  return std::make_shared<arrow::Buffer>(static_cast<const std::uint8_t*>(data),
                                         static_cast<std::int64_t>(bytes));
}

std::shared_ptr<arrow::Array> number_column(std::string_view data_type,
                                            std::span<const double> values,
                                            std::span<const std::uint8_t> missing) {
  const auto count = static_cast<std::int64_t>(values.size());
  const bool is_bool = data_type == kScalarBool;
  auto content = is_bool ? bits(values.size(), [&](std::size_t i) { return values[i] != 0.0; })
                         : buffer_view(values.data(), values.size_bytes());
  std::shared_ptr<arrow::Buffer> validity;
  if (!missing.empty()) {
    validity = bits(values.size(), [&](std::size_t i) { return missing[i] == 0; });
  }
  return arrow::MakeArray(arrow::ArrayData::Make(is_bool ? arrow::boolean() : arrow::float64(),
                                                 count, {validity, std::move(content)},
                                                 missing.empty() ? 0 : arrow::kUnknownNullCount));
}

SampleColumns text_columns(std::string_view text) {
  arrow::StringBuilder builder;
  check(builder.Append(text));
  return {kScalarText, channel_schema(kScalarText), {value_or_throw(builder.Finish(), kAction)}};
}

SampleColumns waveform_columns(std::span<const double> samples, double interval) {
  const auto count = static_cast<std::int64_t>(samples.size());
  if (count > INT32_MAX) {
    throw Error(Code::kInvalidArgument,
                "waveform: expected at most 2147483647 samples, found " + std::to_string(count));
  }
  const auto values = buffer_view(samples.data(), samples.size_bytes());
  const auto items =
      arrow::MakeArray(arrow::ArrayData::Make(arrow::float64(), count, {nullptr, values}, 0));
  const std::array<std::int32_t, 2> ends{0, static_cast<std::int32_t>(count)};
  const auto offsets = arrow::Buffer::FromString(
      std::string(reinterpret_cast<const char*>(ends.data()), sizeof(ends)));
  const auto& schema = channel_schema(kWaveform);
  arrow::DoubleBuilder interval_column;
  check(interval_column.Append(interval));
  return {kWaveform,
          schema,
          {std::make_shared<arrow::ListArray>(schema->field(ChannelColumns::first_value)->type(), 1,
                                              offsets, items, nullptr, 0),
           value_or_throw(interval_column.Finish(), kAction)}};
}

SampleColumns struct_columns(const ValueMap& map, const std::shared_ptr<arrow::Schema>& current) {
  if (map.empty())
    throw Error(Code::kInvalidArgument, "sample: expected a mapping with keys, found none");
  std::shared_ptr<arrow::Schema> schema = current;
  if (!current || !fits(*current, map)) {
    arrow::FieldVector fields;
    for (const auto& [key, value] : map)
      fields.push_back(arrow::field(column_name(key), type_of(value)));
    schema = channel_schema(fields);
  }
  arrow::ArrayVector values(map.size());
  for (const auto& [key, value] : map) {
    const int place = schema->GetFieldIndex(column_name(key));
    if (place < 0)
      throw Error(Code::kInvalidArgument, "sample: two keys named " + column_name(key));
    const auto builder = value_or_throw(arrow::MakeBuilder(schema->field(place)->type()), kAction);
    append(*builder, value);
    values[static_cast<std::size_t>(place - ChannelColumns::first_value)] =
        value_or_throw(builder->Finish(), kAction);
  }
  return {kStruct, std::move(schema), std::move(values)};
}

std::optional<MappedWaveform> waveform_of(const ValueMap& map) {
  const Value* samples = map.find("samples");
  const bool only_ours = std::ranges::all_of(map, [](const ValueMap::Entry& entry) {
    return entry.first == "samples" || entry.first == "sample_interval" || entry.first == "dt";
  });
  if (samples == nullptr || !is_list_of_numbers(*samples) || !only_ours) return std::nullopt;
  MappedWaveform waveform;
  for (const Value& item : *samples->get_if<ValueList>()) {
    waveform.samples.push_back(*number_of(item));
  }
  for (const char* key : {"dt", "sample_interval"}) {
    const Value* interval = map.find(key);
    if (interval != nullptr) waveform.interval = number_of(*interval).value_or(0.0);
  }
  return waveform;
}

arrow::ArrayVector missing_values(const arrow::Schema& schema, std::int64_t count) {
  const ChannelColumns columns(schema.num_fields());
  arrow::ArrayVector values;
  for (int i = ChannelColumns::first_value; i < columns.value_end(); ++i) {
    values.push_back(
        value_or_throw(arrow::MakeArrayOfNull(schema.field(i)->type(), count), kAction));
  }
  return values;
}

}  // namespace litmus
