// SPDX-License-Identifier: Apache-2.0
// Emits events until it is killed and counts, in a page that outlives it, those whose emit()
// returned. tests/crash/test_kill.py kills it and compares the count with the files.
//
//   crash_writer DATA_DIR COUNTERS EVENTS_PER_SESSION CHILDREN
//
// COUNTERS is a file of 8-byte numbers, one per process: the parent's, then its children's. They
// start at 0; a process sets its own to n + 1 when its event n has been acknowledged.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>

#include "litmus/event_log.h"

namespace {

using Counter = std::atomic<std::uint64_t>;
static_assert(Counter::is_always_lock_free && sizeof(Counter) == 8);

std::span<Counter> map_counters(const char* path, std::size_t count) {
  const int file = open(path, O_RDWR | O_CLOEXEC);
  void* page = mmap(nullptr, count * sizeof(Counter), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (page == MAP_FAILED) std::exit(2);
  return {static_cast<Counter*>(page), count};
}

// Event `number` of process `writer`; the reader knows each field from these two. The texts have
// different lengths, so that rows end anywhere in a page.
litmus::MeasurementRecorded event(const litmus::Uuid& run, std::size_t writer,
                                  std::uint64_t number) {
  litmus::MeasurementRecorded event;
  event.run_id = run;
  event.step_name = "writer_" + std::to_string(writer);
  event.step_path = event.step_name;
  event.measurement_name = std::to_string(number);
  event.value = static_cast<double>(number) * 0.1;
  event.spec_ref = std::string(number * 7919 % 997, 'x');
  return event;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const std::string data_dir = argv[1];
  const std::uint64_t events_per_session = std::stoull(argv[3]);
  const std::size_t children = std::stoull(argv[4]);
  const auto acknowledged = map_counters(argv[2], 1 + children);

  const litmus::Uuid run = litmus::Uuid::random();
  std::size_t writer = 0;
  std::unique_ptr<litmus::EventLog> log;
  for (std::uint64_t number = 0;; ++number) {
    // The log that is replaced ends its file, and has it rewritten in the background meanwhile.
    if (!log || (children == 0 && number % events_per_session == 0)) {
      log = std::make_unique<litmus::EventLog>(data_dir, litmus::Uuid::random());
    }
    if (!log->emit(event(run, writer, number))) return 1;
    acknowledged[writer].store(number + 1, std::memory_order_release);
    if (writer != 0 || number != 0) continue;
    for (std::size_t child = 1; child <= children && writer == 0; ++child) {
      if (fork() == 0) {
        writer = child;
        number = ~std::uint64_t{0};  // the first of its own is event 0
      }
    }
  }
}
