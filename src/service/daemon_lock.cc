// SPDX-License-Identifier: Apache-2.0
#include "service/daemon_lock.h"

#include <array>
#include <charconv>
#include <chrono>
#include <thread>
#include <tuple>

#include "base/json_writer.h"
#include "litmus/error.h"
#include "litmus/version.h"

namespace litmus {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kLongestWait = std::chrono::seconds(15);  // longer than ending an outdated one takes
constexpr auto kPause = std::chrono::milliseconds(5);

std::tuple<int, int, int> parts_of(std::string_view version) {
  std::array<int, 3> parts{};
  const char* at = version.data();
  const char* end = at + version.size();
  for (int& part : parts) {
    at = std::from_chars(at, end, part).ptr;
    if (at != end) ++at;
  }
  return {parts[0], parts[1], parts[2]};
}

}  // namespace

bool is_outdated(const RunningDaemon& daemon) {
  if (daemon.protocol != kDaemonProtocol) return daemon.protocol < kDaemonProtocol;
  return parts_of(daemon.version) < parts_of(kVersion);
}

std::optional<DaemonLock> DaemonLock::take(const DaemonPlaces& places, RunningDaemon& running) {
  const auto end = Clock::now() + kLongestWait;
  while (true) {
    if (auto lock = FileLock::try_take(places.lock_file)) {
      DaemonLock taken(std::move(*lock), places.data_dir);
      taken.announce("");  // over what a dead one has left
      return taken;
    }
    if (const auto found = find_daemon(places)) {
      if (!is_outdated(*found)) {
        running = *found;
        return std::nullopt;
      }
      stop_running_daemon(places);
    }
    if (Clock::now() > end) {
      throw Error(Code::kUnavailable, "another process holds " + places.lock_file +
                                          " but does not become the daemon of " + places.data_dir);
    }
    std::this_thread::sleep_for(kPause);
  }
}

void DaemonLock::announce(const std::string& address) {
  const ProcessIdentity process = this_process();
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.key("pid");
  json.value(process.pid);
  json.key("host");
  json.value(process.host);
  json.key("started_at");
  json.value(process.started_at.value_or(now()));
  json.key("version");
  json.value(kVersion);
  json.key("protocol");
  json.value(std::int64_t{kDaemonProtocol});
  json.key("address");
  json.value(address);
  json.key("data_dir");
  json.value(data_dir_);
  json.end_object();
  lock_.write(text + "\n");
}

}  // namespace litmus
