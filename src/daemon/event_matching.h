// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/event_sink.h"
#include "litmus/event_selection.h"

namespace litmus {

bool matches(const EventSelection& selection, const StreamedEvent& event);

}  // namespace litmus
