// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <functional>
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

// Until the answer is a name that is not taken: the other answers must not be lost.
std::string ask_name(Console& console, const std::string& question, const std::string& proposal,
                     const std::function<std::string(const std::string&)>& objection) {
  while (true) {
    std::string answer = ask(console, question, proposal);
    std::string problem = "letters, digits, `_`, `-` or `.`, please";
    if (is_name(answer)) problem = objection(answer);
    if (problem.empty()) return answer;
    console.print("  " + problem + "\n");
  }
}

std::optional<std::string> serial_of(const ValueMap* identity) {
  return identity == nullptr ? std::nullopt : find_text(*identity, "serial");
}

std::string asset_path(const ConfigPlaces& places, const std::string& asset_id) {
  return join_path(places.folder, "instruments/" + asset_id + ".yaml");
}

// Why the instrument cannot have this id; empty if it can, also because the id is its own already.
std::string objection_to_asset(const ConfigPlaces& places, const std::vector<ChosenRole>& roles,
                               const FoundInstrument& found, const std::string& asset_id) {
  const std::string path = asset_path(places, asset_id);
  const bool is_chosen = std::ranges::find(roles, asset_id, &ChosenRole::asset_id) != roles.end();
  if (is_chosen) return asset_id + " is another instrument's already";
  if (!posix_file_system().exists(path)) return "";
  const ValueMap asset = read_config_file(posix_file_system(), "instrument_asset", path).content;
  const Value* info = asset.find("info");
  const auto known = serial_of(info == nullptr ? nullptr : info->get_if<ValueMap>());
  const bool is_same = known && known == serial_of(found.identity ? &*found.identity : nullptr);
  return is_same ? "" : path + " is another instrument's already";
}

std::optional<ChosenRole> ask_role(Console& console, const ConfigPlaces& places,
                                   const Catalog& catalog, const std::vector<ChosenRole>& roles,
                                   const FoundInstrument& found, const std::string& protocol) {
  const std::string who = found.identity ? identity_text(*found.identity) : "";
  console.print(fmt::format("\n{} at {}\n", who.empty() ? "Something" : who, found.resource));
  const std::string role = ask_name(console, "  Role", "skip", [&](const std::string& name) {
    const bool is_taken = std::ranges::find(roles, name, &ChosenRole::role) != roles.end();
    return is_taken ? name + " is the role of another instrument" : "";
  });
  if (role == "skip") return std::nullopt;
  const auto serial = serial_of(found.identity ? &*found.identity : nullptr);
  std::string proposal = serial ? role + "_" + *serial : role;
  std::ranges::replace_if(
      proposal, [](char letter) { return !is_name(std::string(1, letter)); }, '_');
  const auto model = model_of(catalog, found);
  const std::string driver = model ? find_text(model->content, "driver").value_or("") : "";
  const auto objection = [&](const std::string& name) {
    return objection_to_asset(places, roles, found, name);
  };
  ChosenRole chosen{.role = role,
                    .asset_id = ask_name(console, "  Id", proposal, objection),
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
      if (auto chosen = ask_role(console, places, catalog, roles, found, scan.protocol)) {
        roles.push_back(*chosen);
      }
    }
  }
  for (const ChosenRole& chosen : roles) {
    const std::string asset = asset_path(places, chosen.asset_id);
    ValueMap content = asset_of(chosen);
    if (posix_file_system().exists(asset)) {  // what else it says of the instrument stays
      content = read_config_file(posix_file_system(), "instrument_asset", asset).content;
      content.set("resource", chosen.instrument.resource);
    }
    save_config_file(posix_file_system(), "instrument_asset", asset, content);
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
