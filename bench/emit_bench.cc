// SPDX-License-Identifier: Apache-2.0
// What a test pays for one measurement event: building it and EventLog::emit. DATA_DIR is new.
#include <cstdio>
#include <string>
#include <vector>

#include "figures.h"
#include "litmus/event_log.h"
#include "measurement_event.h"

namespace {

using namespace litmus;

constexpr int kWarmUp = 1000;
constexpr int kEvents = 100'000;

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  EventLog log(argv[1], Uuid::random());
  RunStarted started;
  started.run_id = Uuid::random();
  log.emit(SessionStarted{});
  log.emit(started);
  for (int number = 0; number < kWarmUp; ++number) {
    log.emit(bench::measurement_event(*started.run_id, number));
  }

  std::vector<double> taken;
  taken.reserve(kEvents);
  const auto begin = bench::Clock::now();
  for (int number = 0; number < kEvents; ++number) {
    const auto start = bench::Clock::now();
    log.emit(bench::measurement_event(*started.run_id, number));
    taken.push_back(bench::microseconds_since(start));
  }
  bench::print_figure("emit C++, rate", kEvents / bench::microseconds_since(begin) * 1e6);
  bench::print_figure("emit C++, p50", bench::percentile(taken, 50));
  bench::print_figure("emit C++, p99", bench::percentile(taken, 99));
  bench::print_figure("emit C++, p99.9", bench::percentile(taken, 99.9));
  if (log.events_lost() == 0) return 0;
  std::fprintf(stderr, "%lld events were lost\n", static_cast<long long>(log.events_lost()));
  return 1;
}
