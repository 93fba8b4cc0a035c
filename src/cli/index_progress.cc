// SPDX-License-Identifier: Apache-2.0
#include "cli/index_progress.h"

#include <condition_variable>
#include <mutex>

#include "base/terminal.h"
#include "cli/progress.h"
#include "litmus/error.h"
#include "reader/daemon_client.h"
#include "service/daemon_directory.h"

namespace litmus {
namespace {

constexpr auto kPatience = std::chrono::seconds(2);
constexpr auto kPace = std::chrono::milliseconds(500);

// False when it was asked to stop meanwhile.
bool wait(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any never;
  never.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

std::size_t count_of(const ValueMap& status, std::string_view key) {
  const Value* value = status.find(key);
  const auto* count = value == nullptr ? nullptr : value->get_if<std::int64_t>();
  return count == nullptr ? 0 : static_cast<std::size_t>(*count);
}

void tell_progress(const std::stop_token& stop, const std::string& data_dir) {
  Progress progress("taking files into the index");
  if (!wait(stop, kPatience)) return;
  try {
    const DaemonPlaces places = daemon_places(data_dir);
    do {
      const auto daemon = find_daemon(places);
      if (!daemon) continue;
      const ValueMap status = status_of(*daemon);
      const std::size_t waiting = count_of(status, "files_to_index");
      const std::size_t done = count_of(status, "files_indexed");
      if (waiting > 0) progress.update(done, done + waiting);
    } while (wait(stop, kPace));
  } catch (const Error&) {  // the question itself will tell
  }
}

}  // namespace

IndexProgress::IndexProgress(std::string data_dir) {
  if (!is_terminal(Stream::kError)) return;
  thread_ = std::jthread([data_dir = std::move(data_dir)](const std::stop_token& stop) {
    tell_progress(stop, data_dir);
  });
}

}  // namespace litmus
