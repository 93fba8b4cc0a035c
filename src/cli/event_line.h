// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/event_listing.h"
#include "report/text_table.h"

namespace litmus {

// One line for people: time, session, type and the gist of the event, with a line break.
void append_event_line(std::string& out, const Canvas& canvas, const ListedEvent& event);

}  // namespace litmus
