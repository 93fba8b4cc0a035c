// SPDX-License-Identifier: Apache-2.0
#include "reader/answer_rows.h"

#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>

#include <map>

#include "model/value_json.h"
#include "results/run_row_reader.h"
#include "results/table_cells.h"
#include "store/arrow_status.h"

namespace litmus {
namespace {

// Fills members of one row from the columns of a table, by name.
class RowFiller {
 public:
  explicit RowFiller(const arrow::Table& table) {
    for (const auto& field : table.schema()->fields()) {
      columns_.emplace(field->name(), CellColumn(table, field->name()));
    }
  }

  void start_row(std::int64_t row) { row_ = row; }

  void fill(std::string& member, const char* name) const {
    member = std::string(column(name).text(row_).value_or(""));
  }
  void fill(std::optional<std::string>& member, const char* name) const {
    if (const auto text = column(name).text(row_)) member = std::string(*text);
  }
  void fill(std::int64_t& member, const char* name) const {
    member = column(name).integer(row_).value_or(0);
  }
  void fill(std::optional<double>& member, const char* name) const {
    member = column(name).number(row_);
  }
  void fill(std::optional<Timestamp>& member, const char* name) const {
    member = column(name).time(row_);
  }
  // A JSON object, or nothing.
  void fill(ValueMap& member, const char* name) const {
    const auto json = column(name).text(row_);
    if (!json) return;
    const Value value = parse_value(*json);
    if (const auto* map = value.get_if<ValueMap>()) member = *map;
  }
  // The first of the columns that holds something.
  void fill(Value& member, std::initializer_list<const char*> names) const {
    for (const char* name : names) {
      if (member.is_null()) member = column(name).value(row_);
    }
  }

 private:
  const CellColumn& column(const char* name) const {
    static const CellColumn kMissing;
    const auto found = columns_.find(name);
    return found == columns_.end() ? kMissing : found->second;
  }

  std::map<std::string, CellColumn, std::less<>> columns_;
  std::int64_t row_ = 0;
};

}  // namespace

std::shared_ptr<arrow::Table> read_all(arrow::RecordBatchReader& answer) {
  return value_or_throw(answer.ToTable(), "read the daemon's answer");
}

std::vector<RunSummary> to_runs(const arrow::Table& rows) {
  std::vector<RunSummary> runs(static_cast<std::size_t>(rows.num_rows()));
  RowFiller filler(rows);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    RunSummary& run = runs[i];
    filler.start_row(static_cast<std::int64_t>(i));
    filler.fill(run.run_id, "run_id");
    filler.fill(run.session_id, "session_id");
    filler.fill(run.slot_id, "slot_id");
    filler.fill(run.started_at, "started_at");
    filler.fill(run.ended_at, "ended_at");
    filler.fill(run.dut_serial, "dut_serial");
    filler.fill(run.dut_part_number, "dut_part_number");
    filler.fill(run.dut_lot_number, "dut_lot_number");
    filler.fill(run.product_id, "product_id");
    filler.fill(run.station_id, "station_id");
    filler.fill(run.station_name, "station_name");
    filler.fill(run.station_type, "station_type");
    filler.fill(run.station_hostname, "station_hostname");
    filler.fill(run.fixture_id, "fixture_id");
    filler.fill(run.test_phase, "test_phase");
    filler.fill(run.operator_id, "operator_id");
    filler.fill(run.project_name, "project_name");
    filler.fill(run.outcome, "outcome");
    filler.fill(run.total_measurements, "num_measurements");
    filler.fill(run.total_steps, "num_steps");
    filler.fill(run.file_path, "file_path");
  }
  return runs;
}

std::vector<StepRow> to_steps(const arrow::Table& rows) {
  std::vector<StepRow> steps(static_cast<std::size_t>(rows.num_rows()));
  RowFiller filler(rows);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    StepRow& step = steps[i];
    filler.start_row(static_cast<std::int64_t>(i));
    filler.fill(step.run_id, "run_id");
    filler.fill(step.session_id, "session_id");
    filler.fill(step.slot_id, "slot_id");
    filler.fill(step.step_path, "step_path");
    filler.fill(step.vector_index, "vector_index");
    filler.fill(step.step_index, "step_index");
    filler.fill(step.step_name, "step_name");
    filler.fill(step.parent_path, "parent_path");
    filler.fill(step.outcome, "outcome");
    filler.fill(step.started_at, "started_at");
    filler.fill(step.ended_at, "ended_at");
    filler.fill(step.duration_s, "duration_s");
    filler.fill(step.measurement_count, "measurement_count");
    filler.fill(step.vector_count, "vector_count");
    filler.fill(step.retry_count, "retry_count");
    filler.fill(step.markers, "markers");
    filler.fill(step.dut_serial, "dut_serial");
    filler.fill(step.station_id, "station_id");
    filler.fill(step.inputs, "inputs");
    filler.fill(step.outputs, "outputs");
    filler.fill(step.description, "description");
    filler.fill(step.error_type, "error_type");
    filler.fill(step.error_message, "error_message");
    filler.fill(step.file_path, "file_path");
  }
  return steps;
}

std::vector<MeasurementRow> to_measurements(const arrow::Table& rows) {
  std::vector<MeasurementRow> measurements(static_cast<std::size_t>(rows.num_rows()));
  RowFiller filler(rows);
  const RunRowReader reader(rows);
  for (std::size_t i = 0; i < measurements.size(); ++i) {
    MeasurementRow& measurement = measurements[i];
    const auto row = static_cast<std::int64_t>(i);
    filler.start_row(row);
    filler.fill(measurement.run_id, "run_id");
    filler.fill(measurement.run_started_at, "run_started_at");
    filler.fill(measurement.run_outcome, "run_outcome");
    filler.fill(measurement.dut_serial, "dut_serial");
    filler.fill(measurement.dut_part_number, "dut_part_number");
    filler.fill(measurement.station_id, "station_id");
    filler.fill(measurement.step_path, "step_path");
    filler.fill(measurement.step_name, "step_name");
    filler.fill(measurement.vector_index, "vector_index");
    filler.fill(measurement.vector_retry, "vector_retry");
    filler.fill(measurement.measurement_name, "measurement_name");
    filler.fill(measurement.measurement_timestamp, "measurement_timestamp");
    filler.fill(measurement.value, {"measurement_text", "measurement_bool", "measurement_value"});
    filler.fill(measurement.units, "measurement_units");
    filler.fill(measurement.outcome, "measurement_outcome");
    filler.fill(measurement.limit_low, "limit_low");
    filler.fill(measurement.limit_high, "limit_high");
    filler.fill(measurement.limit_nominal,
                {"limit_nominal_text", "limit_nominal_bool", "limit_nominal"});
    filler.fill(measurement.limit_comparator, "limit_comparator");
    filler.fill(measurement.characteristic_id, "characteristic_id");
    filler.fill(measurement.spec_ref, "spec_ref");
    filler.fill(measurement.dut_pin, "dut_pin");
    filler.fill(measurement.instrument_name, "instrument_name");
    measurement.inputs = reader.dynamic("in_", row);
    measurement.outputs = reader.dynamic("out_", row);
    measurement.custom = reader.dynamic("custom_", row);
    filler.fill(measurement.file_path, "file_path");
  }
  return measurements;
}

std::vector<ValueMap> to_maps(const arrow::Table& rows) {
  std::vector<ValueMap> maps(static_cast<std::size_t>(rows.num_rows()));
  for (const auto& field : rows.schema()->fields()) {
    const CellColumn column(rows, field->name());
    for (std::size_t i = 0; i < maps.size(); ++i) {
      maps[i].set(field->name(), column.value(static_cast<std::int64_t>(i)));
    }
  }
  return maps;
}

}  // namespace litmus
