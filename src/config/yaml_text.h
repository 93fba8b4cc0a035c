// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "litmus/value.h"

namespace litmus {

// Content as the text of a YAML file: two spaces a level, texts in double quotes, maps and lists
// without maps or lists below them in brackets where they fit into a line.
std::string yaml_text(const ValueMap& content);

// One entry of a map that stands `indent` spaces to the right: `key: value`, ended by a line break.
std::string yaml_entry(const std::string& key, const Value& value, std::size_t indent);

// A value in brackets or as a scalar, on one line whatever its length; and a key.
std::string yaml_inline(const Value& value);
std::string yaml_key(const std::string& key);

}  // namespace litmus
