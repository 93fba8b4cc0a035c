// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "litmus/value.h"

namespace litmus {

// The explanation of tests for people: `selections`, `tests` as ResolvedTest::explanation() gives
// them with their `node_id`, and `problems`.
std::string explanation_text(const ValueMap& explanation);

// Whether something in it is wrong.
bool has_problems(const ValueMap& explanation);

}  // namespace litmus
