// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "litmus/value.h"

namespace litmus {

// Any JSON text; the inverse of JsonWriter. Integers beyond 64 bits with sign become doubles.
// Throws Error(kCorrupt) with the reason and the beginning of the text.
Value parse_value(std::string_view json);

}  // namespace litmus
