// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "daemon/event_history.h"
#include "daemon/event_sink.h"
#include "model/event_subscription.h"

namespace litmus {

class Subscriber;

// Hands each event to the queue of every subscriber that wants it. Queues are bounded: the one of a
// subscriber that is too slow is dropped, and the subscriber reads what it missed from the history.
// So it delays neither the feed nor others, and has no gap. Outlives its subscribers.
class SubscriptionHub final : public EventSink {
 public:
  struct Limits {
    std::size_t events = 20'000;
    std::size_t bytes = 16 << 20U;
  };

  // Numbers up to `last_event_number` are in the history already.
  explicit SubscriptionHub(std::int64_t last_event_number);
  SubscriptionHub(std::int64_t last_event_number, Limits limits);
  ~SubscriptionHub() override;

  void on_event(std::shared_ptr<const StreamedEvent> event) override;

  // Gets all that is recorded from this moment on. `history` outlives it. Error(kUnavailable) after
  // close().
  std::unique_ptr<Subscriber> subscribe(EventSubscription subscription, EventHistory& history);
  std::int64_t subscriber_count() const;
  // No waiting any more: the daemon stops.
  void close();

 private:
  friend class Subscriber;
  struct Queue;

  const Limits limits_;
  mutable std::mutex mutex_;
  std::int64_t last_event_number_;
  std::vector<Queue*> queues_;
  bool closed_ = false;
};

// One subscription: the past from the history, then what the hub puts into its queue. Each matching
// event once, in the order of event numbers. One thread at a time.
class Subscriber {
 public:
  Subscriber(SubscriptionHub& hub, EventSubscription subscription, EventHistory& history);
  ~Subscriber();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  // What is there; waits for it if need be, no longer than `patience`. May be empty at any time.
  StreamedEvents next(std::chrono::milliseconds patience);
  // Everything that was recorded up to a moment of the last next() has been given.
  bool is_caught_up() const { return caught_up_; }
  // All events up to this number have been given; with all that other writers have recorded before
  // only when it is caught up.
  std::int64_t position() const { return position_; }
  bool is_closed() const;

 private:
  // Empties the queue; from here on it holds all that the history may not have yet.
  void begin_replay();
  bool may_begin(std::chrono::milliseconds patience);
  void prepare_first_replay();
  StreamedEvents replay_page();
  bool is_wanted_from_history(const StreamedEvent& event) const;

  SubscriptionHub& hub_;
  EventHistory& history_;
  EventSubscription subscription_;                 // not changed once the hub knows it
  std::unique_ptr<SubscriptionHub::Queue> queue_;  // guarded by the hub's mutex
  bool first_ = true;
  bool caught_up_ = false;
  std::int64_t position_ = 0;    // all up to this number is delivered
  std::int64_t replay_end_ = 0;  // the queue has what is behind it
  // Up to `unmaterialized_end_` only events of these runs are wanted.
  std::optional<RunIds> unmaterialized_runs_;
  std::int64_t unmaterialized_end_ = 0;
};

}  // namespace litmus
