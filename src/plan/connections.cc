// SPDX-License-Identifier: Apache-2.0
#include "plan/connections.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/config_file.h"
#include "config/range_text.h"
#include "plan/entity_files.h"

namespace litmus {
namespace {

constexpr std::string_view kAllChannels = "all";

class ConnectionFinder {
 public:
  ConnectionFinder(const DeclaredWiring& declared, const Product* product, const Fixture* fixture)
      : declared_(declared), product_(product), fixture_(fixture) {}

  std::optional<std::vector<ValueMap>> find() {
    if (declared_.characteristics != nullptr) read_characteristics();
    if (declared_.connections == nullptr) {
      if (declared_.characteristics == nullptr) return std::nullopt;
      return fixture_ == nullptr ? std::vector<ValueMap>() : of_characteristics();
    }
    if (fixture_ == nullptr && declared_.characteristics != nullptr) {
      throw declared_.connections_source.error(
          "characteristics and connections together need a fixture to check them against; none is "
          "active (--fixture)");
    }
    std::vector<ValueMap> found;
    if (const auto* names = declared_.connections->get_if<ValueList>()) {
      found = by_name(*names);
    } else {
      found = by_channel(std::get<ValueMap>(declared_.connections->data()));
    }
    if (declared_.characteristics != nullptr) {
      for (ValueMap& connection : found)
        connection.set("characteristic", characteristic_of(connection));
    }
    return found;
  }

 private:
  void read_characteristics() {
    for (std::size_t i = 0; i < declared_.characteristics->size(); ++i) {
      const auto& id = std::get<std::string>((*declared_.characteristics)[i].data());
      const ConfigSource place = declared_.characteristics_source.at(i);
      if (product_ == nullptr) {
        throw place.error(
            fmt::format("characteristic `{}` needs a product, and none is active (--product)", id));
      }
      const Characteristic* characteristic = product_->find(id);
      if (characteristic == nullptr) {
        throw place.error(fmt::format("product {} has no characteristic `{}`{}", product_->file, id,
                                      suggest(id, product_->characteristic_ids())));
      }
      characteristics_.push_back(characteristic);
    }
  }

  std::vector<ValueMap> of_characteristics() const {
    std::vector<ValueMap> found;
    for (const Characteristic* characteristic : characteristics_) {
      for (const std::string& pin : characteristic->pins) {
        for (ValueMap& connection : of_pin(*characteristic, pin)) {
          connection.set("characteristic", characteristic->id);
          found.push_back(std::move(connection));
        }
      }
    }
    return found;
  }

  // Those for its function; where there are none, those for any.
  std::vector<ValueMap> of_pin(const Characteristic& characteristic, const std::string& pin) const {
    std::vector<ValueMap> exact;
    std::vector<ValueMap> open;
    for (const auto& [name, written] : fixture_->connections()) {
      const auto& connection = std::get<ValueMap>(written.data());
      if (!reaches(connection, pin)) continue;
      const auto function = find_text(connection, "function");
      if (!function) open.push_back(completed(connection, pin));
      if (function == characteristic.function) exact.push_back(completed(connection, pin));
    }
    return exact.empty() ? open : exact;
  }

  bool reaches(const ValueMap& connection, const std::string& pin) const {
    if (const auto of_connection = find_text(connection, "dut_pin")) return *of_connection == pin;
    const auto net = find_text(connection, "net");
    const ValueMap* description = product_->find_pin(pin);
    return net && description != nullptr && find_text(*description, "net") == *net;
  }

  std::vector<ValueMap> by_name(const ValueList& names) const {
    std::vector<ValueMap> found;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto& name = std::get<std::string>(names[i].data());
      const ConfigSource place = declared_.connections_source.at(i);
      if (fixture_ == nullptr) {
        throw place.error(
            fmt::format("connection `{}` needs a fixture, and none is active (--fixture)", name));
      }
      const ValueMap* connection = find_map(fixture_->connections(), name);
      if (connection == nullptr) {
        throw place.error(fmt::format("fixture {} has no connection `{}`{}", fixture_->file, name,
                                      suggest(name, keys_of(&fixture_->connections()))));
      }
      found.push_back(completed(*connection));
    }
    return found;
  }

  std::vector<ValueMap> by_channel(const ValueMap& roles) const {
    std::vector<ValueMap> found;
    for (const auto& [role, channels] : roles) {
      const ConfigSource place = declared_.connections_source.at(role);
      const bool all = channels == Value(kAllChannels);
      if (fixture_ == nullptr && all) {
        throw place.error("`all` channels need a fixture, and none is active (--fixture)");
      }
      if (all) {
        add_matching(role, std::nullopt, place, found);
        continue;
      }
      for (const std::string& channel : channels_in(channels, place)) {
        if (fixture_ == nullptr) {
          found.push_back({{"name", fmt::format("{}_ch{}", role, channel)},
                           {"instrument", role},
                           {"instrument_channel", channel}});
        } else {
          add_matching(role, channel, place, found);
        }
      }
    }
    return found;
  }

  static std::vector<std::string> channels_in(const Value& written, const ConfigSource& place) {
    try {
      return expand_ranges(written);
    } catch (const Error& error) {
      throw place.error(error.what());
    }
  }

  void add_matching(const std::string& role, const std::optional<std::string>& channel,
                    const ConfigSource& place, std::vector<ValueMap>& found) const {
    const std::size_t before = found.size();
    for (const auto& [name, written] : fixture_->connections()) {
      const auto& connection = std::get<ValueMap>(written.data());
      if (find_text(connection, "instrument") != role) continue;
      if (channel && find_text(connection, "instrument_channel") != *channel) continue;
      found.push_back(completed(connection));
    }
    if (found.size() == before) {
      throw place.error(
          channel ? fmt::format("no connection of fixture {} is at channel {} of `{}`",
                                fixture_->file, *channel, role)
                  : fmt::format("no connection of fixture {} is at `{}`", fixture_->file, role));
    }
  }

  // The declared characteristic that a connection is for.
  std::string characteristic_of(const ValueMap& connection) const {
    const auto function = find_text(connection, "function");
    for (const Characteristic* characteristic : characteristics_) {
      if (function && *function != characteristic->function) continue;
      for (const std::string& pin : characteristic->pins) {
        if (reaches(connection, pin)) return characteristic->id;
      }
    }
    std::string ids;
    for (const Characteristic* one : characteristics_) ids += (ids.empty() ? "" : ", ") + one->id;
    throw declared_.connections_source.error(
        fmt::format("connection `{}` is at no pin of the declared characteristics ({})",
                    *find_text(connection, "name"), ids));
  }

  // With what the product says about its pin.
  ValueMap completed(ValueMap connection,
                     const std::optional<std::string>& reached_pin = {}) const {
    if (reached_pin && connection.find("dut_pin") == nullptr)
      connection.set("dut_pin", *reached_pin);
    const auto key = find_text(connection, "dut_pin");
    const ValueMap* pin = key && product_ != nullptr ? product_->find_pin(*key) : nullptr;
    if (pin == nullptr) return connection;
    if (const auto name = find_text(*pin, "name")) connection.set("dut_pin_name", *name);
    const auto net = find_text(*pin, "net");
    if (net && connection.find("net") == nullptr) connection.set("net", *net);
    return connection;
  }

  const DeclaredWiring& declared_;
  const Product* product_;
  const Fixture* fixture_;
  std::vector<const Characteristic*> characteristics_;
};

}  // namespace

std::optional<std::vector<ValueMap>> find_connections(const DeclaredWiring& declared,
                                                      const Product* product,
                                                      const Fixture* fixture) {
  return ConnectionFinder(declared, product, fixture).find();
}

}  // namespace litmus
