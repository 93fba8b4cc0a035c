// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/file_lock.h"

namespace litmus {

// The one lock of an instrument's address on this machine, for all its users: a file in
// $LITMUS_LOCK_DIR, else /run/lock/litmus, else /tmp/litmus-locks. The system frees it when its
// holder ends, however that ends. Other machines do not see it.
class ResourceLock {
 public:
  // What the holder has said about itself; may be empty.
  using Holder = std::string;

  // `holder` is what others are told as long as the lock is held.
  static std::variant<ResourceLock, Holder> try_take(const std::string& resource,
                                                     std::string_view holder);

  const std::string& path() const { return path_; }
  void release();
  // In the child of a fork: forgets it, and the parent keeps it.
  void abandon() { lock_.reset(); }

 private:
  ResourceLock(std::string path, FileLock lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  std::optional<FileLock> lock_;
};

// The same text for all spellings of a VISA address: `tcpip::psu::instr` and `TCPIP0::psu::inst0`
// are `TCPIP0::PSU::INSTR`.
std::string canonical_resource(std::string_view resource);

}  // namespace litmus
