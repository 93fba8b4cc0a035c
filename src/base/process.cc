// SPDX-License-Identifier: Apache-2.0
#include "base/process.h"

#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

namespace litmus {
namespace {

// Empty if it cannot be read: a process may go while its file is open (ESRCH), which an iterator
// over the file would throw.
std::string read_proc(const std::string& path) {
  const std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// Boot time in seconds since 1970 (`btime` of /proc/stat), 0 if unknown. It does not change.
std::int64_t boot_time() {
  static const std::int64_t seconds = [] {
    std::istringstream stat(read_proc("/proc/stat"));
    std::string word;
    std::int64_t value = 0;
    while (stat >> word) {
      if (word == "btime" && stat >> value) return value;
    }
    return std::int64_t{0};
  }();
  return seconds;
}

const std::string& boot_id() {
  static const std::string id = [] {
    std::string text = read_proc("/proc/sys/kernel/random/boot_id");
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }();
  return id;
}

struct ProcessStatus {
  char state = '?';  // a letter of proc(5)
  Timestamp started_at;
  std::string start_key;
};

std::optional<ProcessStatus> status_of(const std::string& pid) {
  const std::string stat = read_proc("/proc/" + pid + "/stat");
  const auto name_end = stat.rfind(')');  // the program's name may hold spaces and brackets
  if (name_end == std::string::npos || boot_time() == 0) return std::nullopt;
  std::istringstream fields(stat.substr(name_end + 1));
  ProcessStatus status;
  fields >> status.state;
  std::string skipped;
  for (int field = 4; field < 22; ++field) fields >> skipped;
  std::int64_t ticks = 0;
  if (!(fields >> ticks)) return std::nullopt;
  const std::int64_t per_second = sysconf(_SC_CLK_TCK);
  status.started_at = Timestamp(std::chrono::seconds(boot_time()) +
                                std::chrono::microseconds(ticks * 1'000'000 / per_second));
  if (!boot_id().empty()) status.start_key = boot_id() + ":" + std::to_string(ticks);
  return status;
}

std::string host_name() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return host.data();
}

}  // namespace

std::int64_t this_pid() { return getpid(); }

ProcessIdentity this_process() {
  ProcessIdentity process{host_name(), this_pid(), std::nullopt};
  if (auto status = status_of("self")) {
    process.started_at = status->started_at;
    process.start_key = std::move(status->start_key);
  }
  return process;
}

std::uint32_t this_user() { return geteuid(); }

Liveness liveness_of(const ProcessIdentity& process) {
  if (process.host != host_name()) return Liveness::kUnknown;
  const auto status = status_of(std::to_string(process.pid));
  // Asked last: whoever went before the status could be read is dead.
  if (kill(static_cast<pid_t>(process.pid), 0) != 0 && errno == ESRCH) return Liveness::kDead;
  // A zombie has ended; only its parent has not asked how.
  if (status && status->state == 'Z') return Liveness::kDead;
  if (status && !status->start_key.empty() && !process.start_key.empty()) {
    return status->start_key == process.start_key ? Liveness::kAlive : Liveness::kDead;
  }
  if (!status || !process.started_at) return Liveness::kAlive;
  // Both times come from the same clock ticks, but the boot time is rounded to seconds and may be
  // corrected by one.
  const auto difference = std::chrono::abs(status->started_at - *process.started_at);
  return difference <= std::chrono::seconds(2) ? Liveness::kAlive : Liveness::kDead;
}

bool end_process(const ProcessIdentity& process, Ending how) {
  const auto pid = static_cast<pid_t>(process.pid);
  const int signal = how == Ending::kAsk ? SIGTERM : SIGKILL;
  // The descriptor stays with the process; looked at after it was opened, nobody can slip in.
  const auto descriptor = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  const bool is_old_system = descriptor < 0 && errno == ENOSYS;
  if (descriptor < 0 && !is_old_system) return false;
  bool sent = false;
  if (liveness_of(process) == Liveness::kAlive) {
    sent = is_old_system ? kill(pid, signal) == 0
                         : syscall(SYS_pidfd_send_signal, descriptor, signal, nullptr, 0) == 0;
  }
  if (!is_old_system) close(descriptor);
  return sent;
}

std::string executable_path() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

bool is_executable(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

std::string program_name() {
  const std::string command = read_proc("/proc/self/cmdline");
  std::string name;
  std::istringstream arguments(command);
  std::string argument;
  bool first = true;
  while (std::getline(arguments, argument, '\0')) {
    const bool is_script = argument.ends_with(".py");
    if (first || is_script) name = std::filesystem::path(argument).filename().string();
    if (is_script) break;
    first = false;
  }
  return name.empty() ? "unknown" : name;
}

OperatingSystem operating_system() {
  struct utsname system{};
  if (uname(&system) != 0) return {};
  return {system.sysname, system.release, system.machine};
}

std::string environment_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string current_folder() { return std::filesystem::current_path().string(); }

}  // namespace litmus
