// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "config/config_file.h"
#include "litmus/value.h"

namespace litmus {

// The YAML files below `kind` (`products`) of each folder; of several with one id the one of the
// first folder.
std::vector<std::string> find_entity_files(FileSystem& files,
                                           const std::vector<std::string>& folders,
                                           std::string_view kind, Depth depth);

// A file, then its base, then that one's. `siblings`: the files that bases are among.
// Error(kInvalidArgument) for a base that is missing, deeper than 5, or goes round in a circle.
std::vector<ConfigFile> read_with_bases(FileSystem& files, std::string_view kind,
                                        const std::vector<std::string>& siblings,
                                        const std::string& path);

// Whether an option means a file rather than an id: it has a `/`, or ends with .yaml or .yml.
bool is_path(std::string_view id_or_path);

// What a content has under a key; null where it is absent or something else.
const ValueMap* find_map(const ValueMap& content, std::string_view key);
const ValueList* find_list(const ValueMap& content, std::string_view key);
std::vector<std::string> keys_of(const ValueMap* map);  // null: none

}  // namespace litmus
