// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "litmus/time.h"

namespace litmus {

// One run as lists and look-ups show it; both fill the same fields.
struct RunSummary {
  std::string run_id;
  std::string session_id;
  std::optional<std::string> slot_id;
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> ended_at;
  std::optional<std::string> dut_serial;
  std::optional<std::string> dut_part_number;
  std::optional<std::string> dut_lot_number;
  std::optional<std::string> product_id;
  std::optional<std::string> station_id;
  std::optional<std::string> station_name;
  std::optional<std::string> station_type;
  std::optional<std::string> station_hostname;
  std::optional<std::string> fixture_id;
  std::optional<std::string> test_phase;
  std::optional<std::string> operator_id;
  std::optional<std::string> project_name;
  std::optional<std::string> outcome;  // absent while the run is going on
  std::int64_t total_measurements = 0;
  std::int64_t total_steps = 0;
  std::optional<std::string> file_path;  // of the sealed Parquet file; absent until it is sealed
};

}  // namespace litmus
