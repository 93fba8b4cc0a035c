// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/instruments.h"
#include "config/config_save.h"
#include "config/station.h"

namespace litmus {
namespace {

// What the instrument says of itself, over what the file of its asset has; whether that is news.
bool write_identity(const std::string& path, const ValueMap& identity) {
  FileSystem& files = posix_file_system();
  const ConfigFile asset = read_config_file(files, "instrument_asset", path);
  ValueMap info = map_at(asset.content, "info");
  for (const auto& [field, value] : identity) info.set(field, value);
  if (info == map_at(asset.content, "info")) return false;
  ValueMap content = asset.content;
  content.set("info", std::move(info));
  save_config_file(files, "instrument_asset", path, content);
  return true;
}

// False if nothing is known of it.
bool tell_and_write(const ValueMap& answer, const ValueMap& instrument, Console& console) {
  const std::string role = *find_text(answer, "name");
  const auto* identity = answer.find("identity")->get_if<ValueMap>();
  if (identity == nullptr) {
    console.error(fmt::format("{}: {}", role,
                              find_text(answer, "error").value_or("it does not say who it is")));
    return false;
  }
  const std::string asset = *find_text(instrument, "asset_file");
  const bool is_news = write_identity(asset, *identity);
  console.print(fmt::format("{}: {}, {} {}\n", role, identity_text(*identity),
                            is_news ? "written to" : "as in", asset));
  return true;
}

int update(const std::string& id, Console& console) {
  const ConfigPlaces places = config_places();
  FileSystem& files = posix_file_system();
  const Station station = load_station(files, places, find_station_file(files, places, id));
  for (const std::string& warning : station.warnings) console.warn(warning);
  const ValueMap& roles = map_at(station.record, "instruments");
  std::vector<IdentityQuestion> questions;
  for (const auto& [role, value] : roles) {
    const auto& instrument = std::get<ValueMap>(value.data());
    if (*instrument.find("mock") == Value(true)) {
      console.print(role + ": simulated, not asked\n");
    } else if (instrument.find("asset_file") == nullptr) {
      console.print(role + ": has no file in instruments/, not asked\n");
    } else {
      questions.push_back(question_of(role, instrument));
    }
  }
  bool all_known = true;
  if (!questions.empty()) {
    for (const ValueMap& answer : identify(questions)) {
      const ValueMap& instrument = map_at(roles, *find_text(answer, "name"));
      all_known = tell_and_write(answer, instrument, console) && all_known;
    }
  }
  return all_known ? kSuccess : kFailure;
}

}  // namespace

Command station_update_command() {
  auto id = std::make_shared<std::string>();
  return {.name = "update",
          .summary = "ask the instruments who they are, and write it into their files",
          .details =
              "Comments and the order of keys stay.\nExamples:\n"
              "  litmus station update bench_1",
          .options = {{.names = "STATION_ID",
                       .help = "the station",
                       .target = id.get(),
                       .required = true}},
          .run = [id](Console& console) { return update(*id, console); }};
}

}  // namespace litmus
