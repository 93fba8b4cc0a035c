// SPDX-License-Identifier: Apache-2.0
#include "results/read_summary.h"

#include <arrow/table.h>

#include "litmus/error.h"
#include "results/table_cells.h"

namespace litmus {
namespace {

std::optional<std::string> first_text(const arrow::Table& table, const char* name) {
  const CellColumn column(table, name);
  const auto cell = column.text(0);
  return cell ? std::optional<std::string>(*cell) : std::nullopt;
}

}  // namespace

RunSummary read_summary(const RunFileReader& file) {
  // What concerns the run as a whole is the same in every row.
  const auto table =
      file.columns({"record_type", "run_id", "session_id", "slot_id", "run_started_at",
                    "run_ended_at", "dut_serial", "dut_part_number", "dut_lot_number", "product_id",
                    "station_id", "station_name", "station_type", "station_hostname", "fixture_id",
                    "test_phase", "operator_id", "project_name", "run_outcome"});
  const auto text = [&](const char* name) { return first_text(*table, name); };

  RunSummary run;
  run.run_id = text("run_id").value_or("");
  if (run.run_id.empty()) {
    throw Error(Code::kCorrupt, file.path() + ": not a run file: its first row has no run_id");
  }
  run.session_id = text("session_id").value_or("");
  run.slot_id = text("slot_id");
  run.started_at = CellColumn(*table, "run_started_at").time(0);
  run.ended_at = CellColumn(*table, "run_ended_at").time(0);
  run.dut_serial = text("dut_serial");
  run.dut_part_number = text("dut_part_number");
  run.dut_lot_number = text("dut_lot_number");
  run.product_id = text("product_id");
  run.station_id = text("station_id");
  run.station_name = text("station_name");
  run.station_type = text("station_type");
  run.station_hostname = text("station_hostname");
  run.fixture_id = text("fixture_id");
  run.test_phase = text("test_phase");
  run.operator_id = text("operator_id");
  run.project_name = text("project_name");
  run.outcome = text("run_outcome");
  run.file_path = file.path();

  const CellColumn record_type(*table, "record_type");
  for (std::int64_t row = 0; row < table->num_rows(); ++row) {
    const auto type = record_type.text(row);
    run.total_steps += type == "step" ? 1 : 0;
    run.total_measurements += type == "measurement" ? 1 : 0;
  }
  return run;
}

}  // namespace litmus
