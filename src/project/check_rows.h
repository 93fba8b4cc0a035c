// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "project/run_rows.h"

namespace litmus {

// What is wrong with the rows of a run, one sentence each: keys that occur twice, names that are no
// outcome or comparator, an end before its start, a run that claims to be better than its steps. A
// run is sealed all the same: these are the producer's mistakes, and nothing may get lost.
std::vector<std::string> check_rows(const RunRows& rows);

}  // namespace litmus
