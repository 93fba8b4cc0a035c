// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/stop_signals.h"
#include "service/daemon_directory.h"
#include "service/daemon_lock.h"

namespace litmus {

struct DaemonOptions {
  DaemonPlaces places;
  // Ends after so long without calls, subscribers and writers; absent: stays.
  std::optional<std::chrono::seconds> idle;
  // Calls can be made.
  std::function<void(const std::string& address)> on_ready;
};

// Is the daemon of a data directory until it is asked to end, has nothing to do, or its lock file
// is gone. Owns index, feed and service; ends them in good order: open streams end, what runs gets
// two seconds, the index is committed. The lock is the caller's and freed after everything else.
void run_daemon(const DaemonOptions& options, DaemonLock& lock, StopSignals& signals);

}  // namespace litmus
