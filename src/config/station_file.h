// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "config/project_file.h"

namespace litmus {

// Where the configuration of a project is looked for.
struct ConfigPlaces {
  std::optional<Project> project;            // the nearest upwards
  std::string folder;                        // the project's, else the one that was started from
  std::vector<std::string> station_folders;  // the project's, then the machine's

  static ConfigPlaces from(FileSystem& files, const std::string& start_folder);
};

// All stations; one of the project hides one of the machine with the same id.
std::vector<std::string> find_station_files(FileSystem& files, const ConfigPlaces& places);

// By id, or a path that ends with `.yaml`; nothing: the one whose `hostname` is this machine, else
// the project's `default_station`. Error(kNotFound) names the places that were looked at;
// Error(kInvalidArgument) if there is no default.
std::string find_station_file(FileSystem& files, const ConfigPlaces& places,
                              const std::optional<std::string>& id);

}  // namespace litmus
