// SPDX-License-Identifier: Apache-2.0
#include "cli/result_table.h"

#include <arrow/table.h>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "model/value_json.h"
#include "report/measurement_text.h"
#include "report/number_format.h"
#include "results/run_row_reader.h"
#include "results/table_cells.h"

namespace litmus {
namespace {

constexpr std::size_t kShortIdLength = 8;

bool is_interval(CellKind kind) {
  return kind == CellKind::kPercentInterval || kind == CellKind::kShareInterval ||
         kind == CellKind::kRatioInterval;
}

bool is_number(CellKind kind) {
  switch (kind) {
    case CellKind::kDuration:
    case CellKind::kCount:
    case CellKind::kSeconds:
    case CellKind::kPercent:
    case CellKind::kShare:
    case CellKind::kRatio:
    case CellKind::kNumber:
    case CellKind::kRank: return true;
    default: return false;
  }
}

std::string source_of(const ShownColumn& column) {
  return is_interval(column.kind) ? column.field + "_ci_low" : column.field;
}

bool varies(const arrow::Table& rows, const std::string& field) {
  const CellColumn column(rows, field);
  for (std::int64_t row = 1; row < rows.num_rows(); ++row) {
    if (!(column.value(row) == column.value(0))) return true;
  }
  return false;
}

std::vector<ShownColumn> shown_of(const std::vector<ShownColumn>& columns,
                                  const arrow::Table& rows) {
  std::vector<ShownColumn> shown;
  for (const ShownColumn& column : columns) {
    const bool is_computed = column.field.empty();
    if (!is_computed && rows.GetColumnByName(source_of(column)) == nullptr) continue;
    if (column.only_if_varied && !varies(rows, column.field)) continue;
    shown.push_back(column);
  }
  return shown;
}

std::vector<TextTable::Column> text_columns(const std::vector<ShownColumn>& columns) {
  std::vector<TextTable::Column> texts;
  texts.reserve(columns.size());
  for (const ShownColumn& column : columns) {
    texts.push_back({column.title, is_number(column.kind), column.min_width, column.drop_order});
  }
  return texts;
}

// `2026-03-09` as the day, the ISO week or the month that it begins; an hour by its moment.
std::string period_text(const std::string& key, std::string_view period) {
  if (key.size() > 16) return key.substr(0, 10) + " " + key.substr(11, 5);
  if (period == "month") return key.substr(0, 7);
  if (period != "week") return key;
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(parse_iso8601(key + "T00:00:00Z"))
          .time_since_epoch()
          .count();
  return fmt::format("{:%G-W%V}", fmt::gmtime(seconds));
}

std::string conditions_text(std::string_view json) {
  const Value value = parse_value(json);
  const auto* map = value.get_if<ValueMap>();
  return map == nullptr ? "" : text_of(*map);
}

// One row of an answer, ready for any kind of cell.
class RowText {
 public:
  RowText(const arrow::Table& rows, const Canvas& canvas, std::string_view period)
      : rows_(rows), canvas_(canvas), period_(period) {}

  TextTable::Cell cell(const ShownColumn& column, std::int64_t row) {
    switch (column.kind) {
      case CellKind::kShortId:
        return {std::string(cells(column.field).text(row).value_or("")).substr(0, kShortIdLength),
                Style::kBold};
      case CellKind::kOutcome: {
        const std::string outcome(cells(column.field).text(row).value_or(""));
        return {outcome, style_of_outcome(outcome)};
      }
      case CellKind::kStepOutcome: {
        const std::string outcome = step_outcome(row);
        return {outcome, style_of_outcome(outcome)};
      }
      case CellKind::kTime: {
        const auto time = cells(column.field).time(row);
        return {time ? format_time(canvas_, *time) : ""};
      }
      case CellKind::kDuration: {
        const auto seconds = cells(column.field).number(row);
        return {seconds ? format_duration(*seconds) : ""};
      }
      case CellKind::kRank: return {std::to_string(row + 1)};
      case CellKind::kVector: {
        const auto index = cells(column.field).integer(row).value_or(0);
        return {index == 0 ? "" : fmt::format("[{}]", index)};
      }
      case CellKind::kConditions: {
        const auto json = cells(column.field).text(row);
        return {json ? conditions_text(*json) : "", Style::kDim};
      }
      case CellKind::kInputs: return {text_of(reader().dynamic("in_", row)), Style::kDim};
      case CellKind::kPeriod: {
        const auto key = cells(column.field).value(row);
        const auto* text = key.get_if<std::string>();
        return {text == nullptr ? "" : period_text(*text, period_)};
      }
      case CellKind::kPercentInterval: return {interval(column.field, row, 1), Style::kDim};
      case CellKind::kShareInterval:
      case CellKind::kRatioInterval: return {interval(column.field, row, 2), Style::kDim};
      case CellKind::kMeasured:
      case CellKind::kLimits: {
        MeasurementText text = measurement(row);
        return {std::move(column.kind == CellKind::kMeasured ? text.value : text.limits)};
      }
      default: return {plain(column, row)};
    }
  }

 private:
  const CellColumn& cells(const std::string& field) {
    const auto found = columns_.find(field);
    if (found != columns_.end()) return found->second;
    return columns_.emplace(field, CellColumn(rows_, field)).first->second;
  }

  std::string step_outcome(std::int64_t row) {
    if (const auto outcome = cells("outcome").text(row)) return std::string(*outcome);
    const bool is_over = cells("run_ended_at").time(row).has_value();
    if (!cells("started_at").time(row)) return is_over ? "never_ran" : "waiting";
    return is_over ? "unfinished" : "running";
  }

  std::string interval(const std::string& field, std::int64_t row, int decimals) {
    const auto low = cells(field + "_ci_low").number(row);
    const auto high = cells(field + "_ci_high").number(row);
    return low && high ? fmt::format("({:.{}f}–{:.{}f})", *low, decimals, *high, decimals) : "";
  }

  std::string plain(const ShownColumn& column, std::int64_t row) {
    const CellColumn& cell = cells(column.field);
    if (!is_number(column.kind) || column.kind == CellKind::kCount) {
      const Value value = cell.value(row);
      return value.is_null() ? "" : text_of(value);
    }
    const auto number = cell.number(row);
    if (!number) return "—";
    switch (column.kind) {
      case CellKind::kPercent: return fmt::format("{:.1f}", *number);
      case CellKind::kRatio: return fmt::format("{:.3f}", *number);
      case CellKind::kNumber: return fmt::format("{:.6g}", *number);
      default: return fmt::format("{:.2f}", *number);
    }
  }

  MeasurementText measurement(std::int64_t row) {
    MeasurementColumns columns;
    reader().fill(columns, row);
    return text_of(columns);
  }

  const RunRowReader& reader() {
    if (!reader_) reader_.emplace(rows_);
    return *reader_;
  }

  const arrow::Table& rows_;
  const Canvas& canvas_;
  std::string_view period_;
  std::map<std::string, CellColumn> columns_;
  std::optional<RunRowReader> reader_;
};

}  // namespace

ResultTable::ResultTable(const std::vector<ShownColumn>& columns, const arrow::Table& rows,
                         const Canvas& canvas, std::string_view period)
    : columns_(shown_of(columns, rows)),
      canvas_(canvas),
      period_(period),
      table_(text_columns(columns_)) {
  add_rows(rows, false);
}

void ResultTable::add_total(const arrow::Table& total) {
  if (total.num_rows() > 0) add_rows(total, true);
}

void ResultTable::add_rows(const arrow::Table& rows, bool is_total) {
  RowText text(rows, canvas_, period_);
  for (std::int64_t row = 0; row < (is_total ? 1 : rows.num_rows()); ++row) {
    std::vector<TextTable::Cell> cells;
    for (const ShownColumn& column : columns_) {
      const bool is_label = is_total && !is_number(column.kind) && !is_interval(column.kind);
      cells.push_back(is_label ? TextTable::Cell{cells.empty() ? "All" : ""}
                               : text.cell(column, row));
      if (is_total && !is_interval(column.kind)) cells.back().style = Style::kBold;
    }
    table_.add_row(std::move(cells));
  }
}

std::string ResultTable::text() const {
  std::string out;
  table_.append_to(out, canvas_);
  return out;
}

}  // namespace litmus
