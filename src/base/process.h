// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "litmus/time.h"

namespace litmus {

// The pid alone does not name a process: it comes back after a while, and on another host it is
// somebody else's. All three together do.
struct ProcessIdentity {
  std::string host;
  std::int64_t pid = 0;
  std::optional<Timestamp> started_at;  // from /proc; absent where that is not readable
  // The boot of the machine and the process's start in it, in clock ticks. Says more than the time,
  // which the system reckons anew when its clock is set; empty where it is not known.
  std::string start_key = {};
};

ProcessIdentity this_process();  // correct after fork, too
std::int64_t this_pid();         // only the id, which costs next to nothing
std::uint32_t this_user();       // the user id that counts for rights

enum class Liveness { kAlive, kDead, kUnknown };  // kUnknown: it ran on another host
Liveness liveness_of(const ProcessIdentity& process);

// Asks it to end (SIGTERM), or ends it (SIGKILL). Never another process that got its pid meanwhile;
// false if it has ended or may not be ended by us.
enum class Ending { kAsk, kKill };
bool end_process(const ProcessIdentity& process, Ending how);

// The name of the running program: the file of its first script argument for interpreters, else
// the executable; "unknown" if neither is readable.
std::string program_name();

std::string executable_path();                // of the running program; empty if it is not readable
bool is_executable(const std::string& path);  // a file that may be run

struct OperatingSystem {
  std::string name;     // "Linux"
  std::string version;  // of the kernel
  std::string machine;  // "x86_64"
};
OperatingSystem operating_system();

std::string environment_variable(const char* name);  // empty if unset
std::string current_folder();

}  // namespace litmus
