// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "config/yaml_document.h"
#include "litmus/value.h"

namespace litmus {

// A configuration file that has been held against the schema of its kind.
struct ConfigFile {
  std::string path;
  ValueMap content;                   // defaults filled in
  std::vector<std::string> warnings;  // `path:line: problem`
  YamlDocument document;              // for the lines of what is found wrong later
};

// `kind` names a schema: project, station, station_type, instrument_asset.
// Error(kInvalidArgument) has all problems, each on a line of its own with file and line.
ConfigFile read_config_file(FileSystem& files, std::string_view kind, const std::string& path);

// The YAML files of a folder, sorted; those whose names begin with `_` are passed over.
enum class Depth { kFolder, kBelow };
std::vector<std::string> find_yaml_files(FileSystem& files, const std::string& folder, Depth depth);

std::string file_stem(const std::string& path);  // `bench_1` of `stations/bench_1.yaml`

// What a content has under a key; nothing where it is absent or null.
std::optional<std::string> find_text(const ValueMap& content, std::string_view key);

}  // namespace litmus
