// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <ranges>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/instruments.h"
#include "cli/questions.h"
#include "config/config_file.h"
#include "config/station_file.h"
#include "litmus/error.h"
#include "scaffold/project_files.h"
#include "scaffold/test_file.h"

namespace litmus {
namespace {

struct Options {
  std::string name;
  std::optional<std::string> roles;
};

// Those of the default station, else of the first one; none without a station.
std::vector<TestRole> station_roles(const ConfigPlaces& places) {
  const auto stations = find_station_files(posix_file_system(), places);
  if (stations.empty()) return {};
  std::string file = stations.front();
  if (places.project && find_text(places.project->settings, "default_station")) {
    file = find_station_file(posix_file_system(), places, std::nullopt);
  }
  const ConfigFile station = read_config_file(posix_file_system(), "station", file);
  std::vector<TestRole> roles;
  for (const auto& [role, instrument] : map_at(station.content, "instruments")) {
    const auto* settings = instrument.get_if<ValueMap>();
    roles.push_back({role, settings == nullptr ? ValueMap{} : map_at(*settings, "mock_config")});
  }
  return roles;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> names;
  for (const auto part : text | std::views::split(',')) {
    std::string name(part.begin(), part.end());
    std::erase(name, ' ');
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

std::vector<TestRole> chosen(const std::vector<TestRole>& offered, const std::string& wanted) {
  std::vector<TestRole> roles;
  for (const std::string& name : split(wanted)) {
    const auto found = std::ranges::find(offered, name, &TestRole::name);
    if (found == offered.end()) {
      throw Error(
          Code::kNotFound,
          fmt::format(
              "role `{}`: the station has {}", name,
              offered.empty()
                  ? "none, or there is no station"
                  : fmt::format(
                        "{}", fmt::join(offered | std::views::transform(&TestRole::name), ", "))));
    }
    roles.push_back(*found);
  }
  return roles;
}

int new_test(const Options& options, Console& console) {
  const ConfigPlaces places = config_places();
  const std::string name = test_name(options.name);
  const std::string path = join_path(places.folder, fmt::format("tests/test_{}.py", name));
  if (posix_file_system().exists(path)) {
    throw Error(Code::kConflict, path + " exists already: choose another name, or edit it");
  }
  const std::vector<TestRole> offered = station_roles(places);
  std::string wanted =
      fmt::format("{}", fmt::join(offered | std::views::transform(&TestRole::name), ","));
  if (options.roles) {
    wanted = *options.roles;
  } else if (!offered.empty() && can_ask(console)) {
    wanted = ask(console, "Instruments", wanted);
  }
  write_new_file(posix_file_system(), path, test_file_text(name, chosen(offered, wanted)));
  console.print("Written: " + path + "\n");
  return kSuccess;
}

}  // namespace

Command new_test_command() {
  auto options = std::make_shared<Options>();
  return {
      .name = "new-test",
      .summary = "begin a test: get, set, measure, verify",
      .details =
          "Offers the instruments of the default station, else of the first one, on a terminal; "
          "else all of them are taken.\nExamples:\n"
          "  litmus new-test ripple --roles psu,dmm",
      .options = {{.names = "NAME",
                   .help = "tests/test_NAME.py",
                   .target = &options->name,
                   .required = true},
                  {.names = "--roles",
                   .help = "instruments that it uses, by role, with commas between them",
                   .target = &options->roles,
                   .value_name = "LIST"}},
      .run = [options](Console& console) { return new_test(*options, console); }};
}

}  // namespace litmus
