// SPDX-License-Identifier: Apache-2.0
#include "config/station_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/did_you_mean.h"
#include "base/process.h"
#include "config/config_file.h"
#include "config/litmus_home.h"
#include "litmus/error.h"

namespace litmus {
namespace {

// The one whose `hostname` is this machine; nothing if there is none, or several.
std::optional<std::string> station_of_this_machine(FileSystem& files, const ConfigPlaces& places) {
  std::vector<std::string> found;
  for (const std::string& path : find_station_files(files, places)) {
    try {
      const ConfigFile station = read_config_file(files, "station", path);
      if (find_text(station.content, "hostname") == this_process().host) found.push_back(path);
    } catch (const Error&) {
      continue;  // told when it is the one that is wanted
    }
  }
  return found.size() == 1 ? std::optional(found.front()) : std::nullopt;
}

std::string default_station(const ConfigPlaces& places) {
  if (places.project) {
    if (const auto id = find_text(places.project->settings, "default_station")) return *id;
    throw Error(
        Code::kInvalidArgument,
        fmt::format("no station: name one, or set `default_station` in {}", places.project->file));
  }
  throw Error(Code::kInvalidArgument,
              fmt::format("no station: name one, or set `default_station` in a litmus.yaml; there "
                          "is none in {} or above",
                          places.folder));
}

}  // namespace

ConfigPlaces ConfigPlaces::from(FileSystem& files, const std::string& start_folder) {
  ConfigPlaces places;
  places.project = find_project(files, start_folder);
  places.folder =
      places.project ? parent_folder(places.project->file) : absolute_path(start_folder);
  places.station_folders.push_back(join_path(places.folder, "stations"));
  if (const auto home = find_litmus_home()) {
    places.station_folders.push_back(join_path(home->path, "stations"));
  }
  return places;
}

std::vector<std::string> find_station_files(FileSystem& files, const ConfigPlaces& places) {
  std::vector<std::string> found;
  for (const std::string& folder : places.station_folders) {
    for (const std::string& path : find_yaml_files(files, folder, Depth::kFolder)) {
      const bool is_hidden = std::ranges::any_of(
          found, [&](const std::string& other) { return file_stem(other) == file_stem(path); });
      if (!is_hidden) found.push_back(path);
    }
  }
  return found;
}

std::string find_station_file(FileSystem& files, const ConfigPlaces& places,
                              const std::optional<std::string>& id) {
  if (!id) {
    if (const auto path = station_of_this_machine(files, places)) return *path;
  }
  const std::string wanted = id ? *id : default_station(places);
  if (wanted.ends_with(".yaml")) return absolute_path(wanted);
  std::vector<std::string> known;
  for (const std::string& path : find_station_files(files, places)) {
    known.push_back(file_stem(path));
    if (known.back() == wanted) return path;
  }
  std::string looked;
  for (const std::string& folder : places.station_folders) {
    looked += fmt::format("{}{}/{}.yaml", looked.empty() ? "" : " nor ", folder, wanted);
  }
  const auto closest = closest_word(wanted, known);
  throw Error(Code::kNotFound, fmt::format("station `{}`: there is neither {}{}", wanted, looked,
                                           closest ? "; did you mean `" + *closest + "`?" : ""));
}

}  // namespace litmus
