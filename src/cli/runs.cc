// SPDX-License-Identifier: Apache-2.0
#include <arrow/table.h>
#include <fmt/format.h>

#include <memory>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/daemon_query.h"
#include "cli/progress.h"
#include "cli/query_options.h"
#include "litmus/error.h"
#include "reader/answer_rows.h"
#include "reader/open_results.h"
#include "report/number_format.h"
#include "results/sealed_runs.h"

namespace litmus {
namespace {

constexpr std::int64_t kRunsShown = 20;

struct RunsOptions {
  QueryOptions query{"runs.list", {}, {{"limit", kRunsShown}}};
  bool json = false;
  std::optional<std::string> data_dir;
};

template <class T>
void write(JsonWriter& json, const char* key, const std::optional<T>& value) {
  json.key(key);
  if (value) {
    json.value(*value);
  } else {
    json.null();
  }
}

// A run that has no file yet is going on.
std::string outcome_of(const RunSummary& run) {
  return run.outcome.value_or(run.file_path ? "unfinished" : "running");
}

std::string to_json(const std::vector<RunSummary>& runs) {
  std::string out;
  JsonWriter json(out, 2);
  json.begin_array();
  for (const RunSummary& run : runs) {
    json.begin_object();
    json.key("run_id");
    json.value(run.run_id);
    json.key("session_id");
    json.value(run.session_id);
    write(json, "slot_id", run.slot_id);
    write(json, "dut_serial", run.dut_serial);
    write(json, "dut_part_number", run.dut_part_number);
    write(json, "dut_lot_number", run.dut_lot_number);
    write(json, "station_id", run.station_id);
    write(json, "station_name", run.station_name);
    write(json, "station_hostname", run.station_hostname);
    write(json, "fixture_id", run.fixture_id);
    json.key("outcome");
    json.value(outcome_of(run));
    write(json, "started_at", run.started_at);
    write(json, "ended_at", run.ended_at);
    json.key("num_measurements");
    json.value(run.total_measurements);
    json.key("num_steps");
    json.value(run.total_steps);
    write(json, "test_phase", run.test_phase);
    write(json, "product_id", run.product_id);
    write(json, "operator_id", run.operator_id);
    write(json, "project_name", run.project_name);
    json.end_object();
  }
  json.end_array();
  return out + "\n";
}

std::string to_table(const std::vector<RunSummary>& runs, const Canvas& canvas) {
  TextTable table({{"Run ID"},
                   {"Started", false, 10, 2},
                   {"DUT Serial", false, 10},
                   {"Project", false, 7},
                   {"Station", false, 7},
                   {"Outcome"},
                   {"Steps", true, 0, 4},
                   {"Meas", true, 0, 3},
                   {"Duration", true, 0, 5}});
  for (const RunSummary& run : runs) {
    const std::string outcome = outcome_of(run);
    std::string duration;
    if (run.started_at && run.ended_at) {
      duration =
          format_duration(std::chrono::duration<double>(*run.ended_at - *run.started_at).count());
    }
    table.add_row({{run.run_id.substr(0, 8), Style::kBold},
                   {run.started_at ? format_time(canvas, *run.started_at) : ""},
                   {run.dut_serial.value_or("")},
                   {run.project_name.value_or("")},
                   {run.station_id ? *run.station_id : run.station_hostname.value_or("")},
                   {outcome, style_of_outcome(outcome)},
                   {std::to_string(run.total_steps)},
                   {std::to_string(run.total_measurements)},
                   {duration}});
  }
  std::string out;
  table.append_to(out, canvas);
  return out;
}

void print_runs(const std::vector<RunSummary>& runs, bool as_json, Console& console) {
  if (as_json) {
    console.print(to_json(runs));
  } else if (runs.empty()) {
    console.print("No test runs found.\n");
  } else {
    console.print(to_table(runs, console.canvas()));
  }
}

// Without the daemon: the newest sealed files.
int list_sealed_runs(const RunsOptions& options, const Error& reason, Console& console) {
  const ValueMap parameters = options.query.parameters();
  if (parameters.size() > 1) {
    throw Error(Code::kUnavailable,
                fmt::format("without the daemon there is only --limit: {}", reason.what()));
  }
  SealedRuns sealed(resolve_data_dir(options.data_dir));
  Progress progress("reading run files");
  sealed.on_progress([&](std::size_t done, std::size_t total) { progress.update(done, total); });
  print_runs(sealed.list_runs(*parameters.find("limit")->get_if<std::int64_t>()), options.json,
             console);
  console.warn(without_daemon(reason));
  for (const std::string& warning : sealed.warnings()) console.warn(warning);
  return kSuccess;
}

int list_runs(const RunsOptions& options, Console& console) {
  DaemonQuery daemon(options.data_dir, console);
  std::vector<RunSummary> runs;
  try {
    runs = to_runs(*daemon.query("runs.list", options.query.parameters()));
  } catch (const Error& error) {
    if (error.code() != Code::kUnavailable) throw;
    return list_sealed_runs(options, error, console);
  }
  print_runs(runs, options.json, console);
  daemon.tell_warnings();
  return kSuccess;
}

}  // namespace

Command runs_command() {
  auto options = std::make_shared<RunsOptions>();
  std::vector<CommandOption> all = options->query.command_options();
  all.push_back(json_option(options->json));
  all.push_back(data_dir_option(options->data_dir));
  return {.name = "runs",
          .summary = "list test runs, the newest first",
          .details =
              "Examples:\n"
              "  litmus runs --limit 100\n"
              "  litmus runs --station bench_1 --outcome failed --since 2026-03-01\n"
              "  litmus runs --json | jq '.[] | select(.num_measurements > 100)'",
          .options = std::move(all),
          .run = [options](Console& console) { return list_runs(*options, console); }};
}

}  // namespace litmus
