// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <optional>
#include <string_view>

#include "litmus/value.h"

namespace litmus {

// A number, whole or not; nothing for everything else, booleans among it.
inline std::optional<double> find_number(const Value& value) {
  if (const auto* whole = value.get_if<std::int64_t>()) return static_cast<double>(*whole);
  const auto* number = value.get_if<double>();
  return number == nullptr ? std::nullopt : std::optional(*number);
}

inline std::optional<double> find_number(const ValueMap& map, std::string_view key) {
  const Value* value = map.find(key);
  return value == nullptr ? std::nullopt : find_number(*value);
}

// Equal to 12 significant digits, as generators round: 0.1 * 3 is 0.3.
inline bool nearly_equal(double left, double right) {
  return left == right ||
         std::abs(left - right) <= 1e-12 * std::max(std::abs(left), std::abs(right));
}

}  // namespace litmus
