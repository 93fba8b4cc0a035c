// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <thread>

namespace litmus {

// While it exists and a question to the daemon takes more than two seconds, a line on standard
// error says how many files the index still has to take in. Only on a terminal.
class IndexProgress {
 public:
  explicit IndexProgress(std::string data_dir);

 private:
  std::jthread thread_;
};

}  // namespace litmus
