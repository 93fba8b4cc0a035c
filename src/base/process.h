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
};

ProcessIdentity this_process();  // correct after fork, too

enum class Liveness { kAlive, kDead, kUnknown };  // kUnknown: it ran on another host
Liveness liveness_of(const ProcessIdentity& process);

// The name of the running program: the file of its first script argument for interpreters, else
// the executable; "unknown" if neither is readable.
std::string program_name();

struct OperatingSystem {
  std::string name;     // "Linux"
  std::string version;  // of the kernel
  std::string machine;  // "x86_64"
};
OperatingSystem operating_system();

std::string environment_variable(const char* name);  // empty if unset
std::string current_folder();

}  // namespace litmus
