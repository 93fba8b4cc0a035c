// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "litmus/events.h"

namespace litmus {

const Envelope& envelope_of(const Event& event);
Envelope& envelope_of(Event& event);

// The event type, for example `test.measurement`; valid as long as the event is.
std::string_view tag_of(const Event& event);

// Throws Error(kInvalidArgument) for an event that must not be stored: one of a session as a whole
// that carries a run_id, an unknown one without a type or with envelope fields among its own.
void check_storable(const Event& event);

}  // namespace litmus
