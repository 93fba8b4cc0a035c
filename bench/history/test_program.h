// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "history/plan.h"
#include "litmus/value.h"
#include "model/limits.h"

namespace litmus::history {

struct TestedValue {
  std::string name;
  std::string units;
  double mean = 0;
  double sigma = 0;
  Limits limits;
  Limits later_limits;  // from the middle of the year
  const char* instrument = nullptr;
};

struct TestStep {
  std::string name;
  ValueMap inputs;
  std::vector<TestedValue> values;
};

// What every run measures: six steps with `measurements` values in all. Twenty differ in kind; with
// more of them they come again under other names.
std::vector<TestStep> make_test_program(std::size_t measurements);

}  // namespace litmus::history
