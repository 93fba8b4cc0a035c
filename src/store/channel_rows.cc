// SPDX-License-Identifier: Apache-2.0
#include "store/channel_rows.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "base/crc32c.h"
#include "litmus/error.h"

namespace litmus {
namespace {

constexpr std::uint32_t kNullLength = 0xFFFFFFFF;

std::uint32_t add(std::uint32_t crc, std::string_view bytes) {
  return crc32c({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, crc);
}

template <class Number>
std::uint32_t add_number(std::uint32_t crc, Number number) {
  std::array<std::uint8_t, sizeof(number)> bytes;
  std::memcpy(bytes.data(), &number, sizeof(number));
  return crc32c(bytes, crc);
}

std::uint32_t add_text(std::uint32_t crc, std::string_view text) {
  return add(add_number(crc, static_cast<std::uint32_t>(text.size())), text);
}

// One value of any type that a segment may hold.
std::uint32_t add_value(std::uint32_t crc, const arrow::Array& column, std::int64_t row) {
  if (column.IsNull(row)) return add_number(crc, kNullLength);
  switch (column.type_id()) {
    case arrow::Type::DOUBLE:
      return add_number(crc, static_cast<const arrow::DoubleArray&>(column).Value(row));
    case arrow::Type::BOOL:
      return add_number(crc, static_cast<std::uint8_t>(
                                 static_cast<const arrow::BooleanArray&>(column).Value(row)));
    case arrow::Type::STRING:
      return add_text(crc, static_cast<const arrow::StringArray&>(column).GetView(row));
    case arrow::Type::LIST: {
      const auto& list = static_cast<const arrow::ListArray&>(column);
      const std::int64_t begin = list.value_offset(row);
      const std::int64_t length = list.value_length(row);
      crc = add_number(crc, static_cast<std::uint32_t>(length));
      const arrow::Array& items = *list.values();
      if (items.type_id() == arrow::Type::DOUBLE && items.null_count() == 0) {
        const auto* numbers = static_cast<const arrow::DoubleArray&>(items).raw_values() + begin;
        return add(crc, {reinterpret_cast<const char*>(numbers),
                         static_cast<std::size_t>(length) * sizeof(double)});
      }
      for (std::int64_t i = begin; i < begin + length; ++i) crc = add_value(crc, items, i);
      return crc;
    }
    default: return crc;  // is_channel_schema keeps other types out
  }
}

void add_column(std::vector<std::uint32_t>& crcs, const arrow::Array& column) {
  const bool is_long =
      column.type_id() == arrow::Type::INT64 || column.type_id() == arrow::Type::TIMESTAMP;
  if (is_long || (column.type_id() == arrow::Type::DOUBLE && column.null_count() == 0)) {
    crc32c_each(crcs, column.data()->GetValues<std::uint64_t>(1));
    return;
  }
  for (std::size_t i = 0; i < crcs.size(); ++i) {
    crcs[i] = add_value(crcs[i], column, static_cast<std::int64_t>(i));
  }
}

// The texts of a row come first, so that they cost once per change.
class TextCrc {
 public:
  explicit TextCrc(const arrow::RecordBatch& batch) {
    const ChannelColumns columns(batch.num_columns());
    int place = 0;
    for (const int column :
         {columns.session_id, columns.source_method, columns.direction, columns.units}) {
      columns_[static_cast<std::size_t>(place++)] =
          static_cast<const arrow::DictionaryArray*>(batch.column(column).get());
    }
    for (std::size_t i = 0; i < kTextColumns; ++i) {
      indices_[i] = columns_[i]->indices()->data()->GetValues<std::int8_t>(1);
    }
    has_units_nulls_ = columns_[3]->null_count() > 0;
  }

  // Whether all rows have the texts of the first one, as most batches do.
  bool is_uniform(std::int64_t rows) const {
    if (has_units_nulls_ && columns_[3]->null_count() < rows) return false;
    const auto count = static_cast<std::size_t>(rows);
    return std::ranges::all_of(indices_, [count](const std::int8_t* indices) {
      return std::memcmp(indices, indices + 1, count - 1) == 0;
    });
  }

  std::uint32_t of_row(std::int64_t row) {
    std::array<std::int8_t, kTextColumns> key;
    for (std::size_t i = 0; i < kTextColumns; ++i) key[i] = indices_[i][row];
    if (has_units_nulls_ && columns_[3]->IsNull(row)) key[3] = -1;
    if (key != key_) {
      key_ = key;
      crc_ = 0;
      for (std::size_t i = 0; i < kTextColumns; ++i) {
        const auto& dictionary = static_cast<const arrow::StringArray&>(*columns_[i]->dictionary());
        crc_ =
            key[i] < 0 ? add_number(crc_, kNullLength) : add_text(crc_, dictionary.GetView(key[i]));
      }
    }
    return crc_;
  }

 private:
  std::array<const arrow::DictionaryArray*, kTextColumns> columns_{};
  std::array<const std::int8_t*, kTextColumns> indices_{};
  bool has_units_nulls_ = false;
  std::array<std::int8_t, kTextColumns> key_{-2, -2, -2, -2};
  std::uint32_t crc_ = 0;
};

std::shared_ptr<arrow::DataType> text_type() {
  return arrow::dictionary(arrow::int8(), arrow::utf8());
}

bool is_value_type(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::DOUBLE:
    case arrow::Type::BOOL:
    case arrow::Type::STRING: return true;
    case arrow::Type::LIST: return is_value_type(*type.field(0)->type());
    default: return false;
  }
}

}  // namespace

std::shared_ptr<arrow::Schema> channel_schema(
    const std::vector<std::shared_ptr<arrow::Field>>& value_fields) {
  arrow::FieldVector fields{
      arrow::field("timestamp", arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"))};
  fields.insert(fields.end(), value_fields.begin(), value_fields.end());
  for (const char* name : {"units", "direction", "source_method", "session_id"}) {
    fields.push_back(arrow::field(name, text_type()));
  }
  fields.push_back(arrow::field("seq", arrow::int64()));
  fields.push_back(arrow::field("crc", arrow::uint32()));
  return arrow::schema(fields);
}

const std::shared_ptr<arrow::Schema>& channel_schema(std::string_view data_type) {
  static const auto scalar = channel_schema({arrow::field("value", arrow::float64())});
  static const auto boolean = channel_schema({arrow::field("value", arrow::boolean())});
  static const auto text = channel_schema({arrow::field("value", arrow::utf8())});
  static const auto waveform =
      channel_schema({arrow::field("samples", arrow::list(arrow::float64())),
                      arrow::field("sample_interval", arrow::float64())});
  if (data_type == kScalarBool) return boolean;
  if (data_type == kScalarText) return text;
  return data_type == kWaveform ? waveform : scalar;
}

bool is_channel_schema(const arrow::Schema& schema) {
  const int count = schema.num_fields();
  if (count < ChannelColumns::first_value + 1 + kTrailerColumns) return false;
  const ChannelColumns columns(count);
  arrow::FieldVector values;
  for (int i = ChannelColumns::first_value; i < columns.value_end(); ++i) {
    if (!is_value_type(*schema.field(i)->type())) return false;
    values.push_back(schema.field(i));
  }
  return schema.Equals(*channel_schema(values), /*check_metadata=*/false);
}

std::vector<std::uint32_t> channel_row_crcs(const arrow::RecordBatch& batch) {
  const ChannelColumns columns(batch.num_columns());
  const std::int64_t rows = batch.num_rows();
  if (rows == 0) return {};
  TextCrc texts(batch);
  std::vector<std::uint32_t> crcs(static_cast<std::size_t>(rows), texts.of_row(0));
  if (!texts.is_uniform(rows)) {
    for (std::int64_t i = 0; i < rows; ++i) crcs[static_cast<std::size_t>(i)] = texts.of_row(i);
  }
  add_column(crcs, *batch.column(columns.seq));
  add_column(crcs, *batch.column(ChannelColumns::timestamp));
  for (int i = ChannelColumns::first_value; i < columns.value_end(); ++i) {
    add_column(crcs, *batch.column(i));
  }
  return crcs;
}

}  // namespace litmus
