// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "litmus/value.h"

namespace litmus {

// What the values of one key look like over all rows: bits of the kinds that occurred.
struct SeenValues {
  enum Kind : unsigned { kBool = 1, kNumber = 2, kNonFinite = 4, kText = 8, kList = 16, kMap = 32 };
  unsigned kinds = 0;
  unsigned element_kinds = 0;  // of lists
  bool in_steps = false;
};

// The keys of the dynamic values of one origin. Private ones (`_key`) are left out.
struct ValueSurvey {
  std::map<std::string, SeenValues, std::less<>> keys;

  void add(const ValueMap& map, bool of_step);
  void add(const ValueSurvey& other);
};

// Adds the names that values refer to as `file://_ref/{name}`, however deep they stand.
void add_references(std::set<std::string>& names, const ValueMap& map);

}  // namespace litmus
