// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iostream>
#include <memory>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/discovery.h"
#include "cli/instruments.h"
#include "config/station.h"
#include "litmus/error.h"

namespace litmus {
namespace {

struct Options {
  std::optional<std::string> id;
  std::optional<std::string> name;
  std::optional<std::string> location;
};

// A role that the user gave to an instrument that was found.
struct ChosenRole {
  std::string role;
  std::string asset_id;
  std::string driver;
  FoundInstrument instrument;
  std::string protocol;
};

std::string ask(Console& console, const std::string& question, const std::string& proposal) {
  console.print(proposal.empty() ? question + ": " : fmt::format("{} [{}]: ", question, proposal));
  console.flush();
  std::string answer;
  if (!std::getline(std::cin, answer)) {
    throw Error(Code::kInvalidArgument,
                fmt::format("{}: expected an answer, found the end of the input", question));
  }
  return answer.empty() ? proposal : answer;
}

bool is_name(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char letter) {
    return std::isalnum(letter) != 0 || letter == '_' || letter == '-' || letter == '.';
  });
}

std::string require_name(const std::string& what, const std::string& text) {
  if (is_name(text)) return text;
  throw Error(Code::kInvalidArgument,
              fmt::format("{}: expected letters, digits, `_`, `-` or `.`, found `{}`", what, text));
}

std::optional<ChosenRole> ask_role(Console& console, const FoundInstrument& found,
                                   const std::string& protocol) {
  const std::string who = found.identity ? identity_text(*found.identity) : "";
  console.print(fmt::format("\n{} at {}\n", who.empty() ? "Something" : who, found.resource));
  const std::string role = ask(console, "  Role", "skip");
  if (role == "skip") return std::nullopt;
  const auto serial = found.identity ? find_text(*found.identity, "serial") : std::nullopt;
  std::string proposal = serial ? role + "_" + *serial : role;
  std::ranges::replace_if(
      proposal, [](char letter) { return !is_name(std::string(1, letter)); }, '_');
  ChosenRole chosen{.role = require_name("role", role),
                    .asset_id = require_name("instrument id", ask(console, "  Id", proposal)),
                    .driver = ask(console, "  Driver class, empty for raw VISA", ""),
                    .instrument = found,
                    .protocol = protocol};
  return chosen;
}

// Every text of JSON is one of YAML.
std::string quoted(const std::string& text) {
  std::string json;
  JsonWriter(json).value(text);
  return json;
}

std::string line(const std::string& key, const std::string& text) {
  return text.empty() ? "" : fmt::format("{}: {}\n", key, quoted(text));
}

std::string asset_text(const ChosenRole& chosen) {
  std::string text = line("id", chosen.asset_id) + line("protocol", chosen.protocol) +
                     line("driver", chosen.driver) + line("resource", chosen.instrument.resource);
  if (!chosen.instrument.identity) return text;
  std::string info;
  for (const char* field : {"manufacturer", "model", "serial", "firmware"}) {
    const auto value = find_text(*chosen.instrument.identity, field);
    if (value) info += "  " + line(field, *value);
  }
  return info.empty() ? text : text + "info:\n" + info;
}

std::string station_text(const std::string& id, const std::string& name,
                         const std::string& location, const std::vector<ChosenRole>& roles) {
  std::string text = line("id", id) + line("name", name) + line("location", location);
  if (roles.empty()) return text + "instruments: {}\n";
  text += "instruments:\n";
  for (const ChosenRole& chosen : roles) text += "  " + line(chosen.role, chosen.asset_id);
  return text;
}

void write_new(const std::string& path, const std::string& text) {
  FileSystem& files = posix_file_system();
  files.create_folders(parent_folder(path));
  const auto file = files.open_for_append(path, FileSystem::Create::kNew);
  file->append({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  file->sync();
  file->close();
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

  std::vector<ChosenRole> roles;
  for (const ProtocolScan& scan : scan_for_instruments({}, true)) {
    if (!scan.note.empty()) console.warn(fmt::format("{}: {}", scan.protocol, scan.note));
    for (const FoundInstrument& found : scan.instruments) {
      if (auto chosen = ask_role(console, found, scan.protocol)) roles.push_back(*chosen);
    }
  }
  for (const ChosenRole& chosen : roles) {
    const std::string asset = join_path(places.folder, "instruments/" + chosen.asset_id + ".yaml");
    write_new(asset, asset_text(chosen));
    console.print("\nWritten: " + asset);
  }
  write_new(path, station_text(id, name, location, roles));
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
