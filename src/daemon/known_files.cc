// SPDX-License-Identifier: Apache-2.0
#include "daemon/known_files.h"

#include <string_view>
#include <utility>

#include "base/file_system.h"

namespace litmus {
namespace {

// There are many of them: no std::filesystem::path for each.
std::pair<std::string_view, std::string_view> folder_and_name(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return {"", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace

KnownFile& KnownFiles::operator[](const std::string& path) {
  const auto [folder, name] = folder_and_name(path);
  auto files = folders_.find(folder);
  if (files == folders_.end()) files = folders_.emplace(folder, Files()).first;
  auto file = files->second.find(name);
  if (file == files->second.end()) file = files->second.emplace(name, KnownFile()).first;
  return file->second;
}

const KnownFile* KnownFiles::find(const std::string& path) const {
  const auto [folder, name] = folder_and_name(path);
  const auto files_there = folders_.find(folder);
  if (files_there == folders_.end()) return nullptr;
  const Files& files = files_there->second;
  const auto place = files.find(name);
  return place == files.end() ? nullptr : &place->second;
}

void KnownFiles::erase(const std::string& path) {
  const auto [folder, name] = folder_and_name(path);
  const auto files = folders_.find(folder);
  if (files == folders_.end()) return;
  const auto place = files->second.find(name);
  if (place != files->second.end()) files->second.erase(place);
}

const KnownFiles::Files& KnownFiles::in_folder(const std::string& folder) const {
  static const Files kNone;
  const auto place = folders_.find(folder);
  return place == folders_.end() ? kNone : place->second;
}

std::vector<std::string> KnownFiles::with_prefix(const std::string& prefix) const {
  std::vector<std::string> paths;
  for (const auto& [folder, files] : folders_) {
    for (auto at = files.lower_bound(prefix); at != files.end() && at->first.starts_with(prefix);
         ++at) {
      paths.push_back(join_path(folder, at->first));
    }
  }
  return paths;
}

std::vector<std::string> KnownFiles::folders() const {
  std::vector<std::string> names;
  for (const auto& [folder, files] : folders_) names.push_back(folder);
  return names;
}

}  // namespace litmus
