// SPDX-License-Identifier: Apache-2.0
// From emit() in one process to the callback of a subscriber in another, through the daemon.
//
//   litmus_latency_bench DATA_DIR
//   litmus_latency_bench DATA_DIR EVENTS INTERVAL_US   as one of its writers
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <span>
#include <string>
#include <thread>

#include "figures.h"
#include "litmus/error.h"
#include "litmus/event_log.h"
#include "litmus/event_store.h"
#include "measurement_event.h"
#include "service/daemon_directory.h"

namespace litmus::bench {
namespace {

constexpr int kWarmUp = 50;  // events of each writer that do not count
constexpr auto kPatience = std::chrono::seconds(60);

// received_at is taken when emit() is called, from the clock of the machine.
class Latencies {
 public:
  void add(const RecordedEvent& event) {
    const Timestamp arrived = now();
    if (event.seq < kWarmUp) return;
    const std::lock_guard lock(mutex_);
    milliseconds_.push_back(
        std::chrono::duration<double, std::milli>(arrived - event.received_at).count());
    changed_.notify_one();
  }

  std::vector<double> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kPatience, [&] { return milliseconds_.size() >= count; })) {
      throw Error(Code::kUnavailable, "events did not arrive");
    }
    return milliseconds_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<double> milliseconds_;
};

void write_events(const std::string& data_dir, int events, int interval_us) {
  EventLog log(data_dir, Uuid::random());
  RunStarted started;
  started.run_id = Uuid::random();
  log.emit(SessionStarted{});
  log.emit(started);
  auto next = Clock::now();
  for (int i = 0; i < events; ++i) {
    MeasurementRecorded measurement = measurement_event(*started.run_id, i);
    measurement.vector_index = i;
    log.emit(measurement);
    next += std::chrono::microseconds(interval_us);
    std::this_thread::sleep_until(next);
  }
  RunEnded ended;
  ended.run_id = started.run_id;
  log.emit(ended);
  log.emit(SessionEnded{});
}

pid_t start_writer(const std::string& data_dir, int events, int interval_us) {
  std::string program = "/proc/self/exe";
  std::string folder = data_dir;
  std::string count = std::to_string(events);
  std::string interval = std::to_string(interval_us);
  char* const arguments[] = {program.data(), folder.data(), count.data(), interval.data(), nullptr};
  pid_t pid = 0;
  if (posix_spawn(&pid, program.c_str(), nullptr, nullptr, arguments, environ) != 0) {
    throw Error(Code::kIo, "cannot start a writer");
  }
  return pid;
}

void measure(const std::string& data_dir, int writers, int events, int interval_us) {
  Latencies latencies;
  EventStore store(data_dir);
  const Subscription subscription = store.on_event(
      {.event_types = {"test.measurement"}},
      [&](const RecordedEvent& event) { latencies.add(event); }, {.replay = Replay::kNone});
  std::vector<pid_t> started;
  for (int i = 0; i < writers; ++i) {
    started.push_back(start_writer(data_dir, kWarmUp + events, interval_us));
  }
  const auto values = latencies.wait_for(static_cast<std::size_t>(writers * events));
  for (const pid_t pid : started) waitpid(pid, nullptr, 0);
  const std::string name =
      "emit to subscriber, " + std::to_string(writers) + (writers == 1 ? " writer" : " writers");
  print_figure(name + ", p50", percentile(values, 50));
  print_figure(name + ", p99", percentile(values, 99));
}

// The daemon has started and knows the folders.
void warm_up(const std::string& data_dir) {
  Latencies latencies;
  EventStore store(data_dir);
  const Subscription subscription =
      store.on_event({}, [&](const RecordedEvent& event) { latencies.add(event); });
  const pid_t writer = start_writer(data_dir, 2 * kWarmUp, 1'000);
  latencies.wait_for(kWarmUp);
  waitpid(writer, nullptr, 0);
}

void run(const std::string& data_dir) {
  // A daemon of its own, that nobody else asks.
  setenv("XDG_RUNTIME_DIR", data_dir.c_str(), 1);
  setenv("XDG_CACHE_HOME", data_dir.c_str(), 1);
  setenv("LITMUS_DAEMON", "on", 1);
  const std::string store = data_dir + "/data";
  warm_up(store);
  measure(store, 1, 1000, 2'000);
  measure(store, 20, 150, 20'000);
  stop_daemon(daemon_places(store));
}

}  // namespace
}  // namespace litmus::bench

int main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  if (argc == 4) {
    litmus::bench::write_events(arguments[1], std::atoi(arguments[2]), std::atoi(arguments[3]));
  } else {
    litmus::bench::run(arguments[1]);
  }
}
