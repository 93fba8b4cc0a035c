// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/instruments.h"

namespace litmus {
namespace {

std::vector<std::string> roles_of(const ConfigFile& station) {
  std::vector<std::string> roles;
  for (const auto& [role, entry] : map_at(station.content, "instruments")) roles.push_back(role);
  return roles;
}

std::string as_json(const std::vector<ConfigFile>& stations) {
  ValueList list;
  for (const ConfigFile& station : stations) {
    ValueMap row;
    for (const char* key : {"id", "name", "location", "hostname", "station_type"}) {
      const Value* value = station.content.find(key);
      row.set(key, value == nullptr ? Value() : *value);
    }
    ValueList roles;
    for (const std::string& role : roles_of(station)) roles.emplace_back(role);
    row.set("roles", std::move(roles));
    row.set("file", station.path);
    list.emplace_back(std::move(row));
  }
  std::string text;
  JsonWriter(text, 2).value(list);
  return text + "\n";
}

std::string as_text(const std::vector<ConfigFile>& stations, const Canvas& canvas) {
  TextTable table({{.title = "ID"},
                   {.title = "Name", .min_width = 8},
                   {.title = "Location", .min_width = 8, .drop_order = 1},
                   {.title = "Roles", .min_width = 12}});
  for (const ConfigFile& station : stations) {
    std::string roles;
    for (const std::string& role : roles_of(station)) roles += (roles.empty() ? "" : ", ") + role;
    const std::string id = *find_text(station.content, "id");
    table.add_row({{id},
                   {find_text(station.content, "name").value_or(id)},
                   {find_text(station.content, "location").value_or("")},
                   {roles}});
  }
  std::string text;
  table.append_to(text, canvas);
  return text;
}

int list_stations(bool json, Console& console) {
  const ConfigPlaces places = config_places();
  const auto stations =
      read_config_files(find_station_files(posix_file_system(), places), "station", console);
  if (json) {
    console.print(as_json(stations));
  } else if (stations.empty()) {
    console.print("No stations found. `litmus station init` makes one.\n");
  } else {
    console.print(as_text(stations, console.canvas()));
  }
  return kSuccess;
}

}  // namespace

Command station_list_command() {
  auto json = std::make_shared<bool>(false);
  return {.name = "list",
          .summary = "list the stations of the project and of this machine",
          .details = "Examples:\n  litmus station list",
          .options = {json_option(*json)},
          .run = [json](Console& console) { return list_stations(*json, console); }};
}

}  // namespace litmus
