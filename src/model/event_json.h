// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "litmus/events.h"

namespace litmus {

// Appends the event as one JSON object: id, event_type, occurred_at, received_at, session_id,
// run_id, then its own fields in the order of the schema. Nulls are left out, and so are empty maps
// and lists unless the schema requires them. There is one for each event type, so that none needs
// to be copied into an Event first.
template <class E>
void append_json(std::string& out, const E& event);
void append_json(std::string& out, const UnknownEvent& event);
void append_json(std::string& out, const Event& event);

// Reads what append_json wrote, by this or any other version. Fields that the event type does not
// know are ignored. An event of an unknown type, or one whose fields do not fit its type, becomes
// an UnknownEvent with all its content. Throws Error(kCorrupt) when the text is not a JSON object
// or lacks part of the envelope.
Event parse_event(std::string_view json);

}  // namespace litmus
