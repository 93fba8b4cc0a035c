// SPDX-License-Identifier: Apache-2.0
// Records a run and ends at once, while its event file is still to be compressed.
//
//   short_run DATA_DIR MEASUREMENTS
#include <string>

#include "litmus/client.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  litmus::Client client({.data_dir = argv[1]});
  auto run = client.start_run({.dut_serial = "SN001", .station_id = "bench_1"});
  {
    auto step = run.step("rail_3v3");
    for (int i = 0; i < std::stoi(argv[2]); ++i) {
      step.measure("voltage_" + std::to_string(i), 3.3, {.units = "V", .low = 3.1, .high = 3.5});
    }
  }
  return run.finish().file_path ? 0 : 1;
}
