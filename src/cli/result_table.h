// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "report/text_table.h"

namespace arrow {
class Table;
}

namespace litmus {

// What a cell of an answer reads as on a terminal.
enum class CellKind {
  kText,
  kShortId,      // the first eight characters
  kOutcome,      // in its colour
  kStepOutcome,  // also of steps that never ran or are running
  kTime,
  kDuration,  // seconds as `1.23 s`
  kCount,
  kSeconds,          // two decimals
  kPercent,          // one decimal
  kShare,            // two decimals
  kRatio,            // three decimals
  kNumber,           // six significant digits
  kPercentInterval,  // `(91.0–96.2)` from {field}_ci_low and {field}_ci_high, decimals as the rate
  kShareInterval,
  kRatioInterval,  // two decimals
  kPeriod,         // the key of a period as people write it
  kRank,           // 1, 2, ...
  kVector,         // `[2]`; nothing for the first
  kConditions,     // a JSON object as `vin=5, mode=fast`
  kInputs,         // the same from the columns in_*
  kMeasured,       // value and units of a row of `measurements`
  kLimits,
};

struct ShownColumn {
  std::string title;
  std::string field = {};  // of the answer; if it has no such column, nothing is shown
  CellKind kind = CellKind::kText;
  std::size_t min_width = 0;  // as in TextTable
  int drop_order = 0;
  bool only_if_varied = false;  // not shown when all rows have the same
};

// An answer of the daemon as a table of chosen columns.
class ResultTable {
 public:
  // `period` is what the rows are grouped by, for kPeriod.
  ResultTable(const std::vector<ShownColumn>& columns, const arrow::Table& rows,
              const Canvas& canvas, std::string_view period = {});
  // Its first row as the last one, called `All`.
  void add_total(const arrow::Table& total);
  std::string text() const;

 private:
  void add_rows(const arrow::Table& rows, bool is_total);

  std::vector<ShownColumn> columns_;
  Canvas canvas_;
  std::string period_;
  TextTable table_;
};

}  // namespace litmus
