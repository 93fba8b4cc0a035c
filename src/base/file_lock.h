// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace litmus {

// A lock on a file of its own, which the system frees when the last process that has it ends,
// however it ends. A process that is started with descriptor() has it, too. Local file systems
// only.
class FileLock {
 public:
  enum class Access { kOneUser, kEveryUser };  // who may read the file and take the lock

  // Makes the file where there is none. Nothing if somebody has it; Error(kIo) if the file cannot
  // be opened.
  static std::optional<FileLock> try_take(const std::string& path,
                                          Access access = Access::kOneUser);
  // Whether anybody has it, this process included. Does not disturb those who try to take it.
  static bool is_taken(const std::string& path);

  FileLock(FileLock&& other) noexcept
      : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileLock();

  // Replaces what the file says. Readers may see a part of it.
  void write(std::string_view content);
  // False once the file was removed or replaced: others could take the lock beside us.
  bool is_in_place() const;
  int descriptor() const { return descriptor_; }

 private:
  FileLock(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::string path_;
  int descriptor_;
};

}  // namespace litmus
