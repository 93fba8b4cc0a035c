// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "config/config_source.h"
#include "litmus/value.h"

namespace litmus {

// A configuration file that has been held against the schema of its kind.
struct ConfigFile {
  std::string path;
  ValueMap content;                        // defaults filled in
  std::vector<std::string> warnings;       // `path:line: problem`
  std::shared_ptr<const LineIndex> lines;  // for the places of what is found wrong later

  ConfigSource source() const { return ConfigSource(lines); }
};

// `kind` names a schema of schema/config: project, station, sidecar, ...
// Error(kInvalidArgument) has all problems, each on a line of its own with file and line.
ConfigFile read_config_file(FileSystem& files, std::string_view kind, const std::string& path);
// The same for a text that is, or is to be, the content of `path`.
ConfigFile check_config_text(std::string_view text, std::string_view kind, const std::string& path);

// The YAML files of a folder, sorted; those whose names begin with `_` are passed over.
enum class Depth { kFolder, kBelow };
std::vector<std::string> find_yaml_files(FileSystem& files, const std::string& folder, Depth depth);

std::string file_stem(const std::string& path);  // `bench_1` of `stations/bench_1.yaml`

// What a content has under a key; nothing where it is absent or null.
std::optional<std::string> find_text(const ValueMap& content, std::string_view key);

}  // namespace litmus
