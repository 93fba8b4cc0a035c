// SPDX-License-Identifier: Apache-2.0
#include "report/report_csv.h"

#include <algorithm>
#include <vector>

#include "report/csv_writer.h"

namespace litmus {
namespace {

std::optional<double> as_number(const std::optional<bool>& boolean) {
  return boolean ? std::optional(*boolean ? 1.0 : 0.0) : std::nullopt;
}

void write_cells(CsvWriter& csv, const ReportedMeasurement& row) {
  const MeasurementColumns& measurement = row.measurement;
  csv.text(row.step.step_name);
  csv.text(measurement.measurement_name);
  if (measurement.measurement_text) {
    csv.text(measurement.measurement_text);
  } else {
    csv.number(measurement.measurement_value ? measurement.measurement_value
                                             : as_number(measurement.measurement_bool));
  }
  csv.text(measurement.measurement_units);
  csv.number(measurement.limit_low);
  csv.number(measurement.limit_high);
  if (measurement.limit_nominal_text) {
    csv.text(measurement.limit_nominal_text);
  } else {
    csv.number(measurement.limit_nominal ? measurement.limit_nominal
                                         : as_number(measurement.limit_nominal_bool));
  }
  csv.text(measurement.measurement_outcome);
  csv.text(measurement.characteristic_id);
  csv.text(measurement.dut_pin);
  csv.text(measurement.instrument_name);
}

using Maps = ValueMap ReportedMeasurement::*;

// Names of one kind of dynamic column, in order of first appearance.
std::vector<std::string> names_in(const RunReport& report, Maps kind) {
  std::vector<std::string> names;
  for (const ReportedMeasurement& row : report.measurements) {
    for (const auto& [name, value] : row.*kind) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

struct DynamicColumns {
  const char* prefix;
  Maps kind;
  std::vector<std::string> names;
};

}  // namespace

std::string to_csv(const RunReport& report, const CsvOptions& options) {
  std::vector<DynamicColumns> dynamic;
  if (options.wide) {
    dynamic = {{"in_", &ReportedMeasurement::inputs, {}},
               {"out_", &ReportedMeasurement::outputs, {}},
               {"custom_", &ReportedMeasurement::custom, {}}};
    for (DynamicColumns& columns : dynamic) columns.names = names_in(report, columns.kind);
  }

  CsvWriter csv(options.excel);
  for (const char* name :
       {"step_name", "measurement_name", "value", "units", "limit_low", "limit_high", "nominal",
        "outcome", "characteristic_id", "dut_pin", "instrument_name"}) {
    csv.text(std::string_view(name));
  }
  if (options.wide) {
    for (const char* name :
         {"step_path", "vector_index", "retry", "measurement_timestamp", "limit_comparator"}) {
      csv.text(std::string_view(name));
    }
  }
  for (const DynamicColumns& columns : dynamic) {
    for (const std::string& name : columns.names) {
      csv.text(std::string_view(columns.prefix + name));
    }
  }
  csv.end_row();

  for (const ReportedMeasurement& row : report.measurements) {
    write_cells(csv, row);
    if (options.wide) {
      csv.text(row.step.step_path);
      csv.number(row.step.vector_index);
      csv.number(row.attempt.vector_retry);
      csv.time(row.measurement.measurement_timestamp);
      csv.text(row.measurement.limit_comparator);
    }
    for (const DynamicColumns& columns : dynamic) {
      for (const std::string& name : columns.names) csv.any((row.*columns.kind).find(name));
    }
    csv.end_row();
  }
  return csv.take();
}

}  // namespace litmus
