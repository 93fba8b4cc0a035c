// SPDX-License-Identifier: Apache-2.0
#include "config/data_dir.h"

#include "config/litmus_home.h"
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
  const auto home = find_litmus_home();
  if (!home) {
    throw Error(Code::kInvalidArgument,
                "no data directory: neither LITMUS_HOME, XDG_DATA_HOME nor HOME is set; name one "
                "explicitly or set LITMUS_HOME");
  }
  return {folder_path(home->path, "data"),
          home->is_from_variable ? DataDirRule::kLitmusHome : DataDirRule::kUser, home->detail};
}

}  // namespace litmus
