// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "daemon/event_sink.h"
#include "litmus/event_selection.h"

namespace litmus {

using StreamedEvents = std::vector<std::shared_ptr<const StreamedEvent>>;
using RunIds = std::unordered_set<std::string>;

// The events that are stored, for subscribers that need the past. Safe from any thread.
class EventHistory {
 public:
  virtual ~EventHistory() = default;

  // Each event that the sink was given before the call can be read when it returns.
  virtual void sync() = 0;
  // False while what was recorded before the daemon's start is still being read.
  virtual bool is_complete() const = 0;

  struct Page {
    StreamedEvents events;
    std::int64_t end = 0;  // all with numbers up to here have been looked at
  };
  // Events with numbers behind `after`, at most `up_to`, rising. May hold events that the selection
  // does not want; lacks none that it wants. `runs`: only theirs are wanted.
  virtual Page page(const EventSelection& selection, const RunIds* runs, std::int64_t after,
                    std::int64_t up_to) = 0;
  // Of the first event that the cursor does not have.
  virtual std::optional<std::int64_t> first_number_behind(const EventCursor& cursor) = 0;
  // Has exactly the events up to this number, which the sink was given; writers that recorded
  // nothing since `from` are left out.
  EventCursor checkpoint(std::int64_t event_number, Timestamp from) {
    sync();
    return cursor_at(event_number, from);
  }
  virtual RunIds unmaterialized_runs() = 0;

 protected:
  virtual EventCursor cursor_at(std::int64_t event_number, Timestamp from) = 0;
};

}  // namespace litmus
