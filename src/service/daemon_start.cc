// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <sstream>
#include <thread>

#include "base/detached_process.h"
#include "base/file_lock.h"
#include "base/file_system.h"
#include "litmus/error.h"
#include "service/daemon_directory.h"
#include "service/daemon_lock.h"
#include "service/ready_message.h"

namespace litmus {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
constexpr auto kPause = milliseconds(5);

std::string& executable_of_interpreter() {
  static std::string path;
  return path;
}

std::string find_executable() {
  const std::string chosen = environment_variable("LITMUS_EXECUTABLE");
  if (!chosen.empty()) {
    if (is_executable(chosen)) return absolute_path(chosen);
    throw Error(Code::kUnavailable, "LITMUS_EXECUTABLE names no program: " + chosen);
  }
  std::vector<std::string> places;
  places.push_back(join_path(parent_folder(executable_path()), "litmus"));
  places.push_back(executable_of_interpreter());
  std::istringstream folders(environment_variable("PATH"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (!folder.empty()) places.push_back(join_path(folder, "litmus"));
  }
  for (const std::string& place : places) {
    if (is_executable(place)) return absolute_path(place);
  }
  throw Error(Code::kUnavailable,
              "cannot start the daemon: no program `litmus` beside this one or in PATH; "
              "LITMUS_EXECUTABLE may name it");
}

bool is_switched_off() { return environment_variable("LITMUS_DAEMON") == "off"; }

std::optional<RunningDaemon> find_current(const DaemonPlaces& places) {
  auto daemon = find_daemon(places);
  if (daemon && is_outdated(*daemon)) daemon.reset();  // the new one ends it
  return daemon;
}

// The new process has the start lock, too, until it takes calls or has failed.
DetachedProcess start(const DaemonPlaces& places, const FileLock& starting) {
  return DetachedProcess::start(find_executable(),
                                {"daemon", "run", "--detached", "--data-dir", places.data_dir},
                                starting.descriptor());
}

[[noreturn]] void fail(const DaemonPlaces& places, const std::string& reason) {
  throw Error(Code::kUnavailable, fmt::format("the daemon of {} did not start: {}; see {}",
                                              places.data_dir, reason, places.log_file));
}

// Nothing if it has ended again meanwhile.
std::optional<RunningDaemon> wait_for(DetachedProcess process, const DaemonPlaces& places,
                                      Clock::time_point end) {
  const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
  const auto message = process.wait_for_message(left);
  if (!message) fail(places, "no answer in time");
  if (!message->empty() && *message != kReadyMessage) fail(places, *message);
  auto daemon = find_daemon(places);
  if (daemon && daemon->protocol < kDaemonProtocol) {
    fail(places, fmt::format("{} is an older version ({}) than this program", find_executable(),
                             daemon->version));
  }
  return daemon;
}

}  // namespace

void set_litmus_executable(const std::string& path) { executable_of_interpreter() = path; }

RunningDaemon ensure_daemon(const std::string& data_dir, int seconds) {
  if (is_switched_off()) {
    throw Error(Code::kUnavailable,
                "this needs the daemon, and LITMUS_DAEMON=off forbids it; unset the variable");
  }
  const DaemonPlaces places = daemon_places(data_dir);
  const auto end = Clock::now() + std::chrono::seconds(seconds);
  constexpr int kMostStarts = 3;  // one that is killed at once deserves another try
  for (int starts = 0; starts < kMostStarts;) {
    if (auto daemon = find_current(places)) return *daemon;
    // One starter is enough; the others wait for what comes of it.
    if (auto starting = FileLock::try_take(places.start_file)) {
      if (auto daemon = find_current(places)) return *daemon;
      DetachedProcess process = start(places, *starting);
      starting.reset();
      if (auto daemon = wait_for(std::move(process), places, end)) return *daemon;
      ++starts;
      continue;
    }
    if (Clock::now() > end) fail(places, "another process has been starting it for too long");
    std::this_thread::sleep_for(kPause);
  }
  fail(places, "it ended before it could answer");
}

void start_daemon_in_background(const std::string& data_dir) noexcept {
  try {
    if (is_switched_off()) return;
    const DaemonPlaces places = daemon_places(data_dir);
    if (find_current(places)) return;
    const auto starting = FileLock::try_take(places.start_file);
    if (starting && !find_current(places)) start(places, *starting);
  } catch (const std::exception&) {  // recording does not need it
  }
}

}  // namespace litmus
