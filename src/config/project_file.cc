// SPDX-License-Identifier: Apache-2.0
#include "config/project_file.h"

#include <fmt/format.h>

#include "base/process.h"
#include "config/yaml_document.h"
#include "litmus/error.h"

namespace litmus {
namespace {

std::string resolve_path(const std::string& text, const std::string& folder) {
  if (text == "~" || text.starts_with("~/")) {
    return absolute_path(
        join_path(environment_variable("HOME"), text.substr(text.size() > 1 ? 2 : 1)));
  }
  return absolute_path(join_path(folder, text));
}

Durability parse_durability(const YamlDocument& document, const YamlDocument::Value& value,
                            const std::string& text) {
  if (text == "group") return Durability::kGroup;
  if (text == "step") return Durability::kStep;
  if (text == "event") return Durability::kEvent;
  document.reject(value.line(),
                  fmt::format("`durability`: expected group, step or event, found `{}`", text));
}

}  // namespace

Project read_project(FileSystem& files, const std::string& file) {
  const auto content = files.read(file);
  const Bytes bytes = content->bytes();
  const YamlDocument document({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file);

  Project project;
  project.file = file;
  const auto name = document.find("name");
  const auto name_text = name ? name->scalar() : std::nullopt;
  if (!name_text)
    document.reject(name ? name->line() : 1, "`name`: expected the project's name, found none");
  project.name = *name_text;
  if (const auto value = document.find("data_dir")) {
    if (const auto text = value->scalar())
      project.data_dir = resolve_path(*text, parent_folder(file));
  }
  if (const auto value = document.find("durability")) {
    if (const auto text = value->scalar()) {
      project.durability = parse_durability(document, *value, *text);
    }
  }
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
