// SPDX-License-Identifier: Apache-2.0
#include "daemon/subscription_hub.h"

#include <algorithm>
#include <condition_variable>
#include <utility>

#include "daemon/event_matching.h"
#include "litmus/error.h"

namespace litmus {

struct SubscriptionHub::Queue {
  const EventSubscription* subscription = nullptr;
  StreamedEvents events;
  std::size_t bytes = 0;
  bool overflowed = false;  // holds nothing and gets nothing until the replay begins
  std::condition_variable changed;
};

SubscriptionHub::SubscriptionHub(std::int64_t last_event_number)
    : SubscriptionHub(last_event_number, Limits{}) {}

SubscriptionHub::SubscriptionHub(std::int64_t last_event_number, Limits limits)
    : limits_(limits), last_event_number_(last_event_number) {}

SubscriptionHub::~SubscriptionHub() = default;

void SubscriptionHub::on_event(std::shared_ptr<const StreamedEvent> event) {
  const std::lock_guard lock(mutex_);
  last_event_number_ = event->event_number;
  for (Queue* queue : queues_) {
    const auto& cursor = queue->subscription->cursor;
    if (queue->overflowed || !matches(queue->subscription->selection, *event) ||
        (cursor && cursor->has(event->writer_id, event->seq, event->received_at))) {
      continue;
    }
    queue->bytes += sizeof(*event) + event->json.size();
    if (queue->events.size() >= limits_.events || queue->bytes > limits_.bytes) {
      queue->overflowed = true;
      queue->events = {};
    } else {
      queue->events.push_back(event);
    }
    queue->changed.notify_one();
  }
}

std::unique_ptr<Subscriber> SubscriptionHub::subscribe(EventSubscription subscription,
                                                       EventHistory& history) {
  return std::make_unique<Subscriber>(*this, std::move(subscription), history);
}

std::int64_t SubscriptionHub::subscriber_count() const {
  const std::lock_guard lock(mutex_);
  return std::ssize(queues_);
}

void SubscriptionHub::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (Queue* queue : queues_) queue->changed.notify_one();
}

Subscriber::Subscriber(SubscriptionHub& hub, EventSubscription subscription, EventHistory& history)
    : hub_(hub),
      history_(history),
      subscription_(std::move(subscription)),
      queue_(std::make_unique<SubscriptionHub::Queue>()) {
  queue_->subscription = &subscription_;
  auto& cursor = subscription_.cursor;
  if (subscription_.replay == Replay::kNone && !(cursor && cursor->from)) {
    history_.sync();
    // What is still to be read of the past comes like news; only its time tells.
    if (!cursor && !history_.is_complete()) cursor.emplace();
    if (cursor) cursor->from = now();
  }
  const std::lock_guard lock(hub_.mutex_);
  if (hub_.closed_) throw Error(Code::kUnavailable, "cannot subscribe: the daemon is stopping");
  hub_.queues_.push_back(queue_.get());
  replay_end_ = hub_.last_event_number_;
}

Subscriber::~Subscriber() {
  const std::lock_guard lock(hub_.mutex_);
  std::erase(hub_.queues_, queue_.get());
}

bool Subscriber::is_closed() const {
  const std::lock_guard lock(hub_.mutex_);
  return hub_.closed_;
}

StreamedEvents Subscriber::next(std::chrono::milliseconds patience) {
  if (first_) {
    if (!may_begin(patience)) return {};
    prepare_first_replay();
    first_ = false;
  }
  if (position_ < replay_end_) return replay_page();

  // Asked before the queue is emptied: what came before the answer is then delivered as well.
  const bool is_complete = history_.is_complete();
  const bool is_news = is_complete && !caught_up_;  // worth telling at once
  std::unique_lock lock(hub_.mutex_);
  queue_->changed.wait_for(lock, is_news ? std::chrono::milliseconds(0) : patience, [&] {
    return !queue_->events.empty() || queue_->overflowed || hub_.closed_;
  });
  if (queue_->overflowed) {
    lock.unlock();
    begin_replay();
    return {};
  }
  position_ = replay_end_ = hub_.last_event_number_;
  queue_->bytes = 0;
  caught_up_ = is_complete;
  return std::exchange(queue_->events, {});
}

void Subscriber::begin_replay() {
  caught_up_ = false;
  {
    const std::lock_guard lock(hub_.mutex_);
    queue_->events = {};
    queue_->bytes = 0;
    queue_->overflowed = false;
    replay_end_ = hub_.last_event_number_;
  }
  history_.sync();
}

// Which runs are not sealed is known when the past has been read.
bool Subscriber::may_begin(std::chrono::milliseconds patience) {
  const auto& cursor = subscription_.cursor;
  if (subscription_.replay != Replay::kUnmaterializedRuns || (cursor && cursor->from)) return true;
  if (!history_.is_complete()) {
    std::unique_lock lock(hub_.mutex_);
    queue_->changed.wait_for(lock, patience, [&] { return hub_.closed_; });
    return false;
  }
  begin_replay();
  return true;
}

void Subscriber::prepare_first_replay() {
  const auto& cursor = subscription_.cursor;
  if (!cursor && subscription_.replay == Replay::kNone) {
    position_ = replay_end_;
    return;
  }
  history_.sync();
  if (cursor) {
    const auto first = history_.first_number_behind(*cursor);
    position_ = first ? std::min(*first - 1, replay_end_) : replay_end_;
  }
  if (subscription_.replay == Replay::kUnmaterializedRuns && !(cursor && cursor->from)) {
    unmaterialized_runs_ = history_.unmaterialized_runs();
    unmaterialized_end_ = replay_end_;
  }
}

StreamedEvents Subscriber::replay_page() {
  const bool only_runs =
      unmaterialized_runs_ && position_ < unmaterialized_end_ && !subscription_.cursor;
  auto page = history_.page(subscription_.selection, only_runs ? &*unmaterialized_runs_ : nullptr,
                            position_, replay_end_);
  std::erase_if(page.events, [&](const auto& event) { return !is_wanted_from_history(*event); });
  position_ = page.end;
  return std::move(page.events);
}

bool Subscriber::is_wanted_from_history(const StreamedEvent& event) const {
  const auto& cursor = subscription_.cursor;
  if (!matches(subscription_.selection, event) ||
      (cursor && cursor->has(event.writer_id, event.seq, event.received_at))) {
    return false;
  }
  if (!unmaterialized_runs_ || event.event_number > unmaterialized_end_) return true;
  // A run that was being delivered goes on, even if it was sealed in the meantime.
  const bool has_begun = cursor && cursor->writers.contains(event.writer_id);
  return has_begun || (event.run_id && unmaterialized_runs_->contains(*event.run_id));
}

}  // namespace litmus
