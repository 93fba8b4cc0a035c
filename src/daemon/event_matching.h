// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "daemon/event_sink.h"
#include "litmus/event_selection.h"

namespace litmus {

bool matches(const EventSelection& selection, const StreamedEvent& event);

// `wanted` is a tag, or the beginning of one with * at its end.
bool type_matches(std::string_view type, std::string_view wanted);
// Whether an event, as JSON, is of the instrument: its role, or a channel of it.
bool role_matches(std::string_view json, const std::string& role);

}  // namespace litmus
