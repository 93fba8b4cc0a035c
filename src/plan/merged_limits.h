// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "plan/cascade.h"
#include "plan/product.h"

namespace litmus {

// What one file says about tests: a sidecar, or a profile of a chain.
struct EntryTree {
  const ValueMap* content = nullptr;
  ConfigSource source;
};

// What of the limits of some tests cannot be once the files, weakest first, and the product are
// joined: units that cannot match, changes that do not suit what they change. As a session tells
// it, with the places. `tests`: as `TestFan.test_load`; "" for what all tests have. Of several
// products the session takes one: a limit is wrong if it suits none of those that know it.
// `entries`: as for a Cascade.
std::set<std::string> merged_limit_problems(const std::vector<EntryTree>& trees,
                                            const std::set<std::string>& tests,
                                            const std::vector<Product>& products,
                                            LimitEntries& entries);

}  // namespace litmus
