// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace litmus {

// A unit as people write it in configuration: `V`, `mV`, `kΩ`, `mV/s`, `m/s^2`. SI prefixes and the
// usual units of measuring are known. Anything else (`Vpp`, `counts`) is a unit of its own kind,
// alike only to the same text; so are levels (`dBm`) and temperatures (`degC`), which no factor
// converts.
class Unit {
 public:
  explicit Unit(std::string_view text);

  // What a number in this unit is multiplied with to be in the other one; nothing for unlike
  // dimensions.
  std::optional<double> factor_to(const Unit& other) const;

 private:
  void multiply(std::string_view factor, int sign);
  void add(std::string_view name, int exponent);

  std::map<std::string, int, std::less<>> dimensions_;  // base unit -> exponent, never 0
  double scale_ = 1.0;                                  // in base units
};

// Error(kInvalidArgument) for units of unlike dimensions.
double unit_factor(std::string_view units, std::string_view wanted);

}  // namespace litmus
