// SPDX-License-Identifier: Apache-2.0
#include "model/outcome_rollup.h"

#include <unordered_map>

namespace litmus {

std::optional<Outcome> escalate(std::optional<Outcome> current, std::optional<Outcome> incoming) {
  if (!current) return incoming;
  if (!incoming) return current;
  return severity(*incoming) > severity(*current) ? incoming : current;
}

std::optional<Outcome> retry_aware_rollup(std::span<const Attempt> attempts) {
  std::optional<Outcome> worst;
  std::unordered_map<std::string_view, const Attempt*> last_attempts;
  for (const Attempt& attempt : attempts) {
    if (!attempt.outcome) continue;
    if (!attempt.node_id) {
      worst = escalate(worst, attempt.outcome);
      continue;
    }
    const Attempt*& last = last_attempts[*attempt.node_id];
    if (last == nullptr || attempt.order >= last->order) last = &attempt;
  }
  for (const auto& [node_id, last] : last_attempts) worst = escalate(worst, last->outcome);
  return worst;
}

}  // namespace litmus
