// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <memory>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/instruments.h"
#include "config/calibration.h"
#include "config/config_check.h"
#include "config/config_save.h"
#include "litmus/error.h"

namespace litmus {
namespace {

struct Field {
  const char* option;
  const char* key;  // in `calibration` of the asset
  const char* help;
  bool is_date;
};

constexpr std::array kFields{
    Field{"--due", "due_date", "day on which the calibration ends, as 2026-03-01", true},
    Field{"--last", "last_cal", "day of the calibration, as 2026-03-01", true},
    Field{"--cert", "certificate", "number of the certificate", false},
    Field{"--lab", "lab", "laboratory", false}};

struct Options {
  std::string id;
  std::array<std::optional<std::string>, kFields.size()> values;
};

// What the options say, over what the file has.
ValueMap with_options(ValueMap calibration, const Options& options) {
  bool any = false;
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    const auto& value = options.values[i];
    if (!value) continue;
    if (kFields[i].is_date && !is_date(*value)) {
      throw Error(Code::kInvalidArgument, fmt::format("{}: expected a {}, found `{}`",
                                                      kFields[i].option, kFields[i].help, *value));
    }
    calibration.set(kFields[i].key, *value);
    any = true;
  }
  if (any) return calibration;
  throw Error(Code::kInvalidArgument, "expected at least one of --due, --last, --cert and --lab");
}

int set_calibration(const Options& options, Console& console) {
  const ConfigFile asset = require_asset(config_places(), options.id);
  ValueMap content = asset.content;
  const ValueMap calibration = with_options(map_at(content, "calibration"), options);
  content.set("calibration", calibration);
  save_config_file(posix_file_system(), "instrument_asset", asset.path, content);
  const auto status = calibration_status(calibration, now());
  console.print(fmt::format("Written: {}\n", asset.path));
  if (status) console.print(status->message + "\n");
  return kSuccess;
}

}  // namespace

Command instrument_cal_command() {
  auto options = std::make_shared<Options>();
  Command command{
      .name = "cal",
      .summary = "write a calibration into the file of an instrument",
      .details =
          "What is not given stays, and so do comments.\nExamples:\n"
          "  litmus instrument cal dmm_MY53012345 --due 2027-03-01 --last 2026-03-01 "
          "--cert C-1042",
      .options = {{.names = "ID",
                   .help = "id of the instrument",
                   .target = &options->id,
                   .required = true}},
      .run = [options](Console& console) { return set_calibration(*options, console); }};
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    command.options.push_back({.names = kFields[i].option,
                               .help = kFields[i].help,
                               .target = &options->values[i],
                               .value_name = kFields[i].is_date ? "DATE" : ""});
  }
  return command;
}

}  // namespace litmus
