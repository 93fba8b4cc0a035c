// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace litmus {

// A file as it was when it was last read.
struct KnownFile {
  std::uint64_t size = 0;
  std::int64_t modified_us = 0;  // of run files
  std::int64_t last_seq = -1;    // of event files: indexed through
  bool finished = false;         // of event files: will never change what the index says
};

// The files of one store (`events` or `runs`) that were read, by date folder and name.
class KnownFiles {
 public:
  using Files = std::map<std::string, KnownFile, std::less<>>;

  KnownFile& operator[](const std::string& path);
  const KnownFile* find(const std::string& path) const;
  void erase(const std::string& path);
  // Names and what is known of them; empty if the folder is unknown.
  const Files& in_folder(const std::string& folder) const;
  std::vector<std::string> folders() const;
  // Paths of all files whose name begins so, oldest folder first.
  std::vector<std::string> with_prefix(const std::string& prefix) const;

 private:
  std::map<std::string, Files, std::less<>> folders_;
};

}  // namespace litmus
