// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "litmus/value.h"

namespace litmus {

// An instrument that a new test uses.
struct TestRole {
  std::string name;
  ValueMap simulated;  // `mock_config` of the station: values by method, which says what there is
};

// The text of tests/test_{name}.py: get the parameters, set the bench, measure, verify. It runs as
// it is where the station simulates what it calls.
std::string test_file_text(const std::string& name, const std::vector<TestRole>& roles);

// `ripple` of `ripple`, `test_ripple` and `test_ripple.py`. Error(kInvalidArgument) if that can be
// no name of a Python function.
std::string test_name(const std::string& given);

}  // namespace litmus
