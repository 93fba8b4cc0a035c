// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/instruments.h"
#include "config/calibration.h"
#include "config/instrument_assets.h"

namespace litmus {
namespace {

std::string calibration_text(const ConfigFile& asset) {
  const auto status = calibration_status(map_at(asset.content, "calibration"), now());
  return status ? status->message : "";
}

std::string as_json(const std::vector<ConfigFile>& assets) {
  ValueMap by_id;
  for (const ConfigFile& asset : assets) {
    by_id.set(*find_text(asset.content, "id"), asset.content);
  }
  std::string text;
  JsonWriter(text, 2).value(by_id);
  return text + "\n";
}

std::string as_text(const std::vector<ConfigFile>& assets, const Canvas& canvas) {
  TextTable table({{.title = "ID"},
                   {.title = "Protocol", .drop_order = 2},
                   {.title = "Model", .min_width = 12},
                   {.title = "Calibration", .min_width = 12, .drop_order = 1}});
  for (const ConfigFile& asset : assets) {
    table.add_row({{*find_text(asset.content, "id")},
                   {*find_text(asset.content, "protocol")},
                   {identity_text(map_at(asset.content, "info"))},
                   {calibration_text(asset)}});
  }
  std::string text;
  table.append_to(text, canvas);
  return text;
}

int list_instruments(bool json, Console& console) {
  const ConfigPlaces places = config_places();
  const auto assets = read_config_files(find_asset_files(posix_file_system(), places.folder),
                                        "instrument_asset", console);
  if (json) {
    console.print(as_json(assets));
  } else if (assets.empty()) {
    console.print("No instruments found. `litmus station init` describes those of a bench.\n");
  } else {
    console.print(as_text(assets, console.canvas()));
  }
  return kSuccess;
}

struct ShowOptions {
  std::string id;
  bool json = false;
};

int show_instrument(const ShowOptions& options, Console& console) {
  const ConfigFile asset = require_asset(config_places(), options.id);
  if (options.json) {
    std::string text;
    JsonWriter(text, 2).value(asset.content);
    console.print(text + "\n");
    return kSuccess;
  }
  TextTable table({{.title = options.id}, {.title = "", .min_width = 20}});
  const auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) table.add_row({{name}, {text}});
  };
  const ValueMap& calibration = map_at(asset.content, "calibration");
  add("Instrument", identity_text(map_at(asset.content, "info")));
  add("Firmware", find_text(map_at(asset.content, "info"), "firmware").value_or(""));
  add("Protocol", *find_text(asset.content, "protocol"));
  add("Address", find_text(asset.content, "resource").value_or(""));
  add("Driver", find_text(asset.content, "driver").value_or(""));
  add("Catalog", find_text(asset.content, "catalog_ref").value_or(""));
  add("Calibration", calibration_text(asset));
  add("Last calibrated", find_text(calibration, "last_cal").value_or(""));
  add("Certificate", find_text(calibration, "certificate").value_or(""));
  add("Laboratory", find_text(calibration, "lab").value_or(""));
  add("File", asset.path);
  std::string text;
  table.append_to(text, console.canvas());
  console.print(text);
  return kSuccess;
}

}  // namespace

Command instrument_list_command() {
  auto json = std::make_shared<bool>(false);
  return {.name = "list",
          .summary = "list the instruments of the project",
          .details = "Examples:\n  litmus instrument list --json",
          .options = {json_option(*json)},
          .run = [json](Console& console) { return list_instruments(*json, console); }};
}

Command instrument_show_command() {
  auto options = std::make_shared<ShowOptions>();
  return {.name = "show",
          .summary = "one instrument: identity, driver, calibration",
          .details = "Examples:\n  litmus instrument show dmm_MY53012345",
          .options = {{.names = "ID",
                       .help = "id of the instrument",
                       .target = &options->id,
                       .required = true},
                      json_option(options->json)},
          .run = [options](Console& console) { return show_instrument(*options, console); }};
}

}  // namespace litmus
