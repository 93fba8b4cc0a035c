// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace litmus {

// A file as it was when it was last read.
struct KnownFile {
  std::uint64_t size = 0;
  std::int64_t modified_us = 0;  // of run files
  std::int64_t last_seq = -1;    // of event files: indexed through
  bool finished = false;         // of event files: will never change what the index says
};

// The files of one store (`events` or `runs`) that were read, by date folder and name. A folder is
// looked up in the index when it is first asked about, since most folders never are.
class KnownFiles {
 public:
  using Files = std::map<std::string, KnownFile, std::less<>>;

  explicit KnownFiles(std::function<Files(const std::string& folder)> look_up)
      : look_up_(std::move(look_up)) {}

  KnownFile& operator[](const std::string& path);
  const KnownFile* find(const std::string& path) const;
  void erase(const std::string& path);
  // Names and what is known of them; empty if the folder is unknown.
  const Files& in_folder(std::string_view folder) const;
  // Paths of all files whose name begins so in the folders that were asked about, oldest folder
  // first.
  std::vector<std::string> with_prefix(const std::string& prefix) const;

 private:
  Files& files_in(std::string_view folder) const;

  std::function<Files(const std::string& folder)> look_up_;
  mutable std::map<std::string, Files, std::less<>> folders_;
  // Name and folder of each file, views into the above: a rebuild asks for the files of each
  // session, and there are many folders to look into. Made when it is first asked for.
  using NameAndFolder = std::pair<std::string_view, std::string_view>;
  mutable std::optional<std::set<NameAndFolder>> by_name_;
};

}  // namespace litmus
