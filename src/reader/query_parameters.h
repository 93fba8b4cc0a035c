// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "litmus/queries.h"

namespace litmus {

// The highest limit that the lists take: all rows.
inline constexpr std::int64_t kNoLimit = 1'000'000'000;

// As the named queries take them; what is not given is left out.
ValueMap to_parameters(const RunFilter& filter);
ValueMap to_parameters(const RunFilter& filter, const Page& page);

}  // namespace litmus
