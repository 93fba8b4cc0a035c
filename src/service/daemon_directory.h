// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/process.h"

namespace litmus {

// What the front ends and the daemon speak; rises when an older daemon cannot serve a newer client.
inline constexpr int kDaemonProtocol = 1;

// Where the daemon of a data directory is found: files named by a hash of the host and of the
// canonical path of the data directory, in the user's private runtime folder
// ($XDG_RUNTIME_DIR/litmus, else /tmp/litmus-{uid}; 0700, owner checked). Index and log lie in the
// user's cache folder ($XDG_CACHE_HOME/litmus, else ~/.cache/litmus). No gRPC here: writers link
// it, too.
struct DaemonPlaces {
  std::string data_dir;     // canonical
  std::string lock_file;    // locked by the daemon as long as it lives; says who it is
  std::string start_file;   // locked while one is being started
  std::string socket_file;  // at most 107 bytes
  std::string index_file;
  std::string log_file;
};
// The user's private runtime folder, made if need be.
// Error(kIo) / Error(kUnauthorized) when it cannot be made or belongs to another.
std::string runtime_folder();
// Errors as of runtime_folder().
DaemonPlaces daemon_places(const std::string& data_dir);

// A daemon that holds the lock and takes calls.
struct RunningDaemon {
  ProcessIdentity process;
  std::string version;
  int protocol = 0;
  std::string address;  // grpc+unix:///...
};

// Nothing when none takes calls, whatever files a dead one has left.
std::optional<RunningDaemon> find_daemon(const DaemonPlaces& places);

// The daemon of the data directory, started if there is none, an older one replaced in good order;
// returns when it takes calls. Safe against any number of starters at once. Error(kUnavailable)
// with the reason and the log's place if it does not come up within `seconds`, or if
// LITMUS_DAEMON=off.
RunningDaemon ensure_daemon(const std::string& data_dir, int seconds = 10);

// Starts it without waiting, if none runs; never fails, never blocks for longer than starting a
// process takes. Nothing with LITMUS_DAEMON=off. For writers.
void start_daemon_in_background(const std::string& data_dir) noexcept;

// The daemon that ran and has ended: asked in good order first (SIGTERM), killed after `seconds`.
// Nothing if none ran. Error(kUnavailable) if it cannot be ended. One that somebody is starting is
// waited for, and ended.
std::optional<RunningDaemon> stop_daemon(const DaemonPlaces& places, int seconds = 10);
// Without that wait: for the one that is being started.
std::optional<RunningDaemon> stop_running_daemon(const DaemonPlaces& places, int seconds = 10);

// Where ensure_daemon looks for the program after $LITMUS_EXECUTABLE and the folder of the running
// program, and before PATH: for programs that an interpreter runs. Call it before other threads use
// this header.
void set_litmus_executable(const std::string& path);

}  // namespace litmus
