// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "litmus/value.h"
#include "model/run_columns.h"
#include "results/table_cells.h"

namespace litmus {

// Rows in the columns of a run file of any version, read into the generated structs; what a table
// lacks stays absent. Keeps the table's cells alive.
class RunRowReader {
 public:
  explicit RunRowReader(const arrow::Table& table);

  // RunColumns, StepColumns, AttemptColumns or MeasurementColumns.
  template <class Columns>
  void fill(Columns& columns, std::int64_t row) const {
    for_each_column(columns, [&](const Column& column, auto& member) {
      assign(member, fixed_[column.index], row);
    });
  }

  // What is there under `in_`, `out_` or `custom_`, by name without that prefix.
  ValueMap dynamic(std::string_view prefix, std::int64_t row) const;
  std::vector<InstrumentColumns> instruments(std::int64_t row) const;
  std::string_view record_type(std::int64_t row) const { return fixed_[0].text(row).value_or(""); }

  // Row numbers in the order of row_seq; files without it are taken as they are.
  std::vector<std::int64_t> order(std::int64_t count) const;

 private:
  static void assign(std::optional<std::string>& member, const CellColumn& column,
                     std::int64_t row) {
    if (const auto text = column.text(row)) member = std::string(*text);
  }
  static void assign(std::optional<double>& member, const CellColumn& column, std::int64_t row) {
    member = column.number(row);
  }
  static void assign(std::optional<std::int64_t>& member, const CellColumn& column,
                     std::int64_t row) {
    member = column.integer(row);
  }
  static void assign(std::optional<std::int32_t>& member, const CellColumn& column,
                     std::int64_t row) {
    if (const auto number = column.integer(row)) member = static_cast<std::int32_t>(*number);
  }
  static void assign(std::optional<bool>& member, const CellColumn& column, std::int64_t row) {
    member = column.boolean(row);
  }
  static void assign(std::optional<Timestamp>& member, const CellColumn& column, std::int64_t row) {
    member = column.time(row);
  }

  std::vector<CellColumn> fixed_;
  std::vector<CellColumn> instruments_;
  std::map<std::string, std::vector<std::pair<std::string, CellColumn>>, std::less<>> dynamic_;
};

}  // namespace litmus
