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
#include "results/table_cells.h"

namespace litmus {
namespace {

constexpr std::int64_t kFewSamples = 30;

// A metric as a command. What it means stands in its query.
struct Metric {
  std::string name;
  std::string summary;
  std::string query;
  std::string examples;
  std::vector<ShownColumn> columns;
  QueryOptions::Fallbacks fallbacks = {};
  std::string sample_field = {};  // counts what a rate is of; few of them are pointed out
  std::string sample_name = {};
  bool has_total = false;
  std::string nothing = "No data found.";
};

// Rows are per product, station and phase: those that are the same everywhere need no column.
std::vector<ShownColumn> in_groups(std::vector<ShownColumn> columns) {
  const std::vector<ShownColumn> groups{
      {.title = "Product", .field = "product", .min_width = 8, .only_if_varied = true},
      {.title = "Station", .field = "station", .min_width = 8, .only_if_varied = true},
      {.title = "Phase", .field = "phase", .drop_order = 3, .only_if_varied = true}};
  columns.insert(columns.begin() + 1, groups.begin(), groups.end());
  return columns;
}

ShownColumn period_column() {
  return {.title = "Period", .field = "period", .kind = CellKind::kPeriod, .drop_order = 1};
}

// In the decimals of its rate: rounded again it would be off by one.
ShownColumn interval_of(const std::string& field, int drop_order, CellKind kind) {
  return {.title = "95 %", .field = field, .kind = kind, .drop_order = drop_order};
}

Metric summary_metric() {
  using enum CellKind;
  return {.name = "summary",
          .summary = "yield, first pass yield and test times per period",
          .query = "metrics.summary",
          .examples =
              "  litmus metrics summary --period week --since 2026-01-01\n"
              "  litmus metrics summary --product PB-100 --group-by none",
          .columns =
              {period_column(),
               {.title = "Product", .field = "product", .min_width = 8, .drop_order = 1},
               {.title = "Station", .field = "station", .min_width = 8, .drop_order = 1},
               {.title = "Phase", .field = "phase", .drop_order = 3, .only_if_varied = true},
               {.title = "Runs", .field = "total_runs", .kind = kCount},
               {.title = "Pass", .field = "passed", .kind = kCount},
               {.title = "Fail", .field = "failed", .kind = kCount},
               {.title = "FPY %", .field = "fpy_pct", .kind = kShare},
               interval_of("fpy_pct", 8, kShareInterval),
               {.title = "Final %", .field = "final_yield_pct", .kind = kShare},
               interval_of("final_yield_pct", 9, kShareInterval),
               {.title = "Avg(s)", .field = "avg_duration_s", .kind = kSeconds, .drop_order = 2}},
          .sample_field = "total_runs",
          .sample_name = "run",
          .has_total = true};
}

Metric trend_metric() {
  using enum CellKind;
  return {.name = "trend",
          .summary = "share of passed runs per period",
          .query = "metrics.trend",
          .examples = "  litmus metrics trend --period month --group-by none",
          .columns = in_groups({period_column(),
                                {.title = "Total", .field = "total", .kind = kCount},
                                {.title = "Passed", .field = "passed", .kind = kCount},
                                {.title = "Yield %", .field = "yield_pct", .kind = kPercent},
                                interval_of("yield_pct", 8, kPercentInterval)}),
          .sample_field = "total",
          .sample_name = "run"};
}

Metric pareto_metric() {
  using enum CellKind;
  return {
      .name = "pareto",
      .summary = "what fails most: products, steps, measurements",
      .query = "metrics.pareto",
      .examples =
          "  litmus metrics pareto --group-by step --top 5\n"
          "  litmus metrics pareto --group-by measurement --station bench_1",
      .columns = {{.title = "#", .kind = kRank},
                  {.title = "Product", .field = "product", .drop_order = 5, .only_if_varied = true},
                  {.title = "Station", .field = "station", .drop_order = 6, .only_if_varied = true},
                  {.title = "Failing", .field = "bucket", .min_width = 16},
                  {.title = "Failed", .field = "failed_count", .kind = kCount},
                  {.title = "Total", .field = "total", .kind = kCount},
                  {.title = "Rate %", .field = "fail_rate_pct", .kind = kShare},
                  interval_of("fail_rate_pct", 8, kShareInterval)},
      .fallbacks = {{"group_by", "product"}}};
}

Metric cpk_metric() {
  using enum CellKind;
  return {
      .name = "cpk",
      .summary = "process capability of measurements, worst first",
      .query = "metrics.cpk",
      .examples =
          "  litmus metrics cpk --min-samples 30\n"
          "  litmus metrics cpk --conditions in_temperature",
      .columns = {{.title = "Measurement", .field = "measurement_name", .min_width = 18},
                  {.title = "Step",
                   .field = "step_path",
                   .min_width = 8,
                   .drop_order = 2,
                   .only_if_varied = true},
                  {.title = "Product", .field = "product", .drop_order = 4, .only_if_varied = true},
                  {.title = "Station", .field = "station", .drop_order = 5, .only_if_varied = true},
                  {.title = "Conditions",
                   .field = "conditions",
                   .kind = kConditions,
                   .min_width = 8,
                   .drop_order = 1},
                  {.title = "N", .field = "n", .kind = kCount},
                  {.title = "Mean", .field = "mean", .kind = kNumber},
                  {.title = "Sigma", .field = "sigma", .kind = kNumber},
                  {.title = "Units", .field = "units", .drop_order = 6},
                  {.title = "LSL", .field = "lsl", .kind = kNumber, .drop_order = 8},
                  {.title = "USL", .field = "usl", .kind = kNumber, .drop_order = 8},
                  {.title = "Cpk", .field = "cpk", .kind = kRatio},
                  interval_of("cpk", 7, kRatioInterval),
                  {.title = "Cp", .field = "cp", .kind = kRatio},
                  {.title = "Note", .field = "warning", .min_width = 15, .drop_order = 3}},
      .nothing = "No measurements with enough samples."};
}

Metric retest_metric() {
  using enum CellKind;
  return {
      .name = "retest",
      .summary = "serials that needed more than one run in a period",
      .query = "metrics.retest",
      .examples = "  litmus metrics retest --period week",
      .columns = in_groups(
          {period_column(),
           {.title = "Serials", .field = "total_serials", .kind = kCount},
           {.title = "Retested", .field = "retested_count", .kind = kCount},
           {.title = "Rate %", .field = "retest_rate", .kind = kShare},
           interval_of("retest_rate", 8, kShareInterval),
           {.title = "Avg Ret", .field = "avg_retries", .kind = kShare},
           {.title = "Recovered", .field = "retest_recovered", .kind = kCount, .drop_order = 7}}),
      .sample_field = "total_serials",
      .sample_name = "serial"};
}

Metric time_loss_metric() {
  using enum CellKind;
  return {
      .name = "time-loss",
      .summary = "time spent on runs by their outcome",
      .query = "metrics.time_loss",
      .examples = "  litmus metrics time-loss --period month --group-by station",
      .columns = in_groups(
          {period_column(),
           {.title = "Total(s)", .field = "total_time_s", .kind = kSeconds},
           {.title = "Pass(s)", .field = "pass_time_s", .kind = kSeconds},
           {.title = "Fail(s)", .field = "fail_time_s", .kind = kSeconds},
           {.title = "Error(s)", .field = "error_time_s", .kind = kSeconds},
           {.title = "Stopped(s)", .field = "stopped_time_s", .kind = kSeconds, .drop_order = 7},
           {.title = "Other(s)", .field = "other_time_s", .kind = kSeconds, .drop_order = 8}})};
}

Metric assets_metric() {
  using enum CellKind;
  return {.name = "assets",
          .summary = "how long instruments were connected",
          .query = "metrics.assets",
          .examples = "  litmus metrics assets --since 2026-03-01",
          .columns = {{.title = "Role", .field = "role", .min_width = 6},
                      {.title = "Resource", .field = "resource", .min_width = 12},
                      {.title = "Sessions", .field = "sessions", .kind = kCount},
                      {.title = "Connected (s)", .field = "connected_s", .kind = kSeconds},
                      {.title = "Share %", .field = "share", .kind = kPercent},
                      {.title = "Busy (s)", .field = "busy_s", .kind = kSeconds, .drop_order = 5}}};
}

bool is_true(const arrow::Table& rows, const char* field) {
  return CellColumn(rows, field).boolean(0).value_or(false);
}

// A rate of few tells little; its interval says how little.
std::string note_on_samples(const Metric& metric, const arrow::Table& rows) {
  if (metric.sample_field.empty()) return "";
  const CellColumn counts(rows, metric.sample_field);
  std::int64_t total = 0;
  for (std::int64_t row = 0; row < rows.num_rows(); ++row) {
    total += counts.integer(row).value_or(0);
  }
  if (total >= kFewSamples) return "";
  return fmt::format("Only {} {}{}: the true rates lie anywhere in the 95 % intervals.\n", total,
                     metric.sample_name, total == 1 ? "" : "s");
}

std::string text_parameter(const ValueMap& parameters, std::string_view name) {
  const Value* value = parameters.find(name);
  const auto* text = value == nullptr ? nullptr : value->get_if<std::string>();
  return text == nullptr ? "" : *text;
}

void print_table(const Metric& metric, const arrow::Table& rows, ValueMap parameters,
                 DaemonQuery& daemon, Console& console) {
  ResultTable table(metric.columns, rows, console.canvas(), text_parameter(parameters, "period"));
  if (metric.has_total && rows.num_rows() > 1) {
    // Units that come again in another period or station are one unit here: no sum of the rows.
    parameters.set("group_by", ValueList{"none"});
    table.add_total(*daemon.query(metric.query, parameters));
  }
  console.print(table.text());
  console.print_styled(Style::kDim, note_on_samples(metric, rows));
}

struct MetricCall {
  explicit MetricCall(Metric of)
      : metric(std::move(of)), options(metric.query, {"outcome"}, metric.fallbacks) {}

  Metric metric;
  QueryOptions options;
  bool json = false;
  std::optional<std::string> data_dir;
};

int show_metric(const MetricCall& call, Console& console) {
  DaemonQuery daemon(call.data_dir, console);
  const ValueMap parameters = call.options.parameters();
  const auto rows = daemon.query(call.metric.query, parameters);
  if (call.json) {
    console.print(json_document(*rows, {.objects = {"conditions"}}));
  } else if (rows->num_rows() == 0) {
    console.print(call.metric.nothing + "\n");
  } else {
    print_table(call.metric, *rows, parameters, daemon, console);
  }
  if (rows->num_rows() > 0 && is_true(*rows, "development_only")) {
    daemon.warn_once("all runs that match are of phase development, so those are counted");
  }
  daemon.tell_warnings();
  return kSuccess;
}

Command metric_command(Metric metric) {
  auto call = std::make_shared<MetricCall>(std::move(metric));
  std::vector<CommandOption> options = call->options.command_options();
  options.push_back(json_option(call->json));
  options.push_back(data_dir_option(call->data_dir));
  return {.name = call->metric.name,
          .summary = call->metric.summary,
          .details = "Examples:\n" + call->metric.examples,
          .options = std::move(options),
          .run = [call](Console& console) { return show_metric(*call, console); }};
}

}  // namespace

Command metrics_command() {
  return {.name = "metrics",
          .summary = "yield, failures, capability and time, over all runs",
          .details =
              "Runs of phase development do not count, unless --phase names it or there are no\n"
              "others. A rate of few runs tells little: intervals hold the true one with 95 %.\n\n"
              "Examples:\n"
              "  litmus metrics summary --period week\n"
              "  litmus metrics pareto --group-by measurement --since 2026-03-01",
          .subcommands = {metric_command(summary_metric()), metric_command(trend_metric()),
                          metric_command(pareto_metric()), metric_command(cpk_metric()),
                          metric_command(retest_metric()), metric_command(time_loss_metric()),
                          metric_command(assets_metric())}};
}

}  // namespace litmus
