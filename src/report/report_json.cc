// SPDX-License-Identifier: Apache-2.0
#include "report/report_json.h"

#include "base/json_writer.h"

namespace litmus {
namespace {

class ReportWriter {
 public:
  explicit ReportWriter(std::string& out) : json_(out, 2) {}

  void write(const RunReport& report) {
    const RunColumns& run = report.run;
    json_.begin_object();
    text("run_id", run.run_id);
    text("session_id", run.session_id);
    text("slot_id", run.slot_id);
    any("started_at", run.run_started_at);
    any("ended_at", run.run_ended_at);
    any("outcome", run.run_outcome);
    json_.key("dut");
    json_.begin_object();
    text("serial", run.dut_serial);
    text("part_number", run.dut_part_number);
    text("revision", run.dut_revision);
    text("lot_number", run.dut_lot_number);
    json_.end_object();
    json_.key("product");
    json_.begin_object();
    text("id", run.product_id);
    text("name", run.product_name);
    text("revision", run.product_revision);
    json_.end_object();
    json_.key("station");
    json_.begin_object();
    text("id", run.station_id);
    text("name", run.station_name);
    text("type", run.station_type);
    text("location", run.station_location);
    text("hostname", run.station_hostname);
    json_.end_object();
    text("fixture_id", run.fixture_id);
    text("operator_id", run.operator_id);
    text("operator_name", run.operator_name);
    text("project_name", run.project_name);
    text("test_phase", run.test_phase);
    text("git_commit", run.git_commit);
    text("git_branch", run.git_branch);
    text("git_remote", run.git_remote);
    write(report.counts());
    json_.key("steps");
    json_.begin_array();
    for (const ReportedStep& step : report.steps) write(step);
    json_.end_array();
    json_.key("measurements");
    json_.begin_array();
    for (const ReportedMeasurement& measurement : report.measurements) write(measurement);
    json_.end_array();
    json_.key("instruments");
    json_.begin_array();
    for (const InstrumentColumns& instrument : report.instruments) write(instrument);
    json_.end_array();
    json_.key("environment");
    json_.value(report.environment);
    json_.end_object();
  }

 private:
  void text(const char* key, const std::optional<std::string>& value) {
    json_.key(key);
    json_.value(value.value_or(""));
  }

  template <class T>
  void any(const char* key, const std::optional<T>& value) {
    json_.key(key);
    if (value) {
      json_.value(*value);
    } else {
      json_.null();
    }
  }
  void any(const char* key, const std::optional<std::int32_t>& value) {
    any<std::int64_t>(key, value);
  }

  void map(const char* key, const ValueMap& value) {
    json_.key(key);
    json_.value(value);
  }

  void write(const MeasurementCounts& counts) {
    json_.key("summary");
    json_.begin_object();
    any<std::int64_t>("total", counts.total);
    any<std::int64_t>("passed", counts.passed);
    any<std::int64_t>("failed", counts.failed);
    any<std::int64_t>("skipped", counts.skipped);
    any<std::int64_t>("error", counts.errored);
    any("pass_rate", counts.pass_rate());
    json_.end_object();
  }

  void write(const ReportedStep& row) {
    json_.begin_object();
    text("step_name", row.step.step_name);
    text("step_path", row.step.step_path);
    text("parent_path", row.step.parent_path);
    any("step_index", row.step.step_index);
    any("vector_index", row.step.vector_index);
    any("outcome", row.step.step_outcome);
    any<bool>("never_ran", row.never_ran);
    any("started_at", row.attempt.step_started_at);
    any("ended_at", row.attempt.step_ended_at);
    any("attempts", row.step.step_attempts);
    any<std::int64_t>("num_measurements", row.measurements);
    text("description", row.step.step_description);
    text("file", row.step.step_file);
    text("module", row.step.step_module);
    text("class", row.step.step_class);
    text("function", row.step.step_function);
    text("node_id", row.step.step_node_id);
    map("inputs", row.inputs);
    map("outputs", row.outputs);
    text("error_type", row.step.error_type);
    text("error_message", row.step.error_message);
    text("error_traceback", row.step.error_traceback);
    json_.end_object();
  }

  void write(const ReportedMeasurement& row) {
    const MeasurementColumns& measurement = row.measurement;
    json_.begin_object();
    text("measurement_name", measurement.measurement_name);
    any("measurement_timestamp", measurement.measurement_timestamp);
    any("value", measurement.measurement_value);
    any("value_text", measurement.measurement_text);
    any("value_bool", measurement.measurement_bool);
    text("units", measurement.measurement_units);
    any("outcome", measurement.measurement_outcome);
    any("limit_low", measurement.limit_low);
    any("limit_high", measurement.limit_high);
    any("limit_nominal", measurement.limit_nominal);
    any("limit_nominal_text", measurement.limit_nominal_text);
    any("limit_nominal_bool", measurement.limit_nominal_bool);
    text("limit_comparator", measurement.limit_comparator);
    text("characteristic_id", measurement.characteristic_id);
    text("spec_ref", measurement.spec_ref);
    text("dut_pin", measurement.dut_pin);
    text("fixture_connection", measurement.fixture_connection);
    text("instrument_name", measurement.instrument_name);
    text("instrument_resource", measurement.instrument_resource);
    text("instrument_channel", measurement.instrument_channel);
    map("inputs", row.inputs);
    map("outputs", row.outputs);
    map("custom", row.custom);
    text("step_name", row.step.step_name);
    text("step_path", row.step.step_path);
    any("step_index", row.step.step_index);
    any("vector_index", row.step.vector_index);
    any("vector_retry", row.attempt.vector_retry);
    json_.end_object();
  }

  void write(const InstrumentColumns& instrument) {
    json_.begin_object();
    text("role", instrument.name);
    text("instrument_id", instrument.id);
    text("driver", instrument.driver);
    text("resource", instrument.resource);
    text("protocol", instrument.protocol);
    text("manufacturer", instrument.manufacturer);
    text("model", instrument.model);
    text("serial", instrument.serial);
    text("firmware", instrument.firmware);
    text("cal_due", instrument.cal_due);
    text("cal_last", instrument.cal_last);
    text("cal_certificate", instrument.cal_certificate);
    text("cal_lab", instrument.cal_lab);
    any<bool>("mocked", instrument.mocked);
    json_.end_object();
  }

  JsonWriter json_;
};

}  // namespace

std::string to_json(const RunReport& report) {
  std::string out;
  ReportWriter(out).write(report);
  out += '\n';
  return out;
}

}  // namespace litmus
