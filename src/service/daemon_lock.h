// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/file_lock.h"
#include "service/daemon_directory.h"

namespace litmus {

// Whether a newer program replaces this daemon.
bool is_outdated(const RunningDaemon& daemon);

// Makes the process that holds it the daemon of a data directory. Held until the process ends or
// the object is destroyed: the last thing that a daemon lets go of.
class DaemonLock {
 public:
  // Waits for a daemon that starts or stops, ends an outdated one. Nothing if another one runs:
  // `running` says which. Error(kUnavailable) if it does not come to either.
  static std::optional<DaemonLock> take(const DaemonPlaces& places, RunningDaemon& running);

  // Others find the daemon from now on; with an empty address, they wait until it takes calls or
  // has let go of the lock.
  void announce(const std::string& address);
  // False once somebody has removed the file: another daemon may run, this one has to go.
  bool is_in_place() const { return lock_.is_in_place(); }

 private:
  DaemonLock(FileLock lock, std::string data_dir)
      : lock_(std::move(lock)), data_dir_(std::move(data_dir)) {}

  FileLock lock_;
  std::string data_dir_;
};

}  // namespace litmus
