// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace litmus {

// A line on standard error that says how far a long task has come: only on a terminal, only after
// two seconds, gone when the task ends.
class Progress {
 public:
  explicit Progress(std::string what);  // "reading run files"
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::size_t done, std::size_t total);

 private:
  using Clock = std::chrono::steady_clock;

  std::string what_;
  bool possible_;
  bool shown_ = false;
  Clock::time_point next_;
};

}  // namespace litmus
