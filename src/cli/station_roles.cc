// SPDX-License-Identifier: Apache-2.0
#include "cli/station_roles.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace litmus {
namespace {

void set_if_given(ValueMap& content, const char* key, const std::string& text) {
  if (!text.empty()) content.set(key, text);
}

}  // namespace

bool is_name(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char letter) {
    return std::isalnum(letter) != 0 || letter == '_' || letter == '-' || letter == '.';
  });
}

ValueMap asset_of(const ChosenRole& chosen) {
  ValueMap asset{{"id", chosen.asset_id}, {"protocol", chosen.protocol}};
  set_if_given(asset, "driver", chosen.driver);
  asset.set("resource", chosen.instrument.resource);
  set_if_given(asset, "catalog_ref", chosen.catalog_id);
  if (chosen.instrument.identity) asset.set("info", *chosen.instrument.identity);
  return asset;
}

ValueMap station_of(const std::string& id, const std::string& name, const std::string& location,
                    const std::vector<ChosenRole>& roles) {
  ValueMap station{{"id", id}};
  set_if_given(station, "name", name);
  set_if_given(station, "location", location);
  ValueMap instruments;
  for (const ChosenRole& chosen : roles) instruments.set(chosen.role, chosen.asset_id);
  station.set("instruments", std::move(instruments));
  return station;
}

}  // namespace litmus
