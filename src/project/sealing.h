// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "base/file_system.h"
#include "litmus/event_log.h"
#include "litmus/ids.h"
#include "project/materializer.h"

namespace litmus {

// For who records a run: makes the file of a run whose end `log` has written, and emits
// run.materialized. Returns the file's path; empty if it could not be made, of which `on_problem`
// is told. Nothing is lost then: `litmus data rebuild` seals it later. `started_at`: not later than
// the first event of the run was written.
//
// The file is made from what was stored, not from what is in memory, so that it is exactly what
// `litmus data rebuild` makes later.
std::string seal_run(FileSystem& files, EventLog& log, const Uuid& run_id, const EventsOfRun& where,
                     const std::function<void(const std::string& problem)>& on_problem);

// Emits run.materialized of a run that has a file.
void announce_sealed(EventLog& log, const Uuid& run_id, const MaterializeResult& sealed);

}  // namespace litmus
