// SPDX-License-Identifier: Apache-2.0
// Records a run on a disk that is too small for it; tests/crash/test_full_disk.py compares what it
// prints with the files.
//
//   full_disk_writer DATA_DIR BALLAST
//
// Removes the file BALLAST half-way, so that there is space again for a while. Prints a line with
// `1` or `0` for each measurement, written or not, one with the lost events, then the problems.
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "litmus/event_log.h"

namespace {
constexpr int kMeasurements = 4000;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::vector<std::string> problems;
  litmus::EventLogOptions options;
  options.on_problem = [&](const std::string& problem) { problems.push_back(problem); };
  litmus::EventLog log(argv[1], litmus::Uuid::random(), options);

  litmus::RunStarted started;
  started.run_id = litmus::Uuid::random();
  log.emit(litmus::SessionStarted{});
  log.emit(started);
  std::string written;
  for (int number = 0; number < kMeasurements; ++number) {
    if (number == kMeasurements / 2) std::filesystem::remove(argv[2]);
    litmus::MeasurementRecorded event;
    event.run_id = started.run_id;
    event.step_name = "fill";
    event.step_path = "fill";
    event.measurement_name = std::to_string(number);
    event.value = number;
    written += log.emit(event) ? '1' : '0';
  }
  litmus::RunEnded ended;
  ended.run_id = started.run_id;
  const bool run_end = log.emit(ended);
  const bool session_end = log.emit(litmus::SessionEnded{});
  log.close();

  std::printf("%s\n%lld\n", written.c_str(), static_cast<long long>(log.events_lost()));
  for (const std::string& problem : problems) std::printf("%s\n", problem.c_str());
  return run_end && session_end ? 0 : 1;
}
