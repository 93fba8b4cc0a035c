// SPDX-License-Identifier: Apache-2.0
#include "litmus/queries.h"

#include <arrow/record_batch.h>
#include <arrow/table.h>

#include "litmus/error.h"
#include "reader/answer_rows.h"
#include "reader/daemon_client.h"
#include "reader/query_parameters.h"
#include "results/run_match.h"
#include "results/table_cells.h"

namespace litmus {
namespace {

std::shared_ptr<arrow::Table> ask(DaemonClient& daemon, std::string_view name,
                                  const ValueMap& parameters) {
  return read_all(*daemon.query(name, parameters));
}

std::vector<ValueMap> ask_metric(DaemonClient& daemon, std::string_view name,
                                 const MetricOptions& options, bool has_period) {
  ValueMap parameters = to_parameters(options.filter);
  if (has_period) parameters.set("period", options.period);
  if (!options.group_by.empty()) {
    parameters.set("group_by", ValueList(options.group_by.begin(), options.group_by.end()));
  }
  if (options.top) parameters.set("top", *options.top);
  if (options.min_samples) parameters.set("min_samples", *options.min_samples);
  return to_maps(*ask(daemon, name, parameters));
}

}  // namespace

std::vector<ValueMap> named_query(const std::string& data_dir, std::string_view name,
                                  const ValueMap& parameters) {
  DaemonClient daemon(data_dir);
  return to_maps(*ask(daemon, name, parameters));
}

RunsQuery::RunsQuery(const std::string& data_dir)
    : RunsQuery(std::make_shared<DaemonClient>(data_dir)) {}
RunsQuery::RunsQuery(std::shared_ptr<DaemonClient> daemon) : daemon_(std::move(daemon)) {}

std::vector<RunSummary> RunsQuery::list(const RunFilter& filter, const Page& page) {
  return to_runs(*ask(*daemon_, "runs.list", to_parameters(filter, page)));
}

RunSummary RunsQuery::get(const std::string& id_or_prefix) {
  const std::string prefix = run_id_prefix(id_or_prefix);
  auto runs = to_runs(*ask(*daemon_, "runs.get", {{"id", prefix}}));
  if (runs.empty()) throw_no_run(id_or_prefix, "the index");
  if (runs.size() > 1 && runs.front().run_id != prefix) {
    const std::size_t total = runs.size();
    throw_ambiguous(id_or_prefix, std::move(runs), total);
  }
  return std::move(runs.front());
}

std::vector<RunSummary> RunsQuery::list_for_session(const std::string& session_id) {
  ValueMap parameters = to_parameters({}, {});
  parameters.set("session_id", session_id);
  return to_runs(*ask(*daemon_, "runs.list", parameters));
}

std::int64_t RunsQuery::count(const RunFilter& filter) {
  const auto table = ask(*daemon_, "runs.count", to_parameters(filter));
  return CellColumn(*table, table->field(0)->name()).integer(0).value_or(0);
}

std::vector<ValueMap> RunsQuery::failure_pareto(const RunFilter& filter, std::string_view group_by,
                                                std::int64_t top) {
  ValueMap parameters = to_parameters(filter);
  parameters.set("group_by", group_by);
  parameters.set("top", top);
  return to_maps(*ask(*daemon_, "runs.pareto", parameters));
}

StepsQuery::StepsQuery(const std::string& data_dir)
    : StepsQuery(std::make_shared<DaemonClient>(data_dir)) {}
StepsQuery::StepsQuery(std::shared_ptr<DaemonClient> daemon) : daemon_(std::move(daemon)) {}

std::vector<StepRow> StepsQuery::list_for_run(const std::string& run_id) {
  return to_steps(*ask(*daemon_, "steps.list", {{"run_id", run_id}, {"limit", kNoLimit}}));
}

std::vector<StepRow> StepsQuery::list(const RunFilter& filter, const Page& page) {
  return to_steps(*ask(*daemon_, "steps.list", to_parameters(filter, page)));
}

std::vector<ValueMap> StepsQuery::failure_pareto(const RunFilter& filter, std::int64_t top) {
  ValueMap parameters = to_parameters(filter);
  parameters.set("top", top);
  return to_maps(*ask(*daemon_, "steps.pareto", parameters));
}

MeasurementsQuery::MeasurementsQuery(const std::string& data_dir)
    : MeasurementsQuery(std::make_shared<DaemonClient>(data_dir)) {}
MeasurementsQuery::MeasurementsQuery(std::shared_ptr<DaemonClient> daemon)
    : daemon_(std::move(daemon)) {}

std::vector<MeasurementRow> MeasurementsQuery::list_for_run(const std::string& run_id) {
  return to_measurements(
      *ask(*daemon_, "measurements.list", {{"run_id", run_id}, {"limit", kNoLimit}}));
}

std::vector<MeasurementRow> MeasurementsQuery::list(const RunFilter& filter, const Page& page) {
  return to_measurements(*ask(*daemon_, "measurements.list", to_parameters(filter, page)));
}

std::vector<ValueMap> MeasurementsQuery::yield_summary(const MetricOptions& options) {
  return ask_metric(*daemon_, "metrics.summary", options, true);
}
std::vector<ValueMap> MeasurementsQuery::trend(const MetricOptions& options) {
  return ask_metric(*daemon_, "metrics.trend", options, true);
}
std::vector<ValueMap> MeasurementsQuery::pareto(const MetricOptions& options) {
  return ask_metric(*daemon_, "metrics.pareto", options, false);
}
std::vector<ValueMap> MeasurementsQuery::cpk(const MetricOptions& options) {
  return ask_metric(*daemon_, "metrics.cpk", options, false);
}
std::vector<ValueMap> MeasurementsQuery::retest(const MetricOptions& options) {
  return ask_metric(*daemon_, "metrics.retest", options, true);
}
std::vector<ValueMap> MeasurementsQuery::time_loss(const MetricOptions& options) {
  return ask_metric(*daemon_, "metrics.time_loss", options, true);
}
std::vector<ValueMap> MeasurementsQuery::assets(const MetricOptions& options) {
  return ask_metric(*daemon_, "metrics.assets", options, false);
}

}  // namespace litmus
