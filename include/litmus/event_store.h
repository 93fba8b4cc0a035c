// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "litmus/event_selection.h"
#include "litmus/events.h"
#include "litmus/ids.h"
#include "litmus/time.h"

namespace litmus {

class DaemonClient;

// An event as it is stored.
struct RecordedEvent {
  std::int64_t event_number = 0;  // rises in the order in which the daemon has read them
  Uuid writer_id;
  std::int64_t seq = 0;  // rises by one per writer
  Timestamp received_at{};
  std::string event_type;
  std::string session_id;
  std::optional<std::string> run_id;
  std::string json;  // the whole event

  Event event() const;  // Error(kCorrupt) when the JSON is not that of an event
};

// A subscription that goes on until it is destroyed: the callback is not running then, and is not
// called any more.
class Subscription {
 public:
  class Impl;
  explicit Subscription(std::shared_ptr<Impl> impl);
  Subscription(Subscription&&) noexcept;
  Subscription& operator=(Subscription&&) noexcept;
  ~Subscription();

  // Behind the last event that was given to the callback. A later subscription goes on there, in
  // this process or another one: each event is delivered once to both together.
  EventCursor cursor() const;

 private:
  std::shared_ptr<Impl> impl_;
};

// The reading side of the event log: what all processes have recorded in a data directory, and what
// they record from now on. Asks the daemon, and starts it if need be; Error(kUnavailable) where
// there is none. One thread at a time; subscriptions have a thread each.
class EventStore {
 public:
  explicit EventStore(std::string data_dir);
  ~EventStore();
  EventStore(const EventStore&) = delete;
  EventStore& operator=(const EventStore&) = delete;

  struct Bounds {
    std::optional<Timestamp> until = std::nullopt;     // on received_at, inclusive
    std::optional<std::int64_t> limit = std::nullopt;  // the newest are kept
  };
  // In the order of receipt, with all that was recorded before the call.
  std::vector<RecordedEvent> events(const EventSelection& selection, const Bounds& bounds);
  std::vector<RecordedEvent> events(const EventSelection& selection = {});
  std::vector<SessionStarted> sessions();

  // All that was recorded before the call is seen by every reader when it returns.
  void flush();

  struct SubscribeOptions {
    Replay replay = Replay::kMatching;
    std::optional<EventCursor> after = std::nullopt;  // `replay` counts for a cursor without time
    // What went wrong: an exception of the callback, a daemon that cannot be reached (it is tried
    // again). Absent: one line on stderr.
    std::function<void(const std::string& problem)> on_problem = nullptr;
  };
  using Callback = std::function<void(const RecordedEvent& event)>;

  // Calls back from a thread of its own, each matching event once, in the order of emission of its
  // writer, late if need be but without a gap: also when the daemon is replaced, and while
  // the callback is slower than the writers. An exception of the callback stops nothing. What is
  // recorded after on_event() has returned is delivered in any case.
  Subscription on_event(const EventSelection& selection, Callback callback,
                        SubscribeOptions options);
  Subscription on_event(const EventSelection& selection, Callback callback);

 private:
  std::string data_dir_;
  std::unique_ptr<DaemonClient> client_;
};

}  // namespace litmus
