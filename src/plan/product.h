// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "config/config_source.h"
#include "litmus/value.h"
#include "plan/conditions.h"

namespace litmus {

// A value that a datasheet promises under conditions, in the unit of its characteristic.
struct CharacteristicBand {
  Conditions when;
  Value value;
  std::optional<double> uncertainty;  // of a numeric value with an accuracy
  ConfigSource source;
};

struct Characteristic {
  std::string id;
  std::string function;
  std::string units;                      // empty: nobody says
  std::vector<std::string> pins;          // keys, in their order
  std::string spec_name;                  // datasheet_ref, else `spec`
  std::vector<CharacteristicBand> bands;  // the first that fits counts
  // The units that it declares for its conditions, controls and signals.
  std::vector<std::pair<std::string, std::string>> parameter_units;
  ConfigSource source;

  const CharacteristicBand* find_band(const ValueMap& parameters) const;
  std::optional<std::string> units_of(std::string_view parameter) const;
};

// A product as it is to be used: the file joined with its bases.
struct Product {
  std::string file;
  ValueMap record;  // with `resolved_pins` in each characteristic
  std::vector<Characteristic> characteristics;
  std::vector<std::string> warnings;

  const Characteristic* find(std::string_view id) const;
  std::vector<std::string> characteristic_ids() const;
  const ValueMap* find_pin(std::string_view key) const;
};

// The product files of some folders, each with its `products`; the first with an id counts.
std::vector<std::string> find_product_files(FileSystem& files,
                                            const std::vector<std::string>& folders);

// `siblings`: where bases are found. Error(kInvalidArgument) if a file is broken, a base is missing
// or its own, a pin is unknown, or units cannot match.
Product load_product(FileSystem& files, const std::vector<std::string>& siblings,
                     const std::string& file);

}  // namespace litmus
