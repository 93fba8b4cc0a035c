// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "plan/product.h"
#include "plan/profile.h"

namespace litmus {

// What of the limits of some tests cannot be once the sidecar, the profile and the product are
// joined: units that cannot match, changes that do not suit what they change. As a session tells
// it, with the places. `tests`: as `TestFan.test_load`; "" for what all tests have. Of several
// products the session takes one: a limit is wrong if it suits none of those that know it.
std::set<std::string> merged_limit_problems(FileSystem& files, const std::string& module_file,
                                            const std::set<std::string>& tests,
                                            const std::optional<Profile>& profile,
                                            const std::vector<Product>& products);

}  // namespace litmus
