// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/config_source.h"
#include "litmus/value.h"

namespace litmus {

// The unit in which a parameter is given; nothing where nobody says.
using UnitsOfParameter = std::function<std::optional<std::string>(std::string_view parameter)>;

// What stands under `when`: all of it must be met. A parameter that is not there meets nothing, nor
// does a text meet a number; no conditions at all are always met.
class Conditions {
 public:
  // Values are converted to the unit of their parameter. Error(kInvalidArgument) for a condition
  // that is neither a range, a value nor values, and for units that cannot match.
  Conditions(const ValueMap& when, const ConfigSource& source, const UnitsOfParameter& units);

  bool met_by(const ValueMap& parameters) const;
  std::vector<std::string> parameters() const;
  // Whether some parameters meet both, not only at the common end of two ranges. Of conditions on
  // the same parameters.
  bool overlaps(const Conditions& other) const;
  // The ends of its only condition, if that is a range.
  std::optional<std::pair<double, double>> only_range() const;
  std::string text() const;  // "load 0.1..0.3, mode = fast"; "always"

 private:
  struct Condition {
    std::string parameter;
    bool is_range = false;
    double least = -std::numeric_limits<double>::infinity();
    double most = std::numeric_limits<double>::infinity();
    ValueList values = {};  // one of them is met

    bool met_by(const Value& value) const;
    bool overlaps(const Condition& other) const;
    std::string text() const;
  };

  static Condition condition(const std::string& parameter, const Value& written,
                             const ConfigSource& source, const UnitsOfParameter& units);

  std::vector<Condition> conditions_;
};

// As it is shown to people: `fast`, `0.5`, `true`.
std::string shown(const Value& value);
// "load=0.7, vin=12"; "no parameters".
std::string shown(const ValueMap& parameters);

}  // namespace litmus
