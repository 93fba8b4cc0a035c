// SPDX-License-Identifier: Apache-2.0
#include "daemon/known_files.h"

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

KnownFiles::Files& KnownFiles::files_in(std::string_view folder) const {
  const auto known = folders_.find(folder);
  if (known != folders_.end()) return known->second;
  const std::string name(folder);
  return folders_.emplace(name, look_up_(name)).first->second;
}

KnownFile& KnownFiles::operator[](const std::string& path) {
  const auto [folder, name] = folder_and_name(path);
  Files& files = files_in(folder);
  auto file = files.find(name);
  if (file == files.end()) file = files.emplace(name, KnownFile()).first;
  return file->second;
}

const KnownFile* KnownFiles::find(const std::string& path) const {
  const auto [folder, name] = folder_and_name(path);
  const Files& files = files_in(folder);
  const auto place = files.find(name);
  return place == files.end() ? nullptr : &place->second;
}

void KnownFiles::erase(const std::string& path) {
  const auto [folder, name] = folder_and_name(path);
  Files& files = files_in(folder);
  const auto place = files.find(name);
  if (place != files.end()) files.erase(place);
}

const KnownFiles::Files& KnownFiles::in_folder(std::string_view folder) const {
  return files_in(folder);
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

}  // namespace litmus
