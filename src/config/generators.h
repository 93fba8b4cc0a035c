// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "litmus/value.h"

namespace litmus {

// The short forms of lists, which may stand wherever configuration expects a list:
//
//   linspace [a, b, n]    n even points, both ends included
//   arange [a, b, step]   from a by step, without b
//   logspace [a, b, n]    10^a ... 10^b, even in the logarithm
//   geomspace [a, b, n]   each the same multiple of the one before, both ends included
//   repeat [value, n]     n copies
//   range [a, b, step?]   integers, without b
//
// Results that are not whole numbers by nature are rounded to 12 significant digits.
const std::vector<std::string>& generator_names();

double round_to_12_digits(double number);

// Error(kInvalidArgument) names the generator and what it was given.
ValueList generate(std::string_view name, const ValueList& arguments);

// The list that `{linspace: [0, 1, 5]}` stands for; nothing for all that is not of that form.
std::optional<ValueList> generated(const Value& value);

}  // namespace litmus
