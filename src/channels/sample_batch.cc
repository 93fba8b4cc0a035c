// SPDX-License-Identifier: Apache-2.0
#include "channels/sample_batch.h"

#include <arrow/array.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "base/json_writer.h"
#include "results/table_cells.h"
#include "store/arrow_status.h"
#include "store/channel_rows.h"

namespace litmus {
namespace {

constexpr const char* kAction = "put samples together";

void check(const arrow::Status& status) { throw_if_failed(status, kAction); }

std::shared_ptr<arrow::DataType> text_type() {
  return arrow::dictionary(arrow::int32(), arrow::utf8());
}

// Texts that repeat; their dictionary holds those of this batch only.
class TextColumn {
 public:
  void add(std::string_view text, std::int64_t count) {
    const std::int32_t number = number_of(text);
    check(numbers_.Reserve(count));
    for (std::int64_t i = 0; i < count; ++i) numbers_.UnsafeAppend(number);
  }
  // From a column of a segment.
  void add(const arrow::Array& column) {
    const auto& encoded = static_cast<const arrow::DictionaryArray&>(column);
    const auto& texts = static_cast<const arrow::StringArray&>(*encoded.dictionary());
    std::vector<std::int32_t> numbers(static_cast<std::size_t>(texts.length()), -1);
    check(numbers_.Reserve(column.length()));
    for (std::int64_t i = 0; i < column.length(); ++i) {
      if (encoded.IsNull(i)) {
        numbers_.UnsafeAppendNull();
        continue;
      }
      const std::int64_t index = encoded.GetValueIndex(i);
      std::int32_t& number = numbers[static_cast<std::size_t>(index)];
      if (number < 0) number = number_of(texts.GetView(index));
      numbers_.UnsafeAppend(number);
    }
  }
  std::shared_ptr<arrow::Array> finish() {
    known_.clear();
    const auto numbers = value_or_throw(numbers_.Finish(), kAction);
    const auto texts = value_or_throw(texts_.Finish(), kAction);
    return value_or_throw(arrow::DictionaryArray::FromArrays(text_type(), numbers, texts), kAction);
  }

 private:
  std::int32_t number_of(std::string_view text) {
    const auto [at, is_new] =
        known_.try_emplace(std::string(text), static_cast<std::int32_t>(known_.size()));
    if (is_new) check(texts_.Append(text));
    return at->second;
  }

  arrow::Int32Builder numbers_;
  arrow::StringBuilder texts_;
  std::unordered_map<std::string, std::int32_t> known_;
};

std::shared_ptr<arrow::DataType> time_type() {
  return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
}

template <class Builder>
void append_numbers(Builder& builder, const arrow::Array& column) {
  using Number = typename Builder::value_type;
  const auto* numbers = column.data()->template GetValues<Number>(1);
  if (column.null_count() == 0) return check(builder.AppendValues(numbers, column.length()));
  for (std::int64_t i = 0; i < column.length(); ++i) {
    check(column.IsNull(i) ? builder.AppendNull() : builder.Append(numbers[i]));
  }
}

}  // namespace

struct SampleBatch::Columns {
  TextColumn channel_id, units, direction, source_method, session_id, recording;
  arrow::TimestampBuilder timestamp{time_type(), arrow::default_memory_pool()};
  arrow::DoubleBuilder value, sample_interval;
  arrow::BooleanBuilder value_bool;
  arrow::StringBuilder value_text, fields;
  arrow::ListBuilder samples{arrow::default_memory_pool(),
                             std::make_shared<arrow::DoubleBuilder>()};
  arrow::Int64Builder seq;

  // The columns of other kinds have nothing in the rows that were just added.
  void fill_up() {
    for (arrow::ArrayBuilder* builder : std::initializer_list<arrow::ArrayBuilder*>{
             &value, &value_bool, &value_text, &samples, &sample_interval, &fields}) {
      check(builder->AppendNulls(seq.length() - builder->length()));
    }
  }
};

SampleBatch::SampleBatch() : columns_(std::make_unique<Columns>()) {}
SampleBatch::~SampleBatch() = default;

const std::shared_ptr<arrow::Schema>& SampleBatch::schema() {
  static const auto schema = arrow::schema({
      arrow::field("channel_id", text_type()),
      arrow::field("timestamp", time_type()),
      arrow::field("value", arrow::float64()),
      arrow::field("value_bool", arrow::boolean()),
      arrow::field("value_text", arrow::utf8()),
      arrow::field("samples", arrow::list(arrow::float64())),
      arrow::field("sample_interval", arrow::float64()),
      arrow::field("fields", arrow::utf8()),
      arrow::field("units", text_type()),
      arrow::field("direction", text_type()),
      arrow::field("source_method", text_type()),
      arrow::field("session_id", text_type()),
      arrow::field("recording", text_type()),
      arrow::field("seq", arrow::int64()),
  });
  return schema;
}

void SampleBatch::add(const FollowedRows& found) {
  Columns& to = *columns_;
  const arrow::RecordBatch& rows = *found.rows;
  const std::int64_t count = rows.num_rows();
  const ChannelColumns columns(rows.num_columns());
  const arrow::Array& first = *rows.column(ChannelColumns::first_value);
  const std::string& kind = found.header.data_type;
  if (kind == kScalarBool) {
    check(to.value_bool.AppendArraySlice(*first.data(), 0, count));
  } else if (kind == kScalarText) {
    check(to.value_text.AppendArraySlice(*first.data(), 0, count));
  } else if (kind == kWaveform) {
    check(to.samples.AppendArraySlice(*first.data(), 0, count));
    append_numbers(to.sample_interval, *rows.column(ChannelColumns::first_value + 1));
  } else if (kind == kScalar) {
    append_numbers(to.value, first);
  } else {
    const auto table = value_or_throw(arrow::Table::FromRecordBatches({found.rows}), kAction);
    std::vector<std::pair<std::string, CellColumn>> cells;
    for (int i = ChannelColumns::first_value; i < columns.value_end(); ++i) {
      cells.emplace_back(rows.schema()->field(i)->name(), CellColumn(*table, i));
    }
    for (std::int64_t row = 0; row < count; ++row) {
      ValueMap map;
      for (const auto& [name, cell] : cells) map.set(name, cell.value(row));
      std::string json;
      JsonWriter(json).value(map);
      check(to.fields.Append(json));
    }
  }
  append_numbers(to.timestamp, *rows.column(ChannelColumns::timestamp));
  append_numbers(to.seq, *rows.column(columns.seq));
  to.channel_id.add(found.header.channel_id, count);
  to.recording.add(found.recording, count);
  to.units.add(*rows.column(columns.units));
  to.direction.add(*rows.column(columns.direction));
  to.source_method.add(*rows.column(columns.source_method));
  to.session_id.add(*rows.column(columns.session_id));
  to.fill_up();
}

bool SampleBatch::is_empty() const { return columns_->seq.length() == 0; }

std::shared_ptr<arrow::RecordBatch> SampleBatch::finish() {
  Columns& from = *columns_;
  const std::int64_t rows = from.seq.length();
  const auto finished = [](arrow::ArrayBuilder& builder) {
    return value_or_throw(builder.Finish(), kAction);
  };
  return arrow::RecordBatch::Make(
      schema(), rows,
      {from.channel_id.finish(), finished(from.timestamp), finished(from.value),
       finished(from.value_bool), finished(from.value_text), finished(from.samples),
       finished(from.sample_interval), finished(from.fields), from.units.finish(),
       from.direction.finish(), from.source_method.finish(), from.session_id.finish(),
       from.recording.finish(), finished(from.seq)});
}

}  // namespace litmus
