// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/type_fwd.h>

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/channel_rows.h"

namespace litmus {

// What the rows of a channel say beside their values.
struct RowTexts {
  std::optional<std::string> units;
  std::string direction;
  std::string source_method;
  friend bool operator==(const RowTexts&, const RowTexts&) = default;
};

// Rows to append to a segment.
struct ChannelRows {
  std::int64_t first_seq = 0;
  std::int64_t count = 0;
  std::shared_ptr<arrow::Buffer> timestamps;  // int64, microseconds since 1970
  arrow::ArrayVector values;                  // the columns of the segment's value
  // Which of the texts each row has; one for all, or one per row.
  std::span<const std::uint8_t> texts;
};

// Makes the batches of a segment. Their texts stand in dictionaries that only grow.
class ChannelBatchMaker {
 public:
  static constexpr std::size_t kMostTexts = 120;  // their numbers are 8 bits in the file

  ChannelBatchMaker(std::shared_ptr<arrow::Schema> schema, std::string session_id)
      : schema_(std::move(schema)), session_id_(std::move(session_id)) {}

  std::shared_ptr<arrow::RecordBatch> make(const ChannelRows& rows,
                                           std::span<const RowTexts> texts);
  const std::shared_ptr<arrow::Array>& dictionary(std::size_t text_column) const {
    return columns_[text_column].dictionary;
  }
  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }

 private:
  using Numbers = std::array<std::int8_t, kTextColumns>;
  struct TextColumn {
    std::vector<std::string> values;
    std::shared_ptr<arrow::Array> dictionary;
    std::int8_t number_of(std::string_view text);
  };
  std::vector<Numbers> number_texts(const ChannelRows& rows, std::span<const RowTexts> texts);

  std::shared_ptr<arrow::Schema> schema_;
  std::string session_id_;
  std::array<TextColumn, kTextColumns> columns_;
};

}  // namespace litmus
