// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "litmus/event_selection.h"
#include "litmus/value.h"

namespace litmus {

// What a subscriber asks the daemon for; the value of `subscribe` in a Flight ticket.
struct EventSubscription {
  EventSelection selection = {};
  Replay replay = Replay::kMatching;
  // Goes on behind it. A cursor with `from` was given when the subscriber had caught up: `replay`
  // has done its duty then; else it counts for the writers that the cursor does not list.
  std::optional<EventCursor> cursor = std::nullopt;
};

std::string to_json(const EventSubscription& subscription);
// Error(kInvalidArgument) names the key, what was expected and what was found.
EventSubscription parse_subscription(const ValueMap& request);

}  // namespace litmus
