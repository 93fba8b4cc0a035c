// SPDX-License-Identifier: Apache-2.0
#include "config/data_dir.h"

#include "config/project_file.h"
#include "litmus/error.h"

namespace litmus {
namespace {

// Absolute, and the same text for `data`, `./data` and `data/`.
std::string folder_path(const std::string& base, const std::string& path) {
  std::string absolute = absolute_path(join_path(base, path));
  if (absolute.size() > 1 && absolute.ends_with('/')) absolute.pop_back();
  return absolute;
}

}  // namespace

DataDir resolve_data_dir(FileSystem& files, const std::optional<std::string>& explicit_path,
                         const std::string& start_folder) {
  if (explicit_path) {
    if (explicit_path->empty()) {
      throw Error(Code::kInvalidArgument, "the data directory is an empty text: name a folder");
    }
    return {folder_path(start_folder, *explicit_path), DataDirRule::kExplicit, "given explicitly"};
  }
  if (const auto project = find_project(files, start_folder); project && project->data_dir) {
    return {folder_path(parent_folder(project->file), *project->data_dir), DataDirRule::kProject,
            "data_dir in " + project->file};
  }
  if (const std::string home = environment_variable("LITMUS_HOME"); !home.empty()) {
    return {folder_path(home, "data"), DataDirRule::kLitmusHome, "LITMUS_HOME"};
  }
  // A relative XDG_DATA_HOME is to be ignored (XDG base directory specification).
  if (const std::string data_home = environment_variable("XDG_DATA_HOME");
      data_home.starts_with('/')) {
    return {folder_path(data_home, "litmus/data"), DataDirRule::kUser,
            "the user's data folder, XDG_DATA_HOME"};
  }
  const std::string home = environment_variable("HOME");
  if (home.empty()) {
    throw Error(Code::kInvalidArgument,
                "no data directory: neither LITMUS_HOME, XDG_DATA_HOME nor HOME is set; name one "
                "explicitly or set LITMUS_HOME");
  }
  return {folder_path(home, ".local/share/litmus/data"), DataDirRule::kUser,
          "the user's data folder"};
}

}  // namespace litmus
