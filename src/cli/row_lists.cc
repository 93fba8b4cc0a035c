// SPDX-License-Identifier: Apache-2.0
#include <arrow/table.h>
#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/daemon_query.h"
#include "cli/json_rows.h"
#include "cli/query_options.h"
#include "cli/result_table.h"
#include "reader/query_parameters.h"

namespace litmus {
namespace {

constexpr std::int64_t kRowsShown = 1000;

// `litmus steps` and `litmus measurements`: rows of runs, of one or of all that filters leave.
struct RowList {
  std::string name;
  std::string summary;
  std::string examples;
  std::string query;
  std::vector<ShownColumn> columns;
  JsonShape json;
};

struct RowListCall {
  explicit RowListCall(RowList of)
      : list(std::move(of)), options(list.query, {"run_id", "limit"}) {}

  RowList list;
  QueryOptions options;
  std::optional<std::string> run;
  std::optional<std::int64_t> limit;
  bool json = false;
  std::optional<std::string> data_dir;
};

ValueMap parameters_of(const RowListCall& call, DaemonQuery& daemon) {
  ValueMap parameters = call.options.parameters();
  if (call.run) parameters.set("run_id", daemon.resolve_run(*call.run));
  parameters.set("limit", call.limit.value_or(call.run ? kNoLimit : kRowsShown));
  return parameters;
}

int list_rows(const RowListCall& call, Console& console) {
  DaemonQuery daemon(call.data_dir, console);
  const ValueMap parameters = parameters_of(call, daemon);
  const auto rows = daemon.query(call.list.query, parameters);
  if (call.json) {
    console.print(json_document(*rows, call.list.json));
  } else if (rows->num_rows() == 0) {
    console.print(fmt::format("No {} found.\n", call.list.name));
  } else {
    console.print(ResultTable(call.list.columns, *rows, console.canvas()).text());
  }
  if (!call.run && !call.limit && rows->num_rows() == kRowsShown) {
    daemon.warn_once(fmt::format("these are the first {}; --limit gives more", kRowsShown));
  }
  daemon.tell_warnings();
  return kSuccess;
}

Command row_list_command(RowList list) {
  auto call = std::make_shared<RowListCall>(std::move(list));
  std::vector<CommandOption> options{
      {.names = "RUN_ID",
       .help = "of this run: its id, or the beginning",
       .target = &call->run,
       .completion = Completion::kRunId},
      {.names = "--limit",
       .help = fmt::format("rows at most; else all of a run, or {}", kRowsShown),
       .target = &call->limit}};
  for (CommandOption& option : call->options.command_options()) {
    options.push_back(std::move(option));
  }
  options.push_back(json_option(call->json));
  options.push_back(data_dir_option(call->data_dir));
  return {.name = call->list.name,
          .summary = call->list.summary,
          .details = "Examples:\n" + call->list.examples,
          .options = std::move(options),
          .run = [call](Console& console) { return list_rows(*call, console); }};
}

ShownColumn run_column() {
  return {.title = "Run ID", .field = "run_id", .kind = CellKind::kShortId, .only_if_varied = true};
}

}  // namespace

Command steps_command() {
  using enum CellKind;
  return row_list_command(
      {.name = "steps",
       .summary = "list steps of a run, or of many",
       .examples = "  litmus steps 3f2a1b\n"
                   "  litmus steps --product PB-100 --since 2026-03-01 --json",
       .query = "steps.list",
       .columns = {run_column(),
                   {.title = "DUT Serial",
                    .field = "dut_serial",
                    .min_width = 8,
                    .drop_order = 5,
                    .only_if_varied = true},
                   {.title = "Step", .field = "step_path", .min_width = 12},
                   {.title = "Vec", .field = "vector_index", .kind = kVector, .drop_order = 1},
                   {.title = "Outcome", .field = "outcome", .kind = kStepOutcome},
                   {.title = "Meas", .field = "measurement_count", .kind = kCount, .drop_order = 3},
                   {.title = "Retries", .field = "retry_count", .kind = kCount, .drop_order = 4},
                   {.title = "Duration", .field = "duration_s", .kind = kDuration, .drop_order = 2},
                   {.title = "Conditions",
                    .field = "inputs",
                    .kind = kConditions,
                    .min_width = 10,
                    .drop_order = 6}},
       .json = {
           .fields = {"run_id",           "session_id",        "slot_id",      "step_index",
                      "step_name",        "step_path",         "parent_path",  "vector_index",
                      "outcome",          "started_at",        "ended_at",     "duration_s",
                      "has_measurements", "measurement_count", "vector_count", "retry_count",
                      "markers",          "dut_serial",        "station_id",   "inputs",
                      "outputs",          "description",       "error_type",   "error_message"},
           .objects = {"inputs", "outputs"}}});
}

Command measurements_command() {
  using enum CellKind;
  return row_list_command(
      {.name = "measurements",
       .summary = "list measurements of a run, or of many",
       .examples = "  litmus measurements 3f2a1b\n"
                   "  litmus measurements --name voltage --station bench_1 --json",
       .query = "measurements.list",
       .columns =
           {run_column(),
            {.title = "DUT Serial",
             .field = "dut_serial",
             .min_width = 8,
             .drop_order = 2,
             .only_if_varied = true},
            {.title = "Step", .field = "step_path", .min_width = 12},
            {.title = "Vec", .field = "vector_index", .kind = kVector, .drop_order = 1},
            {.title = "Measurement", .field = "measurement_name", .min_width = 16},
            {.title = "Value", .field = "measurement_value", .kind = kMeasured, .min_width = 12},
            {.title = "Limits",
             .field = "limit_low",
             .kind = kLimits,
             .min_width = 18,
             .drop_order = 3},
            {.title = "Outcome", .field = "measurement_outcome", .kind = kOutcome},
            {.title = "Conditions", .kind = kInputs, .min_width = 8, .drop_order = 5},
            {.title = "Recorded",
             .field = "measurement_timestamp",
             .kind = kTime,
             .drop_order = 4}},
       .json = {.left_out = {"file_path"}, .sparse = true}});
}

}  // namespace litmus
