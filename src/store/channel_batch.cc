// SPDX-License-Identifier: Apache-2.0
#include "store/channel_batch.h"

#include <arrow/array.h>
#include <arrow/array/builder_binary.h>
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "store/arrow_status.h"

namespace litmus {
namespace {

constexpr const char* kAction = "encode samples";

std::shared_ptr<arrow::Buffer> new_buffer(std::int64_t size) {
  return value_or_throw(arrow::AllocateBuffer(size), kAction);
}

std::shared_ptr<arrow::Array> fixed_column(std::shared_ptr<arrow::DataType> type,
                                           std::int64_t count,
                                           std::shared_ptr<arrow::Buffer> values) {
  return arrow::MakeArray(
      arrow::ArrayData::Make(std::move(type), count, {nullptr, std::move(values)}, 0));
}

// Bits of the rows that have a unit; null if all have.
std::shared_ptr<arrow::Buffer> units_validity(const ChannelRows& rows,
                                              std::span<const RowTexts> texts) {
  const auto lacks_units = [&](std::uint8_t number) { return !texts[number].units; };
  if (std::ranges::none_of(rows.texts, lacks_units)) return nullptr;
  auto validity = new_buffer((rows.count + 7) / 8);
  std::uint8_t* to = validity->mutable_data();
  std::memset(to, 0, static_cast<std::size_t>(validity->size()));
  if (rows.texts.size() == 1) return validity;
  for (std::size_t i = 0; i < rows.texts.size(); ++i) {
    if (!lacks_units(rows.texts[i])) to[i / 8] |= static_cast<std::uint8_t>(1U << (i % 8));
  }
  return validity;
}

}  // namespace

std::int8_t ChannelBatchMaker::TextColumn::number_of(std::string_view text) {
  const auto at = std::ranges::find(values, text);
  const auto number = at - values.begin();
  if (at == values.end()) {
    values.emplace_back(text);
    arrow::StringBuilder builder;
    throw_if_failed(builder.AppendValues(values), kAction);
    dictionary = value_or_throw(builder.Finish(), kAction);
  }
  return static_cast<std::int8_t>(number);
}

// The numbers of each of the texts that are used.
std::vector<ChannelBatchMaker::Numbers> ChannelBatchMaker::number_texts(
    const ChannelRows& rows, std::span<const RowTexts> texts) {
  if (!columns_[0].dictionary) {
    columns_[0].dictionary = value_or_throw(arrow::MakeEmptyArray(arrow::utf8()), kAction);
  }
  std::vector<Numbers> numbers(texts.size());
  std::vector<bool> done(texts.size());
  for (const std::uint8_t i : rows.texts) {
    if (done[i]) continue;
    done[i] = true;
    const std::int8_t units =
        texts[i].units ? columns_[0].number_of(*texts[i].units) : std::int8_t{0};
    numbers[i] = {units, columns_[1].number_of(texts[i].direction),
                  columns_[2].number_of(texts[i].source_method),
                  columns_[3].number_of(session_id_)};
  }
  return numbers;
}

std::shared_ptr<arrow::RecordBatch> ChannelBatchMaker::make(const ChannelRows& rows,
                                                            std::span<const RowTexts> texts) {
  const std::int64_t count = rows.count;
  arrow::ArrayVector columns{fixed_column(schema_->field(0)->type(), count, rows.timestamps)};
  columns.insert(columns.end(), rows.values.begin(), rows.values.end());

  const auto numbers = number_texts(rows, texts);
  for (std::size_t column = 0; column < kTextColumns; ++column) {
    const auto indices = new_buffer(count);
    auto* to = reinterpret_cast<std::int8_t*>(indices->mutable_data());
    if (rows.texts.size() == 1) {
      std::memset(to, numbers[rows.texts[0]][column], static_cast<std::size_t>(count));
    } else {
      std::ranges::transform(rows.texts, to, [&](std::uint8_t i) { return numbers[i][column]; });
    }
    const auto validity = column == 0 ? units_validity(rows, texts) : nullptr;
    auto data =
        arrow::ArrayData::Make(schema_->field(static_cast<int>(columns.size()))->type(), count,
                               {validity, indices}, validity ? arrow::kUnknownNullCount : 0);
    data->dictionary = columns_[column].dictionary->data();
    columns.push_back(arrow::MakeArray(data));
  }

  const auto seqs = new_buffer(count * 8);
  auto* seq = reinterpret_cast<std::int64_t*>(seqs->mutable_data());
  std::iota(seq, seq + count, rows.first_seq);
  columns.push_back(fixed_column(arrow::int64(), count, seqs));
  const auto crcs = new_buffer(count * 4);
  columns.push_back(fixed_column(arrow::uint32(), count, crcs));
  auto batch = arrow::RecordBatch::Make(schema_, count, std::move(columns));
  std::ranges::copy(channel_row_crcs(*batch),
                    reinterpret_cast<std::uint32_t*>(crcs->mutable_data()));
  return batch;
}

}  // namespace litmus
