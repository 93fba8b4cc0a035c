// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "litmus/time.h"

namespace litmus::history {

inline constexpr std::size_t kProducts = 5;
inline constexpr std::size_t kStations = 8;
inline constexpr std::size_t kOperators = 12;
inline constexpr int kDays = 365;

enum class Phase : std::uint8_t { kProduction, kValidation, kDevelopment };
enum class Ending : std::uint8_t { kRan, kErrored, kTerminated, kAborted };

// A device that is tested, once or until it passes.
struct Unit {
  std::uint32_t number = 0;  // of its product, in the order of their first runs
  std::uint8_t product = 0;
  Phase phase = Phase::kProduction;
  bool blank_serial = false;
};

struct PlannedRun {
  Timestamp started_at;
  std::uint32_t unit = 0;  // position in Plan::units
  std::uint8_t station = 0;
  std::uint8_t operator_number = 0;
  Ending ending = Ending::kRan;
  // Chooses the measurement that fails, [0, 1); below zero: none is made to fail.
  float defect = -1;
};

struct Plan {
  std::uint64_t seed = 0;
  Timestamp begin;  // of the year
  std::vector<Unit> units;
  std::vector<PlannedRun> runs;  // by start
};

// Which devices are tested when and where, over the year before `end`. About 4 % of the devices
// fail at first; most of them are tested again, at once, on another day after a repair, or on
// another station.
Plan make_plan(std::size_t runs, std::uint64_t seed, Timestamp end);

}  // namespace litmus::history
