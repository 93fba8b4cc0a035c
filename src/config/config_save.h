// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/file_system.h"
#include "litmus/value.h"

namespace litmus {

// Writes a configuration file of a kind (config_file.h). One that exists keeps its comments and the
// order of its keys, see yaml_edit.h. The file is replaced in one step; what would not be readable
// is not written: Error(kInvalidArgument) as from reading it.
void save_config_file(FileSystem& files, std::string_view kind, const std::string& path,
                      const ValueMap& content);

// Error(kConflict) if it exists.
void create_config_file(FileSystem& files, std::string_view kind, const std::string& path,
                        const ValueMap& content);

}  // namespace litmus
