// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "litmus/ids.h"
#include "litmus/time.h"

namespace litmus {

// What is known of where the events of a run are, which spares looking elsewhere.
struct EventsOfRun {
  // Of the session, or of the run if it is the session's only one: no older date folder has them.
  std::optional<Timestamp> started_at = std::nullopt;
  // The event file with run.started: in the segments that its writer ended before there is nothing
  // of the run, and nothing else that its rows depend on.
  std::string first_file = {};
};

struct MaterializeResult {
  enum class Status {
    kWritten,     // a new file is there, or the run's old one was replaced
    kUnchanged,   // it was sealed from the same events before
    kNotStarted,  // no run.started, so there are no rows
    kNotEnded,    // no run.ended: it is going on, or its end is still to be written for it
  };
  Status status = Status::kNotStarted;
  std::string path;  // of the run file, if there is one now
  std::int64_t steps = 0;
  std::int64_t measurements = 0;
  // Neither keeps the run from being sealed.
  std::vector<std::string> damages;   // events that could not be read
  std::vector<std::string> problems;  // rows that contradict each other, references without file
};

// Seals a run: reads the event files of its session back, makes the rows and publishes the run file
// with the large values beside it. All of it is on stable storage on return. Error(kIo) if it
// cannot be written; the store is then as it was. Emits nothing: run.materialized is up to the
// caller. Another process may seal the same run at the same time: one writes, the other finds it
// unchanged.
MaterializeResult materialize_run(FileSystem& files, const std::string& data_dir,
                                  const Uuid& session_id, const Uuid& run_id,
                                  const EventsOfRun& where = {});

}  // namespace litmus
