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

class RunAccumulator;

// What an event file's writer contributed to the rows of a run.
struct SourceEvents {
  std::string writer;  // id of the writer, else the name of its file
  std::int64_t first_seq = 0;
  std::int64_t last_seq = 0;
  std::int64_t events = 0;
};

struct EventReplay {
  std::vector<SourceEvents> sources;
  std::vector<std::string> damages;  // what could not be read, one sentence each
};

// Gives the events of the accumulator's run to it, file after file. Damage does not stop it: what
// is intact is used, the rest is told.
EventReplay replay_run(FileSystem& files, const std::vector<std::string>& event_files,
                       const Uuid& run_id, RunAccumulator& accumulator);

// The sources as JSON, for the run file's metadata: same events, same text.
std::string to_json(const std::vector<SourceEvents>& sources);

// A run that event files tell of.
struct RunInEvents {
  Uuid run_id;
  Uuid session_id;
  std::optional<Timestamp> started_at;  // absent if the event is lost
  bool ended = false;
  std::vector<std::string> event_files;  // of its session
};

// By start time, then run id. Names what could not be read in `damages`.
std::vector<RunInEvents> list_runs_in_events(FileSystem& files, const std::string& data_dir,
                                             std::vector<std::string>& damages);

}  // namespace litmus
