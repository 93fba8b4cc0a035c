// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/file_system.h"
#include "base/process.h"

namespace litmus {

// Which rule chose a data directory, the strongest first.
enum class DataDirRule { kExplicit, kProject, kLitmusHome, kUser };

struct DataDir {
  std::string path;  // absolute; need not exist
  DataDirRule rule;
  std::string detail;  // the rule in words: "data_dir in /bench/litmus.yaml"
};

// The one resolver, used by every front end: the explicit path, `data_dir` of the nearest
// litmus.yaml from start_folder upwards, $LITMUS_HOME/data, litmus/data in the user's data folder
// ($XDG_DATA_HOME, else ~/.local/share). Error(kInvalidArgument) for a broken litmus.yaml or when
// not even a home folder is known.
DataDir resolve_data_dir(FileSystem& files, const std::optional<std::string>& explicit_path,
                         const std::string& start_folder = current_folder());

}  // namespace litmus
