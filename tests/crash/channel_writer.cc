// SPDX-License-Identifier: Apache-2.0
// Writes samples until it is killed and counts, in a page that outlives it, those that got a
// reference. tests/crash/test_kill_channels.py kills it and compares the counts with the store.
//
//   channel_writer DATA_DIR COUNTERS SAMPLES_PER_SESSION
//
// COUNTERS is a file of three 8-byte numbers: numbers, captures and blocks that were acknowledged.
#include <fcntl.h>
#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "litmus/channel_store.h"

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  using Counter = std::atomic<std::uint64_t>;
  const int file = open(argv[2], O_RDWR | O_CLOEXEC);
  void* page = mmap(nullptr, 3 * sizeof(Counter), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (page == MAP_FAILED) return 2;
  auto* acknowledged = static_cast<Counter*>(page);
  const std::uint64_t per_session = std::stoull(argv[3]);

  std::unique_ptr<litmus::ChannelStore> store;
  std::uint64_t captures = 0;
  std::uint64_t blocks = 0;
  for (std::uint64_t number = 0;; ++number) {
    // The store that is replaced ends its segments, and has them compacted meanwhile.
    if (number % per_session == 0) {
      store = nullptr;
      store = std::make_unique<litmus::ChannelStore>(argv[1], litmus::Uuid::random());
    }
    const std::string channel = "dmm" + std::to_string(number % 3);
    if (!store->write(channel, static_cast<double>(number))) return 1;
    acknowledged[0].store(number + 1, std::memory_order_release);
    if (number % 100 == 7) {
      const std::vector<double> samples(captures % 997, static_cast<double>(captures));
      if (!store->write("scope.ch1", litmus::Samples{samples, 1e-6})) return 1;
      acknowledged[1].store(++captures, std::memory_order_release);
    }
    if (number % 500 == 9) {
      std::vector<double> values(blocks % 2 == 0 ? 200 : 6000);  // journal, segment
      std::iota(values.begin(), values.end(), static_cast<double>(blocks * 10'000));
      if (!store->write_block("daq", litmus::Samples{values, 1e-6})) return 1;
      acknowledged[2].store(++blocks, std::memory_order_release);
    }
  }
}
