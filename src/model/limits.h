// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "litmus/outcome.h"

namespace litmus {

// What a value is held against. Which of the bounds count is up to the comparator; a missing low or
// high bound is open.
struct Limits {
  std::optional<double> low;
  std::optional<double> high;
  std::optional<double> nominal;
  std::optional<bool> nominal_bool;         // for boolean values
  std::optional<std::string> nominal_text;  // for text values
  Comparator comparator = kDefaultComparator;

  bool empty() const;  // no bound at all, whatever the comparator
};

// A value as it was measured; std::monostate where it is missing.
using Reading = std::variant<std::monostate, bool, double, std::string_view>;

// The outcome of a measurement:
// kDone: none of the bounds that the comparator looks at is given, so GELE with a mere nominal, or
// EQ with a mere low bound, judges nothing.
// kErrored: there is something to judge by, but the value is missing, or it or a bound is NaN.
// kPassed, kFailed: by the comparator; infinities compare like any number.
// Throws Error(kInvalidArgument) when value and limits cannot be compared: a boolean or a text goes
// with EQ or NE and a nominal of its own kind only, and such a nominal with no other value.
Outcome judge(const Reading& value, const Limits& limits);

}  // namespace litmus
