// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

// What a benchmark program prints: a line of JSON per figure, read by bench/run.py.
namespace litmus::bench {

using Clock = std::chrono::steady_clock;

inline double microseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

inline void print_figure(const std::string& name, double value) {
  std::printf("{\"name\": \"%s\", \"value\": %.9g}\n", name.c_str(), value);
}

// The smallest value that `percent` of the values do not exceed.
inline double percentile(std::vector<double> values, double percent) {
  const double rank = std::ceil(percent / 100 * static_cast<double>(values.size()));
  const auto place = values.begin() + std::max<std::ptrdiff_t>(std::lround(rank) - 1, 0);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

}  // namespace litmus::bench
