// SPDX-License-Identifier: Apache-2.0
#include "config/instrument_assets.h"

namespace litmus {

std::vector<std::string> find_asset_files(FileSystem& files, const std::string& project_folder) {
  return find_yaml_files(files, join_path(project_folder, "instruments"), Depth::kBelow);
}

std::optional<ConfigFile> find_asset(FileSystem& files, const std::string& project_folder,
                                     const std::string& id) {
  for (const std::string& path : find_asset_files(files, project_folder)) {
    if (file_stem(path) == id) return read_config_file(files, "instrument_asset", path);
  }
  return std::nullopt;
}

}  // namespace litmus
