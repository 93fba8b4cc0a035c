// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace arrow {
class Array;
class DataType;
}  // namespace arrow

namespace litmus {

class JsonWriter;

// One column of a batch of run rows, of whatever type its writer gave it; a cell reads as the type
// that is asked for where that loses nothing, else as null.
class IngestColumn {
 public:
  enum class Kind { kNone, kText, kNumber, kBool, kTime, kNested };

  IngestColumn() = default;  // all cells null
  explicit IngestColumn(std::shared_ptr<arrow::Array> array);

  static Kind kind_of(const arrow::DataType& type);
  Kind kind() const { return kind_; }

  bool is_null(std::int64_t row) const;
  // Valid until the next call; lists and the like as JSON.
  std::optional<std::string_view> text(std::int64_t row) const;
  std::optional<double> number(std::int64_t row) const;
  std::optional<std::int64_t> integer(std::int64_t row) const;
  std::optional<bool> boolean(std::int64_t row) const;
  std::optional<std::int64_t> time_us(std::int64_t row) const;  // since 1970 UTC
  void write_json(JsonWriter& json, std::int64_t row) const;

 private:
  const arrow::Array* values() const { return dictionary_ ? dictionary_.get() : array_.get(); }
  std::int64_t value_row(std::int64_t row) const;

  std::shared_ptr<arrow::Array> array_;
  std::shared_ptr<arrow::Array> dictionary_;  // of the values, when `array_` points into one
  Kind kind_ = Kind::kNone;
  mutable std::string scratch_;
};

}  // namespace litmus
