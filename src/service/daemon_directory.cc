// SPDX-License-Identifier: Apache-2.0
#include "service/daemon_directory.h"

#include <chrono>
#include <thread>

#include "base/file_lock.h"
#include "base/file_system.h"
#include "base/unix_socket.h"
#include "litmus/error.h"
#include "model/value_json.h"

namespace litmus {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPause = std::chrono::milliseconds(5);
constexpr auto kStart = std::chrono::seconds(10);  // until one that is being started has the lock

template <class T>
const T& member(const ValueMap& map, const char* key) {
  const Value* value = map.find(key);
  const T* found = value == nullptr ? nullptr : value->get_if<T>();
  if (found == nullptr) throw Error(Code::kCorrupt, std::string("no ") + key);
  return *found;
}

// The process that has the lock, without an address as long as it takes no calls. Nothing if nobody
// has it, or just now took it.
std::optional<RunningDaemon> find_holder(const std::string& lock_file) {
  if (!FileLock::is_taken(lock_file)) return std::nullopt;
  try {
    const auto content = posix_file_system().read(lock_file);
    const Bytes bytes = content->bytes();
    const Value value = parse_value({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    const auto* map = value.get_if<ValueMap>();
    if (map == nullptr) return std::nullopt;
    RunningDaemon daemon;
    daemon.process.host = member<std::string>(*map, "host");
    daemon.process.pid = member<std::int64_t>(*map, "pid");
    daemon.process.started_at = parse_iso8601(member<std::string>(*map, "started_at"));
    daemon.version = member<std::string>(*map, "version");
    daemon.protocol = static_cast<int>(member<std::int64_t>(*map, "protocol"));
    daemon.address = member<std::string>(*map, "address");
    return daemon;
  } catch (const Error&) {
    return std::nullopt;
  }
}

template <class Condition>
bool wait_until(const Condition& is_met, std::chrono::seconds at_most) {
  const auto end = Clock::now() + at_most;
  while (!is_met()) {
    if (Clock::now() > end) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

}  // namespace

std::optional<RunningDaemon> find_daemon(const DaemonPlaces& places) {
  auto holder = find_holder(places.lock_file);
  if (!holder || holder->address.empty()) return std::nullopt;
  // One that was killed may hold its lock a moment longer than its socket.
  if (!takes_connections(places.socket_file)) return std::nullopt;
  return holder;
}

std::optional<RunningDaemon> stop_daemon(const DaemonPlaces& places, int seconds) {
  // It would run on behind our back.
  wait_until(
      [&] {
        return FileLock::is_taken(places.lock_file) || !FileLock::is_taken(places.start_file);
      },
      kStart);
  return stop_running_daemon(places, seconds);
}

std::optional<RunningDaemon> stop_running_daemon(const DaemonPlaces& places, int seconds) {
  std::optional<RunningDaemon> daemon;
  const auto is_gone = [&] { return !FileLock::is_taken(places.lock_file); };
  const auto is_known = [&] { return (daemon = find_holder(places.lock_file)) || is_gone(); };
  wait_until(is_known, std::chrono::seconds(1));
  if (!daemon) return std::nullopt;

  // Somebody who waits for the lock may have it a moment later.
  const auto has_ended = [&] {
    const auto holder = find_holder(places.lock_file);
    return holder ? holder->process.pid != daemon->process.pid : is_gone();
  };
  constexpr auto kDeath = std::chrono::seconds(5);
  end_process(daemon->process, Ending::kAsk);
  if (wait_until(has_ended, std::chrono::seconds(seconds))) return daemon;
  if (end_process(daemon->process, Ending::kKill) && wait_until(has_ended, kDeath)) return daemon;
  throw Error(Code::kUnavailable, "cannot end the daemon of " + places.data_dir + " (pid " +
                                      std::to_string(daemon->process.pid) + ")");
}

}  // namespace litmus
