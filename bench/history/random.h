// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

#include "litmus/ids.h"

namespace litmus::history {

// Random numbers that are the same on every machine: SplitMix64. Seeded by several numbers, so that
// each unit and each run has its own, whatever thread makes it.
class Random {
 public:
  template <class... Numbers>
  explicit Random(std::uint64_t seed, Numbers... more) : state_(seed) {
    ((state_ = next() ^ static_cast<std::uint64_t>(more)), ...);
  }

  std::uint64_t next() {
    std::uint64_t mixed = state_ += 0x9E3779B97F4A7C15U;
    mixed = (mixed ^ mixed >> 30U) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ mixed >> 27U) * 0x94D049BB133111EBU;
    return mixed ^ mixed >> 31U;
  }
  double uniform() { return static_cast<double>(next() >> 11U) * 0x1p-53; }  // [0, 1)
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  bool chance(double probability) { return uniform() < probability; }
  std::size_t below(std::size_t count) {
    return static_cast<std::size_t>(uniform() * static_cast<double>(count));
  }
  double normal() {
    return std::sqrt(-2 * std::log(1 - uniform())) * std::cos(2 * std::numbers::pi * uniform());
  }
  Uuid uuid() {
    Uuid id;
    for (std::size_t half = 0; half < 2; ++half) {
      const std::uint64_t bits = next();
      for (std::size_t i = 0; i < 8; ++i) {
        id.bytes[8 * half + i] = static_cast<std::uint8_t>(bits >> 8 * i);
      }
    }
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | 0x40U);  // version 4
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
    return id;
  }

 private:
  std::uint64_t state_;
};

}  // namespace litmus::history
