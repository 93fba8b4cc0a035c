// SPDX-License-Identifier: Apache-2.0
// Prints what the C++ query classes answer about a data directory, as one JSON object.
#include <cstdio>
#include <exception>
#include <string>

#include "base/json_writer.h"
#include "litmus/error.h"
#include "litmus/queries.h"

namespace {

using litmus::ValueList;
using litmus::ValueMap;

ValueList list_of(std::vector<ValueMap> rows) { return {rows.begin(), rows.end()}; }

ValueMap answers(const std::string& data_dir) {
  litmus::RunsQuery runs(data_dir);
  litmus::StepsQuery steps(data_dir);
  litmus::MeasurementsQuery measurements(data_dir);
  ValueMap answers;
  const litmus::RunFilter filter{.station = {"host_2"}, .since = "2026-03-05"};
  ValueList run_ids;
  for (const auto& run : runs.list(filter)) run_ids.emplace_back(run.run_id);
  answers.set("runs", run_ids);
  answers.set("run_count", runs.count(filter));
  const auto newest = runs.list({}, {.limit = 1}).front();
  answers.set("newest", runs.get(newest.run_id.substr(0, 12)).run_id);
  answers.set("of_session",
              static_cast<std::int64_t>(runs.list_for_session(newest.session_id).size()));
  ValueList step_rows;
  for (const auto& step : steps.list_for_run(newest.run_id)) {
    step_rows.emplace_back(ValueMap{{"step_path", step.step_path},
                                    {"measurement_count", step.measurement_count},
                                    {"inputs", step.inputs}});
  }
  answers.set("steps", step_rows);
  ValueList values;
  for (const auto& row : measurements.list_for_run(newest.run_id)) {
    values.emplace_back(ValueList{row.measurement_name, row.value, row.units.value_or("")});
  }
  answers.set("measurements", values);
  answers.set("filtered_measurements", static_cast<std::int64_t>(measurements.list(filter).size()));
  answers.set("run_pareto", list_of(runs.failure_pareto()));
  answers.set("step_pareto", list_of(steps.failure_pareto()));
  answers.set("summary", list_of(measurements.yield_summary({.period = "week"})));
  answers.set("trend", list_of(measurements.trend({.group_by = {"none"}})));
  answers.set("pareto", list_of(measurements.pareto({.top = 3})));
  answers.set("cpk", list_of(measurements.cpk({.min_samples = 5})));
  answers.set("retest", list_of(measurements.retest()));
  answers.set("time_loss", list_of(measurements.time_loss({.period = "month"})));
  answers.set("assets", list_of(measurements.assets()));
  answers.set("outcomes", list_of(litmus::named_query(data_dir, "runs.count_by_outcome")));
  answers.set("bins", list_of(litmus::named_query(data_dir, "parametric",
                                                  {{"chart_type", "histogram"}, {"bins", 5}})));
  try {
    measurements.trend({.period = "fortnight"});
  } catch (const litmus::Error& error) {
    answers.set("error", error.what());
  }
  return answers;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  try {
    std::string json;
    litmus::JsonWriter(json).value(answers(arguments[1]));
    std::puts(json.c_str());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "query_client: %s\n", error.what());
    return 1;
  }
}
