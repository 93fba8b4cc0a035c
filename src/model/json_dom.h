// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rapidjson/document.h>

#include <string_view>

#include "litmus/value.h"

namespace litmus {

using JsonNode = rapidjson::Value;

// Internal to src/model: JSON text to a tree that is valid until the next call on this thread.
// Throws Error(kCorrupt) with the reason and the beginning of the text.
const JsonNode& parse_dom(std::string_view json);

inline std::string_view text_of(const JsonNode& string) {
  return {string.GetString(), string.GetStringLength()};
}

// Integers stay integers where they fit into 64 bits with sign, else they become doubles. More than
// 1,000 levels are an Error(kCorrupt).
Value to_value(const JsonNode& node, int depth = 0);
ValueMap to_map(const JsonNode& object, int depth = 0);

}  // namespace litmus
