// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <fstream>
#include <mutex>
#include <string>
#include <string_view>

namespace litmus {

// What a program in the background has to tell, for whoever asks why something is as it is: lines
// with UTC time and pid, in a file and, when that is full, two older ones (.1, .2). Any thread; a
// disk that is full is no reason to fail.
class LogFile {
 public:
  static constexpr std::uint64_t kFullAt = 1 << 20;  // bytes

  explicit LogFile(std::string path, std::uint64_t full_at = kFullAt);
  void write(std::string_view line);

 private:
  void open();
  void rotate();

  std::string path_;
  std::uint64_t full_at_;
  std::mutex mutex_;
  std::ofstream file_;
  std::uint64_t size_ = 0;
};

}  // namespace litmus
