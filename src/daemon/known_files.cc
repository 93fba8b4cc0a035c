// SPDX-License-Identifier: Apache-2.0
#include "daemon/known_files.h"

#include <algorithm>

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
  auto& [path, files] = *folders_.emplace(name, look_up_(name)).first;
  if (by_name_) {
    for (const auto& [file, known_file] : files) by_name_->emplace(file, path);
  }
  return files;
}

KnownFile& KnownFiles::operator[](const std::string& path) {
  const auto [folder, name] = folder_and_name(path);
  Files& files = files_in(folder);
  auto file = files.find(name);
  if (file == files.end()) {
    file = files.emplace(name, KnownFile()).first;
    if (by_name_) by_name_->emplace(file->first, folders_.find(folder)->first);
  }
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
  if (place == files.end()) return;
  if (by_name_) by_name_->erase({place->first, folder});
  files.erase(place);
}

const KnownFiles::Files& KnownFiles::in_folder(std::string_view folder) const {
  return files_in(folder);
}

std::vector<std::string> KnownFiles::with_prefix(const std::string& prefix) const {
  if (!by_name_) {
    by_name_.emplace();
    for (const auto& [folder, files] : folders_) {
      for (const auto& [name, file] : files) by_name_->emplace(name, folder);
    }
  }
  std::vector<std::string> paths;
  for (auto at = by_name_->lower_bound({prefix, ""});
       at != by_name_->end() && at->first.starts_with(prefix); ++at) {
    paths.push_back(join_path(std::string(at->second), std::string(at->first)));
  }
  std::ranges::sort(paths);
  return paths;
}

}  // namespace litmus
