// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <simdjson.h>

#include <string_view>

#include "litmus/value.h"

namespace litmus {

// Internal to src/model: JSON text to a tree that is valid until the next call on this thread.
// Throws Error(kCorrupt) with the reason and the beginning of the text.
simdjson::dom::element parse_dom(std::string_view json);

// Integers stay integers where they fit into 64 bits with sign, else they become doubles.
Value to_value(simdjson::dom::element element);
ValueMap to_map(simdjson::dom::object object);

}  // namespace litmus
