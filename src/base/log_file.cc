// SPDX-License-Identifier: Apache-2.0
#include "base/log_file.h"

#include <filesystem>
#include <system_error>

#include "base/process.h"
#include "litmus/time.h"

namespace litmus {

namespace fs = std::filesystem;

LogFile::LogFile(std::string path, std::uint64_t full_at)
    : path_(std::move(path)), full_at_(full_at) {
  open();
}

void LogFile::open() {
  file_.open(path_, std::ios::app | std::ios::binary);
  std::error_code ignored;
  const auto size = fs::file_size(path_, ignored);
  size_ = ignored ? 0 : size;
}

void LogFile::rotate() {
  file_.close();
  std::error_code ignored;
  fs::rename(path_ + ".1", path_ + ".2", ignored);
  fs::rename(path_, path_ + ".1", ignored);
  open();
}

void LogFile::write(std::string_view line) {
  std::string text = to_iso8601(now()) + " [" + std::to_string(this_process().pid) + "] ";
  for (const char c : line) text += c == '\n' ? ' ' : c;
  text += '\n';
  const std::scoped_lock lock(mutex_);
  if (size_ > 0 && size_ + text.size() > full_at_) rotate();
  file_ << text << std::flush;
  file_.clear();
  size_ += text.size();
}

}  // namespace litmus
