// SPDX-License-Identifier: Apache-2.0
#include "report/report_fixture.h"

#include <arrow/table.h>

#include "results/run_file_fixture.h"

namespace litmus {
namespace {

const char kRunId[] = "3f2a1b2c-0000-4000-8000-000000000001";

Row with(Row row, const Row& more) {
  for (const auto& [name, value] : more) row.set(name, value);
  return row;
}

Row run() {
  return with(run_row(kRunId, "2026-03-10T14:30:22Z", "SN001"),
              {{"run_ended_at", "2026-03-10T14:30:25.214Z"},
               {"dut_part_number", "PB-100"},
               {"run_outcome", "failed"},
               {"step_instruments_name", ValueList{"dmm", "psu"}},
               {"step_instruments_id", ValueList{"dmm_1", "psu_1"}},
               {"step_instruments_model", ValueList{"34465A", Value()}},
               {"step_instruments_mocked", ValueList{false, true}}});
}

Row step(const std::string& path, const Row& more) {
  const auto slash = path.rfind('/');
  const std::string parent = slash == std::string::npos ? "" : path.substr(0, slash);
  return with(run(),
              with({{"record_type", "step"},
                    {"step_path", path},
                    {"step_name", slash == std::string::npos ? path : path.substr(slash + 1)},
                    {"parent_path", parent},
                    {"vector_index", 0}},
                   more));
}

Row measurement(const std::string& path, const Row& more) {
  return with(step(path, {}), with({{"record_type", "measurement"}, {"vector_retry", 0}}, more));
}

}  // namespace

RunReport example_report() {
  const Row ran{{"step_started_at", "2026-03-10T14:30:23Z"},
                {"step_ended_at", "2026-03-10T14:30:23.120Z"}};
  return make_report(*table_of(
      {run(), step("Rails", with(ran, {{"step_index", 0}, {"step_outcome", "failed"}})),
       step("Rails/voltage", with(ran, {{"step_index", 0},
                                        {"step_outcome", "passed"},
                                        {"in_vin", 5.0},
                                        {"step_file", "tests/test_power.py"},
                                        {"step_function", "test_voltage"}})),
       measurement("Rails/voltage", {{"measurement_name", "output"},
                                     {"measurement_value", 3.3},
                                     {"measurement_units", "V"},
                                     {"measurement_outcome", "passed"},
                                     {"limit_low", 3.135},
                                     {"limit_high", 3.465},
                                     {"limit_nominal", 3.3},
                                     {"limit_comparator", "GELE"},
                                     {"in_vin", 5.0},
                                     {"instrument_name", "dmm"},
                                     {"custom_note", "=1+1"}}),
       step("Rails/voltage", with(ran, {{"step_index", 0},
                                        {"vector_index", 1},
                                        {"step_outcome", "failed"},
                                        {"in_vin", 12.0}})),
       measurement("Rails/voltage", {{"measurement_name", "output"},
                                     {"measurement_value", 3.4650000004},
                                     {"measurement_units", "V"},
                                     {"measurement_outcome", "failed"},
                                     {"limit_low", 3.135},
                                     {"limit_high", 3.465},
                                     {"vector_index", 1},
                                     {"in_vin", 12.0}}),
       step("Rails/ripple", with(ran, {{"step_index", 1},
                                       {"step_outcome", "errored"},
                                       {"error_type", "TimeoutError"},
                                       {"error_message", "dmm: no answer\nafter 2 s"}})),
       step("firmware",
            with(ran, {{"step_index", 1}, {"step_outcome", "passed"}, {"step_attempts", 2}})),
       measurement("firmware", {{"measurement_name", "version"},
                                {"measurement_text", "1.3.9"},
                                {"measurement_outcome", "failed"},
                                {"limit_nominal_text", "1.4.0"},
                                {"limit_comparator", "EQ"}}),
       measurement("firmware", {{"measurement_name", "version"},
                                {"vector_retry", 1},
                                {"measurement_text", "1.4.0"},
                                {"measurement_outcome", "passed"},
                                {"limit_nominal_text", "1.4.0"},
                                {"limit_comparator", "EQ"}}),
       measurement("firmware", {{"measurement_name", "secure, boot"},
                                {"vector_retry", 1},
                                {"measurement_value", 1.0},
                                {"measurement_bool", true},
                                {"measurement_outcome", "done"}}),
       step("radio", with(ran, {{"step_index", 2},
                                {"step_outcome", "skipped"},
                                {"error_message", "no antenna"}})),
       step("burn_in", {{"step_index", 3}})},
      R"({"python_version": "3.11.2", "os_name": "Linux", "os_version": "6.1",
          "platform_machine": "x86_64", "litmus_version": "0.1.0",
          "dependencies": ["numpy==2.0", "pyvisa==1.14"], "lockfile_hash": "0123456789abcdef"})"));
}

}  // namespace litmus
