// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "config/yaml_document.h"
#include "litmus/value.h"

namespace litmus {

// Whatever the order of keys.
bool same_content(const Value& a, const Value& b);

// The text of a document with its content changed from `old` to `wanted`: only what differs is
// written anew, so comments, the order of keys and the way of writing stay. Both are whole
// contents, with defaults; what they agree on may be absent from the text.
//
// Where a comment stands in the middle of something that has to be written anew, or the document is
// written in a way that cannot be followed: Error(kInvalidArgument) that asks to change it by hand.
std::string edit_yaml(const YamlDocument& document, const ValueMap& old, const ValueMap& wanted);

}  // namespace litmus
