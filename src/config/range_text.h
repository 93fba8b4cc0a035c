// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "litmus/value.h"

namespace litmus {

// Channels or pins as a text, ends included: `1:4`, `CH[1:4]`, `GPIO[0,2,4:6]`, `1,3,5`, `4:1`; one
// name is itself. Error(kInvalidArgument) for all that is neither.
std::vector<std::string> expand_range(std::string_view text);

// The same of what configuration holds: a range as a text, or a list of names and ranges.
std::vector<std::string> expand_ranges(const Value& value);

}  // namespace litmus
