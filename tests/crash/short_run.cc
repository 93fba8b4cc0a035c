// SPDX-License-Identifier: Apache-2.0
// Records runs and ends at once, while their event files are still being compressed.
//
//   short_run DATA_DIR RUNS MEASUREMENTS
#include <string>

#include "litmus/client.h"

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  litmus::Client client({.data_dir = argv[1]});
  for (int runs = std::stoi(argv[2]); runs > 0; --runs) {
    auto run = client.start_run({.dut_serial = "SN001", .station_id = "bench_1"});
    {
      auto step = run.step("rail_3v3");
      for (int i = 0; i < std::stoi(argv[3]); ++i) {
        step.measure("voltage_" + std::to_string(i), 3.3, {.units = "V", .low = 3.1, .high = 3.5});
      }
    }
    if (!client.get_run(run.finish().run_id)) return 1;
  }
  return 0;
}
