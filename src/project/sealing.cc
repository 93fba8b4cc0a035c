// SPDX-License-Identifier: Apache-2.0
#include "project/sealing.h"

#include <fmt/format.h>

#include "litmus/error.h"

namespace litmus {

void announce_sealed(EventLog& log, const Uuid& run_id, const MaterializeResult& sealed) {
  RunMaterialized materialized;
  materialized.run_id = run_id;
  materialized.materializer = "parquet";
  materialized.destination = sealed.path;
  materialized.row_counts =
      ValueMap{{"run", 1}, {"step", sealed.steps}, {"measurement", sealed.measurements}};
  log.emit(materialized);
}

std::string seal_run(FileSystem& files, EventLog& log, const Uuid& run_id, const EventsOfRun& where,
                     const std::function<void(const std::string& problem)>& on_problem) {
  const auto report = [&on_problem](const std::string& problem) {
    if (on_problem) on_problem(problem);
  };
  std::string reason = "its start or its end could not be written";
  try {
    const MaterializeResult sealed =
        materialize_run(files, log.data_dir(), log.session_id(), run_id, where);
    for (const std::string& problem : sealed.problems) report(problem);
    if (!sealed.path.empty()) {
      announce_sealed(log, run_id, sealed);
      return sealed.path;
    }
  } catch (const Error& error) {
    reason = error.what();
  }
  report(
      fmt::format("run {0} could not be sealed: {1}. What was recorded is kept; "
                  "`litmus data rebuild {0}` seals it later",
                  run_id.to_string(), reason));
  return "";
}

}  // namespace litmus
