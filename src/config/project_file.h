// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/file_system.h"
#include "litmus/durability.h"
#include "litmus/value.h"

namespace litmus {

inline constexpr char kProjectFileName[] = "litmus.yaml";

struct Project {
  std::string file;  // absolute path of litmus.yaml
  std::string name;
  std::optional<std::string> data_dir;  // absolute; written relative to the file
  Durability durability = Durability::kGroup;
  ValueMap settings;  // all keys, as schema/config/project.json describes them
};

// Error(kInvalidArgument) names file, line, what was expected and what was found.
Project read_project(FileSystem& files, const std::string& file);

// The project of the nearest folder upwards that has a litmus.yaml; nothing without one. A broken
// file is an error, never passed over.
std::optional<Project> find_project(FileSystem& files, const std::string& start_folder);

}  // namespace litmus
