// SPDX-License-Identifier: Apache-2.0
#include "config/project_file.h"

#include "base/process.h"
#include "config/config_file.h"

namespace litmus {
namespace {

std::string resolve_path(const std::string& text, const std::string& folder) {
  if (text == "~" || text.starts_with("~/")) {
    return absolute_path(
        join_path(environment_variable("HOME"), text.substr(text.size() > 1 ? 2 : 1)));
  }
  return absolute_path(join_path(folder, text));
}

Durability to_durability(const std::string& text) {
  if (text == "step") return Durability::kStep;
  return text == "event" ? Durability::kEvent : Durability::kGroup;
}

}  // namespace

Project read_project(FileSystem& files, const std::string& file) {
  ConfigFile read = read_config_file(files, "project", file);
  Project project;
  project.file = file;
  project.name = *find_text(read.content, "name");
  if (const auto data_dir = find_text(read.content, "data_dir")) {
    project.data_dir = resolve_path(*data_dir, parent_folder(file));
  }
  project.durability = to_durability(*find_text(read.content, "durability"));
  project.settings = std::move(read.content);
  return project;
}

std::optional<Project> find_project(FileSystem& files, const std::string& start_folder) {
  std::string folder = absolute_path(start_folder);
  while (true) {
    const std::string file = join_path(folder, kProjectFileName);
    if (files.exists(file)) return read_project(files, file);
    const std::string parent = parent_folder(folder);
    if (parent == folder || parent.empty()) return std::nullopt;
    folder = parent;
  }
}

}  // namespace litmus
