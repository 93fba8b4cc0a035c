// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "litmus/time.h"
#include "litmus/value.h"

namespace arrow {
class Array;
class ChunkedArray;
class Table;
}  // namespace arrow

namespace litmus {

// One column of a run file of any version, read cell by cell: where the column is missing, or holds
// another kind of value than asked for, there is nothing. Texts live as long as the column.
class CellColumn {
 public:
  CellColumn() = default;  // a missing column
  CellColumn(const arrow::Table& table, const std::string& name);
  CellColumn(const arrow::Table& table, int index);  // where names may repeat

  std::optional<std::string_view> text(std::int64_t row) const;
  std::optional<double> number(std::int64_t row) const;
  std::optional<std::int64_t> integer(std::int64_t row) const;
  std::optional<bool> boolean(std::int64_t row) const;
  std::optional<Timestamp> time(std::int64_t row) const;
  // Whatever is there: times as ISO 8601 text, lists, maps and structs element by element, other
  // types as text.
  Value value(std::int64_t row) const;

 private:
  explicit CellColumn(const arrow::ChunkedArray* column);
  bool filled(std::int64_t row) const;

  std::shared_ptr<arrow::Array> cells_;  // null: missing
};

}  // namespace litmus
