// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/console.h"
#include "config/config_file.h"
#include "config/station_file.h"
#include "litmus/value.h"

// What the commands of stations and instruments share.
namespace litmus {

ConfigPlaces config_places();  // of the working directory

// Files of a kind that can be read; a warning for each that cannot.
std::vector<ConfigFile> read_config_files(const std::vector<std::string>& paths,
                                          std::string_view kind, Console& console);

// Error(kNotFound) with a suggestion.
ConfigFile require_asset(const ConfigPlaces& places, const std::string& id);

// `Keysight 34465A (SN: MY1)`; empty if nothing is known.
std::string identity_text(const ValueMap& identity);

const ValueMap& map_at(const ValueMap& content, std::string_view key);

// An instrument to be asked who it is; the answer has `name`, `identity` or null, `error` or null,
// and `mismatches` against `info`.
struct IdentityQuestion {
  std::string name;
  std::optional<std::string> resource;
  std::optional<std::string> driver;
  ValueMap info;
};
// Of a role of a station, or of an asset.
IdentityQuestion question_of(const std::string& name, const ValueMap& instrument);
std::vector<ValueMap> identify(const std::vector<IdentityQuestion>& questions);

}  // namespace litmus
