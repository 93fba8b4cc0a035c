// SPDX-License-Identifier: Apache-2.0
#include "report/run_report.h"

#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string_view>
#include <utility>

#include "litmus/error.h"
#include "model/value_json.h"
#include "results/table_cells.h"

namespace litmus {
namespace {

// All columns of the table, ready to fill the generated structs row by row.
class RowReader {
 public:
  explicit RowReader(const arrow::Table& table) {
    for (const Column& column : kColumns) fixed_.emplace_back(table, std::string(column.name));
    for (const Column& column : kInstrumentColumns) {
      instruments_.emplace_back(table, std::string(column.name));
    }
    for (const auto& field : table.schema()->fields()) {
      for (const char* prefix : {"in_", "out_", "custom_"}) {
        if (!field->name().starts_with(prefix)) continue;
        const std::size_t length = std::string_view(prefix).size();
        dynamic_[prefix].emplace_back(field->name().substr(length),
                                      CellColumn(table, field->name()));
      }
    }
  }

  template <class Columns>
  void fill(Columns& columns, std::int64_t row) const {
    for_each_column(columns, [&](const Column& column, auto& member) {
      assign(member, fixed_[column.index], row);
    });
  }

  ValueMap dynamic(const std::string& prefix, std::int64_t row) const {
    ValueMap map;
    const auto columns = dynamic_.find(prefix);
    if (columns == dynamic_.end()) return map;
    for (const auto& [name, column] : columns->second) {
      if (Value value = column.value(row); !value.is_null()) map.set(name, std::move(value));
    }
    return map;
  }

  std::vector<InstrumentColumns> instruments(std::int64_t row) const {
    const Value names = instruments_[0].value(row);
    const auto* list = names.get_if<ValueList>();
    std::vector<InstrumentColumns> found(list == nullptr ? 0 : list->size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      for_each_column(found[i], [&](const Column& column, auto& member) {
        const Value cells = instruments_[column.index].value(row);
        const auto* values = cells.get_if<ValueList>();
        if (values != nullptr && i < values->size()) assign(member, (*values)[i]);
      });
    }
    return found;
  }

  std::string_view record_type(std::int64_t row) const { return fixed_[0].text(row).value_or(""); }

  // Row numbers in the order of row_seq; files without it are taken as they are.
  std::vector<std::int64_t> order(std::int64_t count) const {
    const auto row_seq = std::ranges::find(kColumns, "row_seq", &Column::name);
    std::vector<std::int64_t> rows(static_cast<std::size_t>(count));
    std::iota(rows.begin(), rows.end(), 0);
    std::ranges::stable_sort(rows, {}, [&](std::int64_t row) {
      return fixed_[row_seq->index].integer(row).value_or(row);
    });
    return rows;
  }

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
  static void assign(std::optional<std::string>& member, const Value& value) {
    if (const auto* text = value.get_if<std::string>()) member = *text;
  }
  static void assign(bool& member, const Value& value) {
    if (const auto* boolean = value.get_if<bool>()) member = *boolean;
  }

  std::vector<CellColumn> fixed_;
  std::vector<CellColumn> instruments_;
  std::map<std::string, std::vector<std::pair<std::string, CellColumn>>, std::less<>> dynamic_;
};

Value environment_of(const arrow::Table& rows) {
  const auto metadata = rows.schema()->metadata();
  const int index = metadata ? metadata->FindKey("environment_json") : -1;
  if (index < 0) return {};
  try {
    return parse_value(metadata->value(index));
  } catch (const Error&) {
    return {};  // a foreign file; the run itself is readable
  }
}

void add_new(std::vector<InstrumentColumns>& all, std::vector<InstrumentColumns> more) {
  for (InstrumentColumns& instrument : more) {
    const bool known = std::ranges::any_of(all, [&](const InstrumentColumns& other) {
      return other.name == instrument.name && other.id == instrument.id;
    });
    if (!known) all.push_back(std::move(instrument));
  }
}

using StepKey = std::pair<std::string, std::int64_t>;

StepKey key_of(const StepColumns& step) {
  return {step.step_path.value_or(step.step_name.value_or("")), step.vector_index.value_or(0)};
}

}  // namespace

std::optional<double> MeasurementCounts::pass_rate() const {
  const std::int64_t judged = passed + failed + errored;
  if (judged == 0) return std::nullopt;
  return std::round(1000.0 * static_cast<double>(passed) / static_cast<double>(judged)) / 10;
}

MeasurementCounts RunReport::counts() const {
  MeasurementCounts counts;
  for (const ReportedMeasurement& row : measurements) {
    const auto& outcome = row.measurement.measurement_outcome;
    ++counts.total;
    counts.passed += outcome == "passed" ? 1 : 0;
    counts.failed += outcome == "failed" ? 1 : 0;
    counts.skipped += outcome == "skipped" ? 1 : 0;
    counts.errored += outcome == "errored" ? 1 : 0;
  }
  return counts;
}

void RunReport::keep_last_attempts() {
  std::erase_if(measurements, [](const ReportedMeasurement& row) { return row.superseded(); });
}

RunReport make_report(const arrow::Table& rows) {
  RunReport report;
  if (rows.num_rows() == 0) return report;
  const RowReader reader(rows);
  const auto order = reader.order(rows.num_rows());
  const auto is_run_row = [&](std::int64_t row) { return reader.record_type(row) == "run"; };
  const auto run_row = std::ranges::find_if(order, is_run_row);
  reader.fill(report.run, run_row == order.end() ? order.front() : *run_row);
  struct Vector {
    std::int64_t measurements = 0;
    std::int64_t attempts = 1;
  };
  std::map<StepKey, Vector> vectors;
  const auto count_attempts = [](Vector& vector, std::int64_t attempts) {
    vector.attempts = std::max(vector.attempts, attempts);
  };
  for (const std::int64_t row : order) {
    if (reader.record_type(row) == "step") {
      ReportedStep& step = report.steps.emplace_back();
      reader.fill(step.step, row);
      reader.fill(step.attempt, row);
      step.inputs = reader.dynamic("in_", row);
      step.outputs = reader.dynamic("out_", row);
      step.never_ran = !step.step.step_outcome && !step.attempt.step_started_at;
      count_attempts(vectors[key_of(step.step)], step.step.step_attempts.value_or(1));
    } else if (reader.record_type(row) == "measurement") {
      ReportedMeasurement& measurement = report.measurements.emplace_back();
      reader.fill(measurement.measurement, row);
      reader.fill(measurement.step, row);
      reader.fill(measurement.attempt, row);
      measurement.inputs = reader.dynamic("in_", row);
      measurement.outputs = reader.dynamic("out_", row);
      measurement.custom = reader.dynamic("custom_", row);
      Vector& vector = vectors[key_of(measurement.step)];
      ++vector.measurements;
      count_attempts(vector, measurement.attempt.vector_retry.value_or(0) + 1);
    }
  }
  if (run_row != order.end()) add_new(report.instruments, reader.instruments(*run_row));
  if (report.instruments.empty()) {  // a foreign file, with those that each step used
    for (const std::int64_t row : order) add_new(report.instruments, reader.instruments(row));
  }
  for (ReportedStep& row : report.steps) row.measurements = vectors[key_of(row.step)].measurements;
  for (ReportedMeasurement& row : report.measurements) {
    row.attempts = vectors[key_of(row.step)].attempts;
  }
  report.environment = environment_of(rows);
  return report;
}

}  // namespace litmus
