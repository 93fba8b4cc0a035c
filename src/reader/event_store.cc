// SPDX-License-Identifier: Apache-2.0
#include "litmus/event_store.h"

#include <arrow/record_batch.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <utility>

#include "litmus/error.h"
#include "reader/daemon_client.h"
#include "reader/event_stream.h"
#include "reader/flight_error.h"
#include "reader/recorded_events.h"

namespace litmus {
namespace {

// Between attempts to reach a daemon that does not come up.
constexpr auto kFirstPause = std::chrono::milliseconds(50);
constexpr auto kLongestPause = std::chrono::seconds(5);

}  // namespace

// Shared with its thread, which lives on for a moment when the callback itself ends the
// subscription.
class Subscription::Impl {
 public:
  Impl(std::string data_dir, EventSubscription subscription, EventStore::Callback callback,
       std::function<void(const std::string&)> on_problem)
      : stream_(std::move(data_dir), std::move(subscription)),
        callback_(std::move(callback)),
        on_problem_(std::move(on_problem)) {
    stream_.connect();
  }

  static void start(const std::shared_ptr<Impl>& self) {
    self->thread_ = std::thread([self] { self->run(); });
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    stopping_.notify_all();
    stream_.cancel();
    if (thread_.get_id() == std::this_thread::get_id()) {
      thread_.detach();
    } else {
      thread_.join();
    }
  }

  EventCursor cursor() const { return stream_.cursor(); }

 private:
  void run() {
    auto pause = std::chrono::milliseconds(kFirstPause);
    while (!is_stopped()) {
      try {
        if (!is_connected_) stream_.connect();
        is_connected_ = true;
        for (const RecordedEvent& event : stream_.next()) {
          if (is_stopped()) return;
          give(event);
        }
        pause = kFirstPause;
        is_outage_known_ = false;
      } catch (const Error& error) {
        // A daemon that was replaced is not worth a word; one that does not come up is.
        const bool was_connected = std::exchange(is_connected_, false);
        if (was_connected && error.code() == Code::kUnavailable) continue;
        if (!std::exchange(is_outage_known_, true)) report(error.what());
        wait(pause);
        pause = std::min<std::chrono::milliseconds>(2 * pause, kLongestPause);
      }
    }
  }

  void give(const RecordedEvent& event) {
    try {
      callback_(event);
    } catch (const std::exception& error) {
      report("a callback for events failed at " + event.event_type + ": " + error.what());
    } catch (...) {
      report("a callback for events failed at " + event.event_type);
    }
    stream_.advance(event);
  }

  void report(const std::string& problem) {
    if (on_problem_) {
      on_problem_(problem);
    } else {
      std::fprintf(stderr, "litmus: %s\n", problem.c_str());
    }
  }

  bool is_stopped() const {
    const std::lock_guard lock(mutex_);
    return stopped_;
  }
  void wait(std::chrono::milliseconds pause) {
    std::unique_lock lock(mutex_);
    stopping_.wait_for(lock, pause, [this] { return stopped_; });
  }

  EventStream stream_;
  const EventStore::Callback callback_;
  const std::function<void(const std::string&)> on_problem_;
  bool is_connected_ = true;
  bool is_outage_known_ = false;
  std::thread thread_;
  mutable std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;
};

Subscription::Subscription(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {
  Impl::start(impl_);
}
Subscription::Subscription(Subscription&&) noexcept = default;
Subscription& Subscription::operator=(Subscription&& other) noexcept {
  Subscription old(std::move(*this));
  impl_ = std::move(other.impl_);
  return *this;
}
Subscription::~Subscription() {
  if (impl_) impl_->stop();
}
EventCursor Subscription::cursor() const { return impl_->cursor(); }

EventStore::EventStore(std::string data_dir)
    : data_dir_(data_dir), client_(std::make_unique<DaemonClient>(std::move(data_dir))) {}
EventStore::~EventStore() = default;

std::vector<RecordedEvent> EventStore::events(const EventSelection& selection) {
  return events(selection, {});
}

std::vector<RecordedEvent> EventStore::events(const EventSelection& selection,
                                              const Bounds& bounds) {
  ValueMap parameters;
  if (!selection.event_types.empty()) {
    parameters.set("event_type",
                   ValueList(selection.event_types.begin(), selection.event_types.end()));
  }
  if (!selection.role.empty()) parameters.set("role", selection.role);
  if (!selection.session_id.empty()) parameters.set("session_id", selection.session_id);
  if (!selection.run_id.empty()) parameters.set("run_id", selection.run_id);
  if (selection.since) parameters.set("since", to_iso8601(*selection.since));
  if (bounds.until) parameters.set("until", to_iso8601(*bounds.until));
  if (bounds.limit) parameters.set("limit", *bounds.limit);
  const auto reader = client_->query("events.list", parameters);
  std::vector<RecordedEvent> events;
  while (true) {
    const auto batch = reader->Next();
    if (!batch.ok()) throw to_error(batch.status());
    if (!*batch) return events;
    append_events(events, **batch);
  }
}

std::vector<SessionStarted> EventStore::sessions() {
  std::vector<SessionStarted> sessions;
  for (const RecordedEvent& recorded :
       events({.event_types = {std::string(SessionStarted::kTag)}})) {
    Event event = recorded.event();
    if (auto* session = std::get_if<SessionStarted>(&event)) {
      sessions.push_back(std::move(*session));
    }
  }
  return sessions;
}

void EventStore::flush() { client_->sync(); }

Subscription EventStore::on_event(const EventSelection& selection, Callback callback) {
  return on_event(selection, std::move(callback), {});
}

Subscription EventStore::on_event(const EventSelection& selection, Callback callback,
                                  SubscribeOptions options) {
  EventSubscription subscription{selection, options.replay, std::move(options.after)};
  return Subscription(std::make_shared<Subscription::Impl>(
      data_dir_, std::move(subscription), std::move(callback), std::move(options.on_problem)));
}

}  // namespace litmus
