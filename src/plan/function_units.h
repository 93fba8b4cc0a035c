// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace litmus {

// The SI unit of what a function measures or drives, where it has just one.
constexpr std::optional<std::string_view> unit_of_function(std::string_view function) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 21> kUnits{{
      {"dc_voltage", "V"},    {"ac_voltage", "V"},      {"dc_current", "A"},  {"ac_current", "A"},
      {"resistance", "ohm"},  {"resistance_4w", "ohm"}, {"impedance", "ohm"}, {"reactance", "ohm"},
      {"conductance", "S"},   {"susceptance", "S"},     {"capacitance", "F"}, {"inductance", "H"},
      {"charge", "C"},        {"dc_power", "W"},        {"frequency", "Hz"},  {"period", "s"},
      {"time_interval", "s"}, {"pulse_width", "s"},     {"rise_time", "s"},   {"fall_time", "s"},
      {"group_delay", "s"},
  }};
  for (const auto& [name, unit] : kUnits) {
    if (name == function) return unit;
  }
  return std::nullopt;
}

}  // namespace litmus
