// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace litmus {

// How some rows of a running run fit to those that the index has already. Its run row always comes
// anew; rows are named by their row_seq.
struct LiveRunPart {
  struct Range {
    std::int64_t first = 0;
    std::int64_t last = 0;  // included
  };
  struct Step {
    std::int64_t measurements = 0;  // that are known and stay
    std::int64_t last_retry = 0;    // that measured
    bool is_leaf = true;
  };
  std::int64_t puts_before = 0;  // of this run, all or part of it: the index must have taken them
  std::vector<Range> removed;    // those that are no more, or come again
  std::vector<Step> steps;       // of the step rows that come, in their order
  std::int64_t num_steps = 0;    // of the whole run
  std::int64_t num_measurements = 0;
};

}  // namespace litmus
