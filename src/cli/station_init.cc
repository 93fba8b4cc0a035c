// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/discovery.h"
#include "cli/instruments.h"
#include "cli/questions.h"
#include "cli/station_roles.h"
#include "config/catalog.h"
#include "config/config_save.h"
#include "config/station.h"
#include "litmus/error.h"

namespace litmus {
namespace {

struct Options {
  std::optional<std::string> id;
  std::optional<std::string> name;
  std::optional<std::string> location;
};

std::string require_name(const std::string& what, const std::string& text) {
  if (is_name(text)) return text;
  throw Error(Code::kInvalidArgument,
              fmt::format("{}: expected letters, digits, `_`, `-` or `.`, found `{}`", what, text));
}

std::optional<CatalogEntry> model_of(const Catalog& catalog, const FoundInstrument& found) {
  if (!found.identity) return std::nullopt;
  std::vector<std::string> passed_over;
  return find_catalog_model(catalog, find_text(*found.identity, "manufacturer").value_or(""),
                            find_text(*found.identity, "model").value_or(""), passed_over);
}

std::optional<ChosenRole> ask_role(Console& console, const Catalog& catalog,
                                   const FoundInstrument& found, const std::string& protocol) {
  const std::string who = found.identity ? identity_text(*found.identity) : "";
  console.print(fmt::format("\n{} at {}\n", who.empty() ? "Something" : who, found.resource));
  const std::string role = ask(console, "  Role", "skip");
  if (role == "skip") return std::nullopt;
  const auto serial = found.identity ? find_text(*found.identity, "serial") : std::nullopt;
  std::string proposal = serial ? role + "_" + *serial : role;
  std::ranges::replace_if(
      proposal, [](char letter) { return !is_name(std::string(1, letter)); }, '_');
  const auto model = model_of(catalog, found);
  const std::string driver = model ? find_text(model->content, "driver").value_or("") : "";
  ChosenRole chosen{.role = require_name("role", role),
                    .asset_id = require_name("instrument id", ask(console, "  Id", proposal)),
                    .driver = {},
                    .catalog_id = model ? *find_text(model->content, "id") : "",
                    .instrument = found,
                    .protocol = protocol};
  const std::string answer = ask(
      console, driver.empty() ? "  Driver class, empty for raw VISA" : "  Driver class", driver);
  if (answer != driver) chosen.driver = answer;  // else the catalog says it
  return chosen;
}

int init(const Options& options, Console& console) {
  const ConfigPlaces places = config_places();
  const std::string id =
      require_name("station id", options.id ? *options.id : ask(console, "Station id", ""));
  const std::string path = join_path(places.station_folders.front(), id + ".yaml");
  if (posix_file_system().exists(path)) {
    throw Error(Code::kConflict, path + " exists already: choose another id, or remove it");
  }
  const std::string name = options.name ? *options.name : ask(console, "Name", id);
  const std::string location = options.location ? *options.location : ask(console, "Location", "");

  const Catalog catalog(posix_file_system(), places.folder);
  std::vector<ChosenRole> roles;
  for (const ProtocolScan& scan : scan_for_instruments({}, true)) {
    if (!scan.note.empty()) console.warn(fmt::format("{}: {}", scan.protocol, scan.note));
    for (const FoundInstrument& found : scan.instruments) {
      if (auto chosen = ask_role(console, catalog, found, scan.protocol)) roles.push_back(*chosen);
    }
  }
  for (const ChosenRole& chosen : roles) {
    const std::string asset = join_path(places.folder, "instruments/" + chosen.asset_id + ".yaml");
    create_config_file(posix_file_system(), "instrument_asset", asset, asset_of(chosen));
    console.print("\nWritten: " + asset);
  }
  create_config_file(posix_file_system(), "station", path, station_of(id, name, location, roles));
  load_station(posix_file_system(), places, path);  // what was written must be readable
  console.print("\nWritten: " + path + "\n");
  return kSuccess;
}

}  // namespace

Command station_init_command() {
  auto options = std::make_shared<Options>();
  return {
      .name = "init",
      .summary = "make a station of the instruments that are found",
      .details =
          "Asks for each instrument which role it has; what is not given is asked, "
          "too.\nExamples:\n"
          "  litmus station init --station-id bench_1 --name \"Bench 1\"",
      .options = {{.names = "--station-id", .help = "id", .target = &options->id},
                  {.names = "--name", .help = "name for people", .target = &options->name},
                  {.names = "--location", .help = "where it stands", .target = &options->location}},
      .run = [options](Console& console) { return init(*options, console); }};
}

}  // namespace litmus
