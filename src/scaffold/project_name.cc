// SPDX-License-Identifier: Apache-2.0
#include "scaffold/project_name.h"

#include <algorithm>

#include "base/blanks.h"

namespace litmus {

std::optional<std::string> find_repository(FileSystem& files, const std::string& folder) {
  std::string place = folder;
  while (true) {
    if (files.exists(join_path(place, ".git"))) return place;
    const std::string parent = parent_folder(place);
    if (parent == place || parent.empty()) return std::nullopt;
    place = parent;
  }
}

std::string remote_leaf(const std::string& remote) {
  std::string leaf(without_outer_blanks(remote));
  while (leaf.ends_with('/')) leaf.pop_back();
  if (leaf.ends_with(".git")) leaf.resize(leaf.size() - 4);
  const std::size_t start = leaf.find_last_of("/:");
  return start == std::string::npos ? leaf : leaf.substr(start + 1);
}

std::string as_project_name(const std::string& text) {
  std::string name(without_outer_blanks(text));
  std::ranges::replace_if(name, [](char letter) { return letter == '-' || letter == ' '; }, '_');
  return name;
}

}  // namespace litmus
