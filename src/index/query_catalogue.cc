// SPDX-License-Identifier: Apache-2.0
#include "index/query_catalogue.h"

#include <fmt/format.h>

#include <string>

#include "litmus/outcome.h"

namespace litmus {
namespace {

using enum ParameterKind;

constexpr std::string_view kGroupChoices = "product station phase";
constexpr std::string_view kRunColumns =
    "run_id file_path session_id slot_id dut_serial dut_part_number dut_lot_number station_id "
    "station_name station_hostname fixture_id outcome started_at ended_at num_measurements "
    "num_steps test_phase product_id operator_id project_name ...runs";

template <class Names>
std::string names_in(const Names& named_values, std::string words) {
  for (const auto& named : named_values) {
    words += fmt::format("{}{}", words.empty() ? "" : " ", named.name);
  }
  return words;
}

std::string_view measurement_outcome_choices() {
  static const std::string words = names_in(kOutcomes, "");
  return words;
}

std::string_view run_outcome_choices() {
  static const std::string words = names_in(kOutcomes, "running");
  return words;
}

std::string_view comparator_choices() {
  static const std::string words = names_in(kComparators, "");
  return words;
}

QueryParameter limit(std::string_view fallback) {
  return {.name = "limit",
          .kind = kInteger,
          .meaning = "rows at most",
          .fallback = fallback,
          .low = 0,
          .high = 1'000'000'000};
}

QueryParameter offset() {
  return {.name = "offset",
          .kind = kInteger,
          .meaning = "rows to pass over",
          .fallback = "0",
          .high = 1'000'000'000'000};
}

QueryParameter include_incomplete(std::string_view fallback) {
  return {.name = "include_incomplete",
          .kind = kBoolean,
          .meaning = "running runs too",
          .fallback = fallback};
}

QueryParameter session_id() { return {"session_id", kText, "of this session"}; }
QueryParameter run_id() { return {"run_id", kText, "of this run (whole id)"}; }

QueryParameter period(std::string_view choices) {
  return {.name = "period",
          .kind = kChoice,
          .meaning = "rows per period of the start of the run, in `tz`",
          .fallback = "day",
          .choices = choices};
}

QueryParameter group_by(std::string_view fallback, std::string_view choices = kGroupChoices) {
  return {.name = "group_by",
          .kind = kChoices,
          .meaning = "rows per value of these, or `none`",
          .fallback = fallback,
          .choices = choices};
}

QueryParameter top() {
  return {.name = "top",
          .kind = kInteger,
          .meaning = "rows at most",
          .fallback = "10",
          .low = 1,
          .high = 100'000};
}

QueryParameter attempts() {
  return {.name = "attempts",
          .kind = kChoice,
          .meaning = "of several attempts in a run the final one, or all of them",
          .fallback = "final",
          .choices = "final all"};
}

std::vector<QueryParameter> facets(std::vector<QueryParameter> more) {
  std::vector<QueryParameter> all = {
      {.name = "measurement_outcome",
       .kind = kTexts,
       .meaning = "outcome of the measurement",
       .choices = measurement_outcome_choices()},
      {.name = "comparator",
       .kind = kTexts,
       .meaning = "of the limit",
       .choices = comparator_choices()},
      {"step", kTexts, "name of the step"},
      {"measurement", kTexts, "name of the measurement"},
      {"characteristic", kTexts, "characteristic_id"},
      {"columns", kColumnFilters, "any column -> its values, such as {\"in_load\": [1, 2]}"},
      include_incomplete("false")};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

std::vector<QueryDescription> make_catalogue() {
  return {
      {.name = "runs.list",
       .summary = "Runs, newest first",
       .filters = true,
       .parameters = {session_id(),
                      include_incomplete("true"),
                      {.name = "order_by",
                       .kind = kChoice,
                       .meaning = "sorted by this column, then run_id; rows without a value last",
                       .fallback = "started_at",
                       .choices = "run_id session_id slot_id dut_serial dut_part_number "
                                  "dut_lot_number station_id station_name station_hostname "
                                  "fixture_id outcome started_at ended_at num_measurements "
                                  "num_steps test_phase product_id operator_id project_name "
                                  "duration_s"},
                      {.name = "descending",
                       .kind = kBoolean,
                       .meaning = "highest first",
                       .fallback = "true"},
                      {"after", kText, "goes on behind this run (whole id), for the next page"},
                      limit("50"),
                      offset()},
       .columns = kRunColumns},
      {.name = "runs.get",
       .summary = "A run by its id or the beginning of it: up to 10 that fit, an exact one first",
       .parameters = {{.name = "id",
                       .kind = kText,
                       .meaning = "run id or the beginning of one",
                       .required = true}},
       .columns = kRunColumns},
      {.name = "runs.count",
       .summary = "How many runs there are",
       .filters = true,
       .parameters = {session_id(), include_incomplete("true")},
       .columns = "runs"},
      {.name = "runs.count_by_outcome",
       .summary = "How many runs of each outcome there are; `running` for those without one yet",
       .filters = true,
       .parameters = {session_id(), include_incomplete("true")},
       .columns = "outcome runs"},
      {.name = "runs.distinct",
       .summary = "Values that runs can be filtered by, with the column",
       .columns = "column value"},
      {.name = "runs.usage",
       .summary = "Runs and outcomes per value of a column",
       .filters = true,
       .parameters = {{.name = "by",
                       .kind = kChoice,
                       .meaning = "column",
                       .choices = "dut_part_number station_hostname station_id fixture_id "
                                  "test_phase operator_id project_name",
                       .required = true}},
       .columns = "value runs pass_count fail_count errored_count last_run"},
      {.name = "runs.pareto",
       .summary = "Where runs fail or are errored, worst first",
       .filters = true,
       .hides_development = true,
       .parameters = {{.name = "group_by",
                       .kind = kChoice,
                       .meaning = "column of the run",
                       .fallback = "dut_part_number",
                       .choices = "dut_part_number station_hostname operator_id test_phase "
                                  "fixture_id product station phase"},
                      top()},
       .columns = "bucket failed_count total fail_rate_pct fail_rate_pct_ci_low "
                  "fail_rate_pct_ci_high cumulative_pct development_only"},
      {.name = "steps.list",
       .summary = "Steps in the order of execution",
       .filters = true,
       .parameters = {run_id(), session_id(), include_incomplete("true"), limit("1000"), offset()},
       .columns = "run_id step_path vector_index step_index file_path session_id slot_id step_name "
                  "parent_path outcome started_at ended_at duration_s has_measurements "
                  "measurement_count vector_count retry_count markers dut_serial station_id inputs "
                  "outputs ...steps"},
      {.name = "steps.pareto",
       .summary = "Steps that fail or are errored, worst first",
       .filters = true,
       .hides_development = true,
       .parameters = {{.name = "leaf_only",
                       .kind = kBoolean,
                       .meaning = "a step whose child failed is not counted beside it",
                       .fallback = "true"},
                      attempts(),
                      top()},
       .columns = "bucket failed_count total fail_rate_pct fail_rate_pct_ci_low "
                  "fail_rate_pct_ci_high cumulative_pct development_only"},
      {.name = "measurements.list",
       .summary = "Measurements in the order of recording, newest run first",
       .filters = true,
       .parameters = {run_id(),
                      session_id(),
                      {"name", kTexts, "name of the measurement"},
                      {"step", kTexts, "name or path of the step"},
                      include_incomplete("true"),
                      limit("1000"),
                      offset()},
       .columns = "...measurements"},
      {.name = "measurements.distinct_values",
       .summary = "Values of a column under the filters on all other columns, with counts",
       .filters = true,
       .has_facets = true,
       .parameters =
           facets({{.name = "column", .kind = kColumn, .meaning = "column", .required = true},
                   {.name = "exclude_self",
                    .kind = kBoolean,
                    .meaning = "the filter on the column itself does not apply",
                    .fallback = "true"},
                   {.name = "limit",
                    .kind = kInteger,
                    .meaning = "rows at most",
                    .fallback = "500",
                    .low = 1,
                    .high = 100'000}}),
       .columns = "value count"},
      {.name = "measurements.summary_counts",
       .summary = "How much the filters leave",
       .filters = true,
       .has_facets = true,
       .parameters = facets({}),
       .columns = "total_rows distinct_runs distinct_measurements distinct_products"},
      {.name = "parametric",
       .summary = "Points for a chart of one column over another",
       .filters = true,
       .has_facets = true,
       .parameters = facets({{.name = "chart_type",
                              .kind = kChoice,
                              .meaning = "line: sorted by x; bar: mean of y per x and group",
                              .fallback = "scatter",
                              .choices = "scatter line bar histogram"},
                             {.name = "y",
                              .kind = kColumn,
                              .meaning = "column of numbers",
                              .fallback = "measurement_value"},
                             {.name = "x",
                              .kind = kColumn,
                              .meaning = "column; not used by histograms",
                              .fallback = "measurement_timestamp"},
                             {.name = "group_by", .kind = kColumn, .meaning = "column"},
                             {.name = "bins",
                              .kind = kInteger,
                              .meaning = "of a histogram",
                              .fallback = "30",
                              .low = 2,
                              .high = 200},
                             {.name = "limit",
                              .kind = kInteger,
                              .meaning = "points at most; more are thinned out evenly",
                              .fallback = "5000",
                              .low = 10,
                              .high = 100'000}}),
       .columns = "x y group limit_low limit_high total_points"},
      {.name = "describe",
       .summary = "Columns of a relation with type, category and share of rows without a value",
       .parameters = {{.name = "relation",
                       .kind = kChoice,
                       .meaning = "relation",
                       .choices = "runs steps measurements events sessions",
                       .required = true}},
       .columns = "name type category null_share"},
      {.name = "metrics.summary",
       .summary = "Yield, first pass yield and test times; group_by none: one row over all",
       .filters = true,
       .hides_development = true,
       .parameters = {period("hour day week month all"),
                      group_by("product station phase", "product station phase period"),
                      {.name = "attempts",
                       .kind = kChoice,
                       .meaning = "judged: stopped, skipped and unjudged runs are no first or last "
                                  "run",
                       .fallback = "all",
                       .choices = "all judged"}},
       .columns =
           "product station phase period total_runs passed failed errored terminated aborted done "
           "skipped unserialized_runs unique_serials first_pass_total first_pass_passed fpy_pct "
           "fpy_pct_ci_low fpy_pct_ci_high final_total final_passed final_yield_pct "
           "final_yield_pct_ci_low final_yield_pct_ci_high avg_duration_s min_duration_s "
           "max_duration_s p95_duration_s development_only"},
      {.name = "metrics.trend",
       .summary = "Run yield per period, periods without runs included",
       .filters = true,
       .hides_development = true,
       .parameters = {period("hour day week month"), group_by("product station phase")},
       .columns = "product station phase period total passed yield_pct yield_pct_ci_low "
                  "yield_pct_ci_high development_only"},
      {.name = "metrics.pareto",
       .summary = "What fails most: products, stations, steps, measurements",
       .filters = true,
       .hides_development = true,
       .parameters = {{.name = "group_by",
                       .kind = kChoice,
                       .meaning = "what is counted",
                       .fallback = "measurement",
                       .choices = "measurement characteristic pin instrument step product station "
                                  "phase dut_part_number station_hostname operator_id test_phase "
                                  "fixture_id"},
                      {.name = "leaf_only",
                       .kind = kBoolean,
                       .meaning = "a step whose child failed is not counted beside it",
                       .fallback = "true"},
                      attempts(),
                      top()},
       .columns = "bucket failed_count total fail_rate_pct fail_rate_pct_ci_low "
                  "fail_rate_pct_ci_high cumulative_pct product station step_name "
                  "measurement_name total_count fail_count fail_rate development_only"},
      {.name = "metrics.cpk",
       .summary = "Process capability per measurement, worst first",
       .filters = true,
       .hides_development = true,
       .parameters = {group_by("product station"),
                      {.name = "min_samples",
                       .kind = kInteger,
                       .meaning = "values that a row needs",
                       .fallback = "10",
                       .low = 1,
                       .high = 1'000'000'000},
                      {.name = "conditions",
                       .kind = kColumns,
                       .meaning = "rows per value of these columns, such as in_temperature"},
                      {.name = "top",
                       .kind = kInteger,
                       .meaning = "rows at most",
                       .low = 1,
                       .high = 100'000}},
       .columns = "product station phase step_path step_name measurement_name units conditions n "
                  "non_finite mean sigma lsl usl cp cpk cpk_ci_low cpk_ci_high warning "
                  "development_only"},
      {.name = "metrics.retest",
       .summary = "Serials that needed more than one run in a period",
       .filters = true,
       .hides_development = true,
       .parameters = {period("hour day week month all"), group_by("product station phase")},
       .columns = "product station phase period total_serials retested_count retest_rate "
                  "retest_rate_ci_low retest_rate_ci_high avg_retries retested_ever "
                  "retest_recovered unserialized_runs development_only"},
      {.name = "metrics.time_loss",
       .summary = "Time spent on runs by outcome",
       .filters = true,
       .hides_development = true,
       .parameters = {period("hour day week month all"), group_by("product station phase")},
       .columns = "product station phase period total_time_s pass_time_s fail_time_s error_time_s "
                  "stopped_time_s other_time_s runs_without_end negative_durations "
                  "development_only"},
      {.name = "metrics.durations",
       .summary = "Mean, shortest, longest and 95 % quantile of the time of runs or steps",
       .filters = true,
       .hides_development = true,
       .parameters = {{.name = "of",
                       .kind = kChoice,
                       .meaning = "what takes the time",
                       .fallback = "run",
                       .choices = "run step"},
                      group_by("none"),
                      {"step", kTexts, "name or path of the step"}},
       .columns =
           "product station phase step_path count mean_s min_s max_s p95_s development_only"},
      {.name = "metrics.assets",
       .summary = "Time that instruments were connected",
       .parameters = {{"station", kTexts, "host name or id of the station"},
                      {"since", kMoment, "connected at or after"},
                      {"until", kMoment, "connected up to, included"},
                      {"tz", kZone, "time zone of days", "UTC"},
                      {.name = "include_mocked",
                       .kind = kBoolean,
                       .meaning = "simulated instruments too",
                       .fallback = "false"}},
       .columns = "role resource mocked sessions connected_s busy_s share instrument_id serial "
                  "cal_due calibration"},
      {.name = "events.list",
       .summary = "Events in the order of receipt; with a limit the newest",
       .parameters = {session_id(),
                      {"run_id", kText, "of this run"},
                      {"event_type", kTexts, "tag, or the beginning of one with * at its end"},
                      {"role", kTexts, "role of the instrument"},
                      {"since", kMoment, "received at or after"},
                      {"until", kMoment, "received up to, included"},
                      {"tz", kZone, "time zone of days", "UTC"},
                      {.name = "after",
                       .kind = kInteger,
                       .meaning = "event_number is higher",
                       .low = -1,
                       .high = INT64_MAX},
                      {.name = "until_event_number",
                       .kind = kInteger,
                       .meaning = "event_number is at most",
                       .low = -1,
                       .high = INT64_MAX},
                      limit("")},
       .columns = "id event_type event_number occurred_at received_at session_id run_id json "
                  "...events"},
      {.name = "sessions.list",
       .summary = "Sessions, newest first",
       .parameters = {{"station", kTexts, "host name or id of the station"},
                      {"since", kMoment, "started at or after"},
                      {"until", kMoment, "started up to, included"},
                      {"tz", kZone, "time zone of days", "UTC"},
                      limit("50"),
                      offset()},
       .columns = "session_id session_type client station_id station_name station_hostname "
                  "operator_id pid slot_count started_at ended_at outcome num_runs num_events"},
      {.name = "sessions.get",
       .summary = "A session by its id or the beginning of it: up to 10 that fit, exact one first",
       .parameters = {{.name = "id",
                       .kind = kText,
                       .meaning = "session id or the beginning of one",
                       .required = true}},
       .columns = "session_id session_type client station_id station_name station_hostname "
                  "operator_id pid slot_count started_at ended_at outcome num_runs num_events"},
  };
}

}  // namespace

std::span<const QueryParameter> run_filter_parameters() {
  static const std::vector<QueryParameter> parameters = {
      {"product", kTexts, "part number, else product id, else `unknown`"},
      {"station", kTexts, "host name or id of the station, else `unknown`"},
      {"lot", kTexts, "lot number"},
      {"phase", kTexts, "test phase; `all`: no restriction. Metrics without it: no `development`"},
      {.name = "outcome",
       .kind = kTexts,
       .meaning = "outcome of the run",
       .choices = run_outcome_choices()},
      {"serial", kTexts, "serial number"},
      {"project", kTexts, "project"},
      {"operator", kTexts, "operator id"},
      {"since", kMoment, "run started at or after"},
      {"until", kMoment, "run started up to, included"},
      {"tz", kZone, "time zone of days and periods", "UTC"}};
  return parameters;
}

std::span<const QueryDescription> query_catalogue() {
  static const std::vector<QueryDescription> catalogue = make_catalogue();
  return catalogue;
}

}  // namespace litmus
