// SPDX-License-Identifier: Apache-2.0
#include "project/materializer.h"

#include "project/projected_run.h"
#include "project/run_batches.h"
#include "store/data_layout.h"
#include "store/run_file_reader.h"

namespace litmus {
namespace {

bool is_sealed_from(FileSystem& files, const RunFilePlace& place,
                    const std::string& source_events) {
  return place.taken && RunFileReader(files, place.path).metadata("source_events") == source_events;
}

}  // namespace

MaterializeResult materialize_run(FileSystem& files, const std::string& data_dir,
                                  const Uuid& session_id, const Uuid& run_id,
                                  std::optional<Timestamp> started_at) {
  // The session may have begun just before midnight and the run just after.
  if (started_at) *started_at -= std::chrono::days(1);
  const auto event_files = find_session_files(files, data_dir, session_id, started_at);
  const ProjectedRun run(files, data_dir, event_files, session_id, run_id);
  MaterializeResult result;
  result.damages = run.damages();
  if (!run.complete()) {
    result.status = run.started() ? MaterializeResult::Status::kNotEnded
                                  : MaterializeResult::Status::kNotStarted;
    return result;
  }
  result.problems = run.problems();
  result.steps = static_cast<std::int64_t>(run.rows().steps.size());
  for (const auto& step : run.rows().steps) {
    result.measurements += static_cast<std::int64_t>(step.measurements.size());
  }
  const RunFile& file = run.file();
  const RunFilePlace place = find_run_file_place(files, file.folder, file.stem, file.run_id);
  if (is_sealed_from(files, place, run.source_events())) {
    files.sync_folder(file.folder);  // the sealing before may have failed at just that
    result.status = MaterializeResult::Status::kUnchanged;
    result.path = place.path;
    return result;
  }
  RunBatches batches(run.rows());
  result.path = publish_run_file(files, file, batches);
  result.status = MaterializeResult::Status::kWritten;
  return result;
}

}  // namespace litmus
