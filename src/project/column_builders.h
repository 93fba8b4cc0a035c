// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "litmus/value.h"
#include "model/run_columns.h"
#include "project/dynamic_columns.h"

namespace arrow {
class Array;
class ArrayBuilder;
class DataType;
}  // namespace arrow

namespace litmus {

std::shared_ptr<arrow::DataType> arrow_type(ColumnType type);
std::shared_ptr<arrow::DataType> arrow_type(DynamicType type);

// Collects one of the columns that every run file has. Costs nearly nothing as long as all is null,
// which most of them are.
class FixedColumnBuilder {
 public:
  // There will be about `rows` rows.
  FixedColumnBuilder(ColumnType type, std::int64_t rows) : type_(type), expected_rows_(rows) {}

  // The same cell in `rows` rows. T is the type of the member of the *Columns structs, or
  // std::string_view for a text.
  template <class T>
  void append(const std::optional<T>& cell, std::int64_t rows = 1);
  void append_nulls(std::int64_t rows);

  std::shared_ptr<arrow::Array> finish();

 private:
  arrow::ArrayBuilder& builder();

  ColumnType type_;
  std::int64_t expected_rows_;
  std::int64_t nulls_ = 0;  // before the first value
  std::shared_ptr<arrow::ArrayBuilder> builder_;
};

// Collects the parallel lists of instruments.
class InstrumentListsBuilder {
 public:
  explicit InstrumentListsBuilder(const std::vector<InstrumentColumns>& instruments);
  ~InstrumentListsBuilder();

  // The instruments at these positions, in each of `rows` rows.
  void append(std::span<const std::uint32_t> positions, std::int64_t rows);
  // In the order of kInstrumentColumns.
  std::vector<std::shared_ptr<arrow::Array>> finish();

 private:
  struct Lists;

  const std::vector<InstrumentColumns>& instruments_;
  std::vector<Lists> lists_;
};

// Collects one dynamic column, in which most rows may be null.
class DynamicColumnBuilder {
 public:
  explicit DynamicColumnBuilder(const DynamicColumn& column);

  // Rows in rising order; those left out are null.
  void set(std::int64_t row, const Value& value);
  std::shared_ptr<arrow::Array> finish(std::int64_t rows);

 private:
  void append(const Value& value);
  std::string_view text_of(const Value& value);

  const DynamicColumn& column_;
  std::shared_ptr<arrow::ArrayBuilder> builder_;
  std::string text_;
};

}  // namespace litmus
