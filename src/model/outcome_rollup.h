// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "litmus/outcome.h"

namespace litmus {

// The worse of the two; a tie keeps `current`, and any outcome is worse than none.
std::optional<Outcome> escalate(std::optional<Outcome> current, std::optional<Outcome> incoming);

// One execution of a step. Those with the same node id are attempts at the same test.
struct Attempt {
  std::optional<std::string_view> node_id;  // none: counts by itself
  std::int64_t order = 0;                   // the later attempt has the higher number
  std::optional<Outcome> outcome;
};

// The worst outcome over the tests, each counted by its last attempt that has one: a retry that
// passes makes good for the failures before it.
std::optional<Outcome> retry_aware_rollup(std::span<const Attempt> attempts);

}  // namespace litmus
