// SPDX-License-Identifier: Apache-2.0
#include "plan/fixture.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/blanks.h"
#include "config/config_file.h"
#include "plan/entity_files.h"

namespace litmus {
namespace {

// Fills in the names, which stand in the keys.
ValueMap named(const ValueMap& connections, const ConfigSource& source, ConfigErrors& errors) {
  ValueMap result;
  for (const auto& [key, written] : connections) {
    ValueMap connection{{"name", key}};
    for (const auto& [field, value] : std::get<ValueMap>(written.data())) {
      if (field == "name" && value != Value(key)) {
        errors.add(source.at(key).at("name").error(
            fmt::format("expected `{}`, the key of the connection", key)));
      }
      connection.set(field, value);
    }
    result.set(key, std::move(connection));
  }
  return result;
}

}  // namespace

const ValueMap& Fixture::connections() const {
  static const ValueMap none;
  const ValueMap* found = find_map(record, "connections");
  return found == nullptr ? none : *found;
}

std::vector<std::string> Fixture::slots() const { return keys_of(find_map(record, "slots")); }

Fixture Fixture::for_slot(const std::string& slot) const {
  const ValueMap* all = find_map(record, "slots");
  const ValueMap* chosen = all == nullptr ? nullptr : find_map(*all, slot);
  if (chosen == nullptr) {
    throw source.at("slots").error(
        fmt::format("there is no slot `{}`{}", slot, suggest(slot, keys_of(all))));
  }
  Fixture flat{
      .file = file, .record = {}, .source = source.at("slots").at(slot), .warnings = warnings};
  for (const auto& [key, value] : record) {
    if (key != "slots") flat.record.set(key, value);
  }
  for (const auto& [key, value] : *chosen) flat.record.set(key, value);
  flat.record.set("slot", slot);
  return flat;
}

template <class Visit>
void Fixture::visit_connections(Visit visit) const {
  const auto visit_all = [&](const ValueMap& owner, const ConfigSource& place) {
    if (const ValueMap* connections = find_map(owner, "connections")) {
      for (const auto& [name, connection] : *connections) {
        visit(std::get<ValueMap>(connection.data()), place.at("connections").at(name));
      }
    }
  };
  visit_all(record, source);
  if (const ValueMap* slots = find_map(record, "slots")) {
    for (const auto& [slot, content] : *slots) {
      visit_all(std::get<ValueMap>(content.data()), source.at("slots").at(slot));
    }
  }
}

void Fixture::check_product(const Product& product) const {
  ConfigErrors errors;
  const auto scope = [&](const char* key, const char* of_product) {
    const auto wanted = find_text(record, key);
    const auto found = find_text(product.record, of_product);
    if (wanted && found && *wanted != *found) {
      errors.add(source.at(key).error(fmt::format("the fixture is for `{}`, the product {} is `{}`",
                                                  *wanted, product.file, *found)));
    }
  };
  scope("product_id", "id");
  scope("product_revision", "revision");
  std::vector<std::string> nets;
  const ValueMap* pins = find_map(product.record, "pins");
  if (pins != nullptr) {
    for (const auto& [key, pin] : *pins) {
      if (const auto net = find_text(std::get<ValueMap>(pin.data()), "net")) nets.push_back(*net);
    }
  }
  visit_connections([&](const ValueMap& connection, const ConfigSource& place) {
    if (const auto pin = find_text(connection, "dut_pin");
        pin && product.find_pin(*pin) == nullptr) {
      errors.add(place.at("dut_pin").error(
          fmt::format("{} has no pin `{}`{}", product.file, *pin, suggest(*pin, keys_of(pins)))));
    }
    const auto net = find_text(connection, "net");
    if (net && std::ranges::find(nets, *net) == nets.end()) {
      errors.add(place.at("net").error(
          fmt::format("no pin of {} has the net `{}`{}", product.file, *net, suggest(*net, nets))));
    }
  });
  errors.raise();
}

void Fixture::check_roles(const ValueMap& station_roles, const std::string& station) const {
  ConfigErrors errors;
  const auto check = [&](const ValueMap& owner, const char* key, const ConfigSource& place) {
    const std::string role = *find_text(owner, key);
    if (station_roles.find(role) == nullptr) {
      errors.add(place.at(key).error(fmt::format("station `{}` has no role `{}`{}", station, role,
                                                 suggest(role, keys_of(&station_roles)))));
    }
  };
  visit_connections([&](const ValueMap& connection, const ConfigSource& place) {
    check(connection, "instrument", place);
    if (const ValueMap* route = find_map(connection, "route"))
      check(*route, "switch", place.at("route"));
  });
  errors.raise();
}

Fixture load_fixture(FileSystem& files, const std::string& file) {
  ConfigFile read = read_config_file(files, "fixture", file);
  Fixture fixture{.file = file, .record = {}, .source = read.source(), .warnings = read.warnings};
  ConfigErrors errors;
  if (read.content.find("connections") != nullptr && read.content.find("slots") != nullptr) {
    errors.add(fixture.source.at("slots").error("expected `connections` or `slots`, found both"));
  }
  for (const auto& [key, value] : read.content) {
    if (key == "connections") {
      fixture.record.set(key, named(*value.get_if<ValueMap>(), fixture.source.at(key), errors));
    } else if (key == "slots") {
      ValueMap slots;
      for (const auto& [slot, written] : *value.get_if<ValueMap>()) {
        const ConfigSource place = fixture.source.at(key).at(slot);
        if (without_outer_blanks(slot).empty())
          errors.add(place.error("expected the name of a slot, found none"));
        auto content = std::get<ValueMap>(written.data());
        const ValueMap* connections = find_map(content, "connections");
        content.set("connections", named(connections == nullptr ? ValueMap() : *connections,
                                         place.at("connections"), errors));
        slots.set(slot, std::move(content));
      }
      fixture.record.set(key, std::move(slots));
    } else {
      fixture.record.set(key, value);
    }
  }
  errors.raise();
  if (fixture.record.find("name") == nullptr)
    fixture.record.set("name", *fixture.record.find("id"));
  const auto slots = fixture.slots();
  if (slots.size() == 1) return fixture.for_slot(slots.front());
  if (slots.empty() && fixture.record.find("connections") == nullptr) {
    fixture.record.set("connections", ValueMap());
  }
  return fixture;
}

}  // namespace litmus
