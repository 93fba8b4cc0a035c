// SPDX-License-Identifier: Apache-2.0
#include "project/materializer.h"

#include "project/projected_run.h"
#include "project/run_batches.h"
#include "store/data_layout.h"
#include "store/run_file_reader.h"

namespace litmus {
namespace {

// Nothing if somebody else sealed the run meanwhile, perhaps from fewer or more events.
std::optional<MaterializeResult> try_to_materialize(FileSystem& files, const std::string& data_dir,
                                                    const Uuid& session_id, const Uuid& run_id,
                                                    const EventsOfRun& where) {
  auto event_files = find_session_files(files, data_dir, session_id, where.started_at);
  std::erase_if(event_files, [&where](const std::string& path) {
    return is_earlier_segment(path, where.first_file);
  });
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
    result.measurements += step.measurement_count;
  }
  RunFile file = run.file();
  const RunFilePlace place = find_run_file_place(files, file.folder, file.stem, file.run_id);
  if (place.taken) {
    file.replaces = RunFileReader(files, place.path).metadata("source_events").value_or("");
  }
  if (place.taken && file.replaces == run.source_events()) {
    files.sync_folder(file.folder);  // the sealing before may have failed at just that
    result.status = MaterializeResult::Status::kUnchanged;
    result.path = place.path;
    return result;
  }
  RunBatches batches(run.rows());
  const PublishedRun published = publish_run_file(files, file, batches);
  if (!published.written) return std::nullopt;
  result.path = published.path;
  result.status = MaterializeResult::Status::kWritten;
  return result;
}

}  // namespace

MaterializeResult materialize_run(FileSystem& files, const std::string& data_dir,
                                  const Uuid& session_id, const Uuid& run_id,
                                  const EventsOfRun& given) {
  EventsOfRun where = given;
  // The session may have begun just before midnight and the run just after.
  if (where.started_at) *where.started_at -= std::chrono::days(1);
  while (true) {
    auto result = try_to_materialize(files, data_dir, session_id, run_id, where);
    if (result) return *std::move(result);
  }
}

}  // namespace litmus
