// SPDX-License-Identifier: Apache-2.0
#include "report/run_report.h"

#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "litmus/error.h"
#include "model/value_json.h"
#include "results/run_row_reader.h"

namespace litmus {
namespace {

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
  const RunRowReader reader(rows);
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
