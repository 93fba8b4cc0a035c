// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config_file.h"

namespace litmus {

// Physical units: the files below `instruments/` of a project.
std::vector<std::string> find_asset_files(FileSystem& files, const std::string& project_folder);

// Nothing if there is no such file. Error(kInvalidArgument) if it is broken: never passed over.
std::optional<ConfigFile> find_asset(FileSystem& files, const std::string& project_folder,
                                     const std::string& id);

}  // namespace litmus
