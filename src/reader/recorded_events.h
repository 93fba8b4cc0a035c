// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "litmus/event_store.h"

namespace arrow {
class RecordBatch;
}

namespace litmus {

// Appends rows of the relation `events`, or of a subscription.
void append_events(std::vector<RecordedEvent>& events, const arrow::RecordBatch& rows);

}  // namespace litmus
