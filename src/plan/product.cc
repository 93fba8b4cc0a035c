// SPDX-License-Identifier: Apache-2.0
#include "plan/product.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "config/config_file.h"
#include "config/range_text.h"
#include "plan/entity_files.h"
#include "plan/function_units.h"
#include "plan/numbers.h"
#include "plan/units.h"

namespace litmus {
namespace {

constexpr std::array kOwnSections{"pins", "signal_groups", "characteristics"};
constexpr std::array kParameterMaps{"signals", "conditions", "controls"};

std::string text_or_empty(const ValueMap& map, std::string_view key) {
  return find_text(map, key).value_or("");
}

// A product and the files that its sections are from.
struct JoinedFiles {
  ValueMap content;
  std::vector<std::pair<std::string, ConfigSource>> sections;

  const ConfigSource* find_source(std::string_view section) const {
    for (const auto& [name, source] : sections) {
      if (name == section) return &source;
    }
    return nullptr;
  }
};

class CharacteristicReader {
 public:
  CharacteristicReader(const Product& product, const std::string& id, const ValueMap& content,
                       const ConfigSource& source)
      : product_(product),
        content_(content),
        read_{.id = id,
              .function = *find_text(content, "function"),
              .units = {},
              .pins = {},
              .spec_name = find_text(content, "datasheet_ref").value_or("spec"),
              .bands = {},
              .parameter_units = {},
              .source = source} {}

  Characteristic read() {
    read_parameters();
    read_units();
    read_.pins = pins();
    read_bands();
    return std::move(read_);
  }

 private:
  void read_parameters() {
    for (const char* map_name : kParameterMaps) {
      const ValueMap* parameters = find_map(content_, map_name);
      if (parameters == nullptr) continue;
      for (const auto& [name, written] : *parameters) {
        if (std::ranges::find(parameters_, name) != parameters_.end()) {
          throw read_.source.at(map_name).at(name).error(
              "expected a name that is used once among signals, conditions and controls");
        }
        parameters_.push_back(name);
        const auto& rules = std::get<ValueMap>(written.data());
        const ValueMap* range = find_map(rules, "range");
        std::string units = text_or_empty(rules, "units");
        if (units.empty() && range != nullptr) units = text_or_empty(*range, "units");
        if (!units.empty()) read_.parameter_units.emplace_back(name, units);
      }
    }
  }

  // Its own, or those of its only signal.
  void read_units() {
    read_.units = text_or_empty(content_, "units");
    const ValueMap* signals = find_map(content_, "signals");
    if (read_.units.empty() && signals != nullptr && signals->size() == 1) {
      read_.units = read_.units_of(signals->begin()->first).value_or("");
    }
    if (const auto expected = unit_of_function(read_.function); expected && !read_.units.empty()) {
      if (!Unit(read_.units).factor_to(Unit(*expected))) {
        throw read_.source.at("units").error(
            fmt::format("units that cannot match: a {} is in {}, found `{}`", read_.function,
                        *expected, read_.units));
      }
    }
  }

  std::vector<std::string> pins() const {
    const ConfigSource& source = read_.source;
    if (const auto pin = find_text(content_, "pin")) return known_pins({*pin}, source.at("pin"));
    if (const Value* pins = content_.find("pins")) {
      try {
        return known_pins(expand_ranges(*pins), source.at("pins"));
      } catch (const Error& error) {
        if (std::string_view(error.what()).starts_with("expected")) {
          throw source.at("pins").error(error.what());
        }
        throw;
      }
    }
    if (const auto net = find_text(content_, "net")) return pins_of_net(*net, source.at("net"));
    if (const auto group = find_text(content_, "signal_group")) {
      return pins_of_group(*group, source.at("signal_group"));
    }
    throw source.error("expected `pin`, `pins`, `net` or `signal_group`, found none of them");
  }

  std::vector<std::string> known_pins(std::vector<std::string> keys,
                                      const ConfigSource& source) const {
    for (const std::string& key : keys) {
      if (product_.find_pin(key) == nullptr) {
        throw source.error(fmt::format("there is no pin `{}`{}", key,
                                       suggest(key, keys_of(find_map(product_.record, "pins")))));
      }
    }
    return keys;
  }

  std::vector<std::string> pins_of_net(const std::string& net, const ConfigSource& source) const {
    std::vector<std::string> found;
    std::vector<std::string> nets;
    if (const ValueMap* pins = find_map(product_.record, "pins")) {
      for (const auto& [key, pin] : *pins) {
        const std::string of_pin = text_or_empty(std::get<ValueMap>(pin.data()), "net");
        if (of_pin == net) found.push_back(key);
        if (!of_pin.empty()) nets.push_back(of_pin);
      }
    }
    if (found.empty()) {
      throw source.error(fmt::format("no pin has the net `{}`{}", net, suggest(net, nets)));
    }
    return found;
  }

  std::vector<std::string> pins_of_group(const std::string& name,
                                         const ConfigSource& source) const {
    const ValueMap* groups = find_map(product_.record, "signal_groups");
    const ValueMap* group = groups == nullptr ? nullptr : find_map(*groups, name);
    if (group == nullptr) {
      throw source.error(
          fmt::format("there is no signal group `{}`{}", name, suggest(name, keys_of(groups))));
    }
    std::vector<std::string> keys;
    for (const Value& signal : std::get<ValueList>(group->find("signals")->data())) {
      keys.push_back(*find_text(std::get<ValueMap>(signal.data()), "pin"));
    }
    return known_pins(std::move(keys), source);
  }

  // Its own; else those of its only signal, or the signal's value.
  void read_bands() {
    if (const auto* bands = find_list(content_, "bands")) {
      return read_bands(*bands, ValueMap(), read_.source.at("bands"), read_.units);
    }
    const ValueMap* signals = find_map(content_, "signals");
    if (signals == nullptr || signals->size() != 1) return;
    const auto& [name, written] = *signals->begin();
    const auto& signal = std::get<ValueMap>(written.data());
    const ConfigSource source = read_.source.at("signals").at(name);
    const std::string units = read_.units_of(name).value_or(read_.units);
    if (const auto* bands = find_list(signal, "bands")) {
      read_bands(*bands, signal, source.at("bands"), units);
    }
    if (signal.find("value") != nullptr) add_band(signal, ValueMap(), source, units);
  }

  void read_bands(const ValueList& bands, const ValueMap& parent, const ConfigSource& source,
                  const std::string& units) {
    for (std::size_t i = 0; i < bands.size(); ++i) {
      add_band(std::get<ValueMap>(bands[i].data()), parent, source.at(i), units);
    }
  }

  void add_band(const ValueMap& band, const ValueMap& parent, const ConfigSource& source,
                const std::string& parent_units) {
    const ValueMap* when = find_map(band, "when");
    CharacteristicBand read{
        .when = Conditions(when == nullptr ? ValueMap() : *when, source.at("when"),
                           [this](std::string_view name) { return read_.units_of(name); }),
        .value = {},
        .uncertainty = {},
        .source = source};
    for (const std::string& parameter : read.when.parameters()) {
      if (!parameters_.empty() && std::ranges::find(parameters_, parameter) == parameters_.end()) {
        throw source.at("when").at(parameter).error(fmt::format(
            "no signal, condition or control has this name{}", suggest(parameter, parameters_)));
      }
    }
    const Value* value = band.find("value");
    if (value == nullptr) value = parent.find("value");
    if (value == nullptr) return;  // a band about the range alone promises no value
    const std::string units = find_text(band, "units").value_or(parent_units);
    read.value = *value;
    if (const auto number = find_number(*value)) {
      const double in_units = *number * factor(units, read_.units, source.at("units"));
      read.value = in_units;
      const ValueMap* accuracy = find_map(band, "accuracy");
      if (accuracy == nullptr) accuracy = find_map(parent, "accuracy");
      if (accuracy != nullptr) {
        const double absolute = find_number(*accuracy, "absolute").value_or(0.0);
        const std::string absolute_units = find_text(*accuracy, "units").value_or(units);
        const double percent = find_number(*accuracy, "pct_reading").value_or(0.0) +
                               find_number(*accuracy, "pct_range").value_or(0.0);
        read.uncertainty = std::abs(in_units) * percent / 100.0;
        if (absolute != 0) {
          *read.uncertainty +=
              absolute * factor(absolute_units, read_.units, source.at("accuracy").at("units"));
        }
      }
    }
    read_.bands.push_back(std::move(read));
  }

  static double factor(const std::string& units, const std::string& wanted,
                       const ConfigSource& source) {
    if (units.empty() || wanted.empty() || units == wanted) return 1.0;
    try {
      return unit_factor(units, wanted);
    } catch (const Error& error) {
      throw source.error(error.what());
    }
  }

  const Product& product_;
  const ValueMap& content_;
  Characteristic read_;
  std::vector<std::string> parameters_;  // names that a band may depend on
};

JoinedFiles join_bases(FileSystem& files, const std::vector<std::string>& siblings,
                       const std::string& path, Product& product) {
  JoinedFiles joined;
  for (const ConfigFile& file : read_with_bases(files, "product", siblings, path)) {
    product.warnings.insert(product.warnings.end(), file.warnings.begin(), file.warnings.end());
    for (const auto& [key, value] : file.content) {
      if (joined.content.find(key) != nullptr) continue;
      joined.content.set(key, value);
      joined.sections.emplace_back(key, file.source().at(key));
    }
  }
  return joined;
}

}  // namespace

const CharacteristicBand* Characteristic::find_band(const ValueMap& parameters) const {
  const auto found = std::ranges::find_if(
      bands, [&](const CharacteristicBand& band) { return band.when.met_by(parameters); });
  return found == bands.end() ? nullptr : &*found;
}

std::optional<std::string> Characteristic::units_of(std::string_view parameter) const {
  const auto found = std::ranges::find_if(
      parameter_units, [&](const auto& entry) { return entry.first == parameter; });
  return found == parameter_units.end() ? std::nullopt : std::optional(found->second);
}

const Characteristic* Product::find(std::string_view id) const {
  const auto found = std::ranges::find(characteristics, id, &Characteristic::id);
  return found == characteristics.end() ? nullptr : &*found;
}

std::vector<std::string> Product::characteristic_ids() const {
  std::vector<std::string> ids;
  ids.reserve(characteristics.size());
  for (const Characteristic& characteristic : characteristics) ids.push_back(characteristic.id);
  return ids;
}

const ValueMap* Product::find_pin(std::string_view key) const {
  const ValueMap* pins = find_map(record, "pins");
  return pins == nullptr ? nullptr : find_map(*pins, key);
}

std::vector<std::string> find_product_files(FileSystem& files,
                                            const std::vector<std::string>& folders) {
  auto found = find_entity_files(files, folders, "products", Depth::kBelow);
  std::erase_if(found, [](const std::string& path) { return file_name(path) == "manifest.yaml"; });
  return found;
}

Product load_product(FileSystem& files, const std::vector<std::string>& siblings,
                     const std::string& file) {
  Product product{.file = file, .record = {}, .characteristics = {}, .warnings = {}};
  JoinedFiles joined = join_bases(files, siblings, file, product);
  product.record = std::move(joined.content);
  for (const char* section : kOwnSections) {
    if (product.record.find(section) == nullptr) product.record.set(section, ValueMap());
  }
  if (product.record.find("name") == nullptr) {
    product.record.set("name", *product.record.find("id"));
  }
  ConfigErrors errors;
  ValueMap characteristics;
  for (const auto& [id, written] : *find_map(product.record, "characteristics")) {
    auto content = std::get<ValueMap>(written.data());
    errors.collect([&] {
      Characteristic read =
          CharacteristicReader(product, id, content, joined.find_source("characteristics")->at(id))
              .read();
      ValueList pins;
      pins.reserve(read.pins.size());
      for (const std::string& pin : read.pins) pins.emplace_back(pin);
      content.set("resolved_pins", std::move(pins));
      product.characteristics.push_back(std::move(read));
    });
    characteristics.set(id, std::move(content));
  }
  errors.raise();
  product.record.set("characteristics", std::move(characteristics));
  return product;
}

}  // namespace litmus
