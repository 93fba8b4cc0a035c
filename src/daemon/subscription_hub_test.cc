// SPDX-License-Identifier: Apache-2.0
#include "daemon/subscription_hub.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <thread>

#include "daemon/event_matching.h"
#include "litmus/error.h"

namespace litmus {
namespace {

constexpr auto kNoWait = std::chrono::milliseconds(0);
constexpr SubscriptionHub::Limits kSmall{.events = 5, .bytes = 1 << 20U};

// What the writers have recorded: the files.
class Files {
 public:
  std::size_t add_writer() {
    ids_.push_back(Uuid::random());
    events_.emplace_back();
    return ids_.size() - 1;
  }

  void record(std::size_t writer, const std::string& type, const std::string& run = "") {
    StreamedEvent event;
    event.writer_id = ids_[writer];
    event.seq = std::ssize(events_[writer]);
    event.received_at = event.occurred_at = now_ += std::chrono::microseconds(1);
    event.event_type = type;
    event.session_id = ids_[writer].to_string();
    if (!run.empty()) event.run_id = run;
    event.json = "{}";
    events_[writer].push_back(std::move(event));
  }

  Timestamp now() const { return now_; }
  std::size_t writers() const { return ids_.size(); }
  const std::vector<StreamedEvent>& of(std::size_t writer) const { return events_[writer]; }

 private:
  Timestamp now_ = parse_iso8601("2026-03-10T12:00:00Z");
  std::vector<Uuid> ids_;
  std::vector<std::vector<StreamedEvent>> events_;
};

// A daemon without clock, thread or index: reads an event when it is told to.
class Daemon final : public EventHistory {
 public:
  // `stored`: what its predecessor has committed.
  explicit Daemon(const Files& files, StreamedEvents stored = {})
      : hub(stored.empty() ? 0 : stored.back()->event_number, kSmall),
        files_(files),
        stored_(std::move(stored)),
        catch_up_(files.now()) {
    for (const auto& event : stored_) next_seq_[event->writer_id] = event->seq + 1;
  }

  // False: there is nothing new of this writer.
  bool read(std::size_t writer) {
    const auto& events = files_.of(writer);
    if (events.empty()) return false;
    std::int64_t& next = next_seq_[events[0].writer_id];
    if (next == std::ssize(events)) return false;
    StreamedEvent event = events[static_cast<std::size_t>(next++)];
    event.event_number = ++last_number_or_stored();
    uncommitted_.push_back(std::make_shared<const StreamedEvent>(std::move(event)));
    hub.on_event(uncommitted_.back());
    return true;
  }
  void read_all() {
    for (std::size_t writer = 0; writer < files_.writers(); ++writer) {
      while (read(writer)) {
      }
    }
  }
  // Nothing that is older remains to be read.
  Timestamp oldest_unread() const {
    Timestamp oldest = files_.now() + std::chrono::microseconds(1);
    for (std::size_t writer = 0; writer < files_.writers(); ++writer) {
      const auto& events = files_.of(writer);
      if (events.empty()) continue;
      const auto next = next_seq_.find(events[0].writer_id);
      const std::int64_t seq = next == next_seq_.end() ? 0 : next->second;
      if (seq < std::ssize(events)) {
        oldest = std::min(oldest, events[static_cast<std::size_t>(seq)].received_at);
      }
    }
    return oldest;
  }
  const StreamedEvents& stored() const { return stored_; }

  void sync() override {
    stored_.insert(stored_.end(), uncommitted_.begin(), uncommitted_.end());
    uncommitted_.clear();
  }
  bool is_complete() const override { return oldest_unread() > catch_up_; }
  Page page(const EventSelection& /*selection*/, const RunIds* runs, std::int64_t after,
            std::int64_t up_to) override {
    Page page;
    page.end = std::min(after + 7, up_to);
    for (const auto& event : stored_) {
      if (event->event_number <= after || event->event_number > page.end) continue;
      if (runs != nullptr && !runs->contains(event->run_id.value_or(""))) continue;
      page.events.push_back(event);
    }
    return page;
  }
  std::optional<std::int64_t> first_number_behind(const EventCursor& cursor) override {
    for (const auto& event : stored_) {
      if (!cursor.has(event->writer_id, event->seq, event->received_at)) return event->event_number;
    }
    return std::nullopt;
  }
  EventCursor cursor_at(std::int64_t event_number, Timestamp from) override {
    EventCursor cursor{from, {}};
    std::map<Uuid, Timestamp> newest;
    for (const auto& event : stored_) {
      if (event->event_number > event_number) continue;
      cursor.writers[event->writer_id] = event->seq;
      newest[event->writer_id] = std::max(newest[event->writer_id], event->received_at);
    }
    std::erase_if(cursor.writers, [&](const auto& item) { return newest[item.first] < from; });
    return cursor;
  }
  RunIds unmaterialized_runs() override {
    RunIds runs;
    for (const auto& event : stored_) {
      if (event->event_type == "run.started") runs.insert(*event->run_id);
      if (event->event_type == "run.materialized") runs.erase(*event->run_id);
    }
    return runs;
  }

  SubscriptionHub hub;

 private:
  std::int64_t& last_number_or_stored() {
    if (last_number_ == 0 && !stored_.empty()) last_number_ = stored_.back()->event_number;
    return last_number_;
  }

  const Files& files_;
  StreamedEvents stored_;
  StreamedEvents uncommitted_;
  std::int64_t last_number_ = 0;
  std::map<Uuid, std::int64_t> next_seq_;
  Timestamp catch_up_;  // what was recorded before must be read first
};

// A client: keeps its cursor, connects again and again.
class Client {
 public:
  explicit Client(EventSubscription subscription) : subscription_(std::move(subscription)) {}

  void connect(Daemon& daemon) {
    EventSubscription request = subscription_;
    if (connected_before_) request.cursor = cursor_;
    subscriber_ = daemon.hub.subscribe(std::move(request), daemon);
    daemon_ = &daemon;
    connected_before_ = true;
  }
  void disconnect() { subscriber_.reset(); }
  bool is_connected() const { return subscriber_ != nullptr; }

  void take() {
    oldest_to_come_ = daemon_->oldest_unread();
    receive(subscriber_->next(kNoWait));
  }
  // The daemon hands them over, but they never arrive.
  void lose() {
    subscriber_->next(kNoWait);
    disconnect();
  }
  void take_checkpoint() {
    if (subscriber_->is_caught_up()) {
      cursor_ = daemon_->checkpoint(subscriber_->position(), oldest_to_come_);
    }
  }
  void take_all() {
    for (int i = 0; i < 10'000; ++i) {
      take();
      if (subscriber_->is_caught_up()) return;
    }
    FAIL() << "does not catch up; complete: " << daemon_->is_complete();
  }

  std::vector<std::int64_t> seqs_of(const Uuid& writer) const {
    const auto found = received_.find(writer);
    return found == received_.end() ? std::vector<std::int64_t>{} : found->second;
  }
  std::size_t count() const {
    std::size_t count = 0;
    for (const auto& [writer, seqs] : received_) count += seqs.size();
    return count;
  }

 private:
  void receive(const StreamedEvents& events) {
    for (const auto& event : events) {
      received_[event->writer_id].push_back(event->seq);
      cursor_.writers[event->writer_id] = event->seq;
    }
  }

  EventSubscription subscription_;
  Daemon* daemon_ = nullptr;
  std::unique_ptr<Subscriber> subscriber_;
  Timestamp oldest_to_come_;
  EventCursor cursor_;
  bool connected_before_ = false;
  std::map<Uuid, std::vector<std::int64_t>> received_;
};

std::vector<std::int64_t> matching_seqs(const std::vector<StreamedEvent>& events,
                                        const EventSelection& selection) {
  std::vector<std::int64_t> seqs;
  for (const StreamedEvent& event : events) {
    if (matches(selection, event)) seqs.push_back(event.seq);
  }
  return seqs;
}

TEST(SubscriptionHub, PastComesFirstThenWhatIsRecordedNow) {
  Files files;
  const auto writer = files.add_writer();
  files.record(writer, "run.started", "run");
  Daemon daemon(files);
  daemon.read_all();
  Client client({});
  client.connect(daemon);
  files.record(writer, "run.ended", "run");
  daemon.read_all();
  client.take_all();
  EXPECT_EQ(client.seqs_of(files.of(writer)[0].writer_id), (std::vector<std::int64_t>{0, 1}));
}

TEST(SubscriptionHub, ReplayNoneGivesNothingOfThePast) {
  Files files;
  const auto writer = files.add_writer();
  files.record(writer, "run.started", "run");
  Daemon daemon(files);
  daemon.read_all();
  Client client({.replay = Replay::kNone});
  client.connect(daemon);
  files.record(writer, "run.ended", "run");
  daemon.read_all();
  client.take_all();
  EXPECT_EQ(client.seqs_of(files.of(writer)[0].writer_id), (std::vector<std::int64_t>{1}));
}

TEST(SubscriptionHub, ReplayNoneBehindACursorGivesTheRestOfItsWritersOnly) {
  Files files;
  const auto known = files.add_writer();
  const auto other = files.add_writer();
  for (const auto writer : {known, known, other}) files.record(writer, "run.started", "run");
  Daemon daemon(files);
  daemon.read_all();
  const Uuid id = files.of(known)[0].writer_id;
  const auto subscriber = daemon.hub.subscribe(
      {.replay = Replay::kNone, .cursor = EventCursor{std::nullopt, {{id, 0}}}}, daemon);
  const StreamedEvents events = subscriber->next(kNoWait);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0]->writer_id, id);
  EXPECT_EQ(events[0]->seq, 1);
}

TEST(SubscriptionHub, ReplayOfUnmaterializedRunsLeavesOutSealedOnesAndGivesAllThatFollows) {
  Files files;
  const auto writer = files.add_writer();
  files.record(writer, "run.started", "sealed");
  files.record(writer, "run.materialized", "sealed");
  files.record(writer, "run.started", "running");
  Daemon daemon(files);
  daemon.read_all();
  Client client({.replay = Replay::kUnmaterializedRuns});
  client.connect(daemon);
  client.take_all();
  EXPECT_EQ(client.seqs_of(files.of(writer)[0].writer_id), (std::vector<std::int64_t>{2}));
  // What was being delivered goes on after a reconnect, though it is sealed by then.
  client.disconnect();
  files.record(writer, "run.materialized", "running");
  daemon.read_all();
  client.connect(daemon);
  client.take_all();
  files.record(writer, "session.ended");
  daemon.read_all();
  client.take_all();
  EXPECT_EQ(client.seqs_of(files.of(writer)[0].writer_id), (std::vector<std::int64_t>{2, 3, 4}));
}

TEST(SubscriptionHub, PastThatIsReadAfterTheSubscriptionIsPast) {
  Files files;
  const auto writer = files.add_writer();
  files.record(writer, "run.started", "sealed");
  files.record(writer, "run.materialized", "sealed");
  files.record(writer, "run.started", "running");
  Daemon daemon(files);  // has read nothing yet
  Client without_past({.replay = Replay::kNone});
  Client with_running({.replay = Replay::kUnmaterializedRuns});
  without_past.connect(daemon);
  with_running.connect(daemon);
  daemon.read(writer);
  with_running.take();
  daemon.read_all();
  without_past.take_all();
  with_running.take_all();
  EXPECT_EQ(without_past.count(), 0);
  EXPECT_EQ(with_running.seqs_of(files.of(writer)[0].writer_id), (std::vector<std::int64_t>{2}));
}

TEST(SubscriptionHub, SlowSubscriberReadsFromTheHistoryWhatItsQueueCouldNotHold) {
  Files files;
  const auto writer = files.add_writer();
  Daemon daemon(files);
  Client slow({});
  Client quick({});
  slow.connect(daemon);
  quick.connect(daemon);
  for (int i = 0; i < 40; ++i) {
    files.record(writer, "test.measurement");
    daemon.read_all();
    quick.take();
  }
  EXPECT_EQ(quick.count(), 40);
  EXPECT_EQ(slow.count(), 0);
  slow.take_all();
  EXPECT_EQ(slow.seqs_of(files.of(writer)[0].writer_id), matching_seqs(files.of(writer), {}));
}

TEST(SubscriptionHub, CheckpointLeavesOutWritersThatHaveBeenSilent) {
  Files files;
  const auto silent = files.add_writer();
  const auto busy = files.add_writer();
  files.record(silent, "run.started", "run");
  const Timestamp from = files.now() + std::chrono::microseconds(1);
  files.record(busy, "run.started", "run");
  Daemon daemon(files);
  daemon.read_all();
  const auto subscriber = daemon.hub.subscribe({}, daemon);
  while (!subscriber->is_caught_up()) subscriber->next(kNoWait);
  EXPECT_EQ(daemon.checkpoint(subscriber->position(), from),
            (EventCursor{from, {{files.of(busy)[0].writer_id, 0}}}));
}

TEST(SubscriptionHub, NoSubscriberIsCaughtUpWhileThePastIsStillBeingRead) {
  Files files;
  const auto writer = files.add_writer();
  files.record(writer, "run.started", "run");
  files.record(writer, "run.ended", "run");
  Daemon daemon(files);
  auto subscriber = daemon.hub.subscribe({}, daemon);
  daemon.read(writer);
  EXPECT_EQ(subscriber->next(kNoWait).size(), 1U);
  EXPECT_FALSE(subscriber->is_caught_up());
  daemon.read(writer);
  EXPECT_EQ(subscriber->next(kNoWait).size(), 1U);
  EXPECT_TRUE(subscriber->is_caught_up());
}

TEST(SubscriptionHub, CloseWakesWhoWaitsAndRefusesWhoComes) {
  Files files;
  Daemon daemon(files);
  auto subscriber = daemon.hub.subscribe({}, daemon);
  std::thread waiting([&] {
    while (!subscriber->is_closed()) subscriber->next(std::chrono::hours(1));
  });
  daemon.hub.close();
  waiting.join();
  EXPECT_THROW(daemon.hub.subscribe({}, daemon), Error);
  EXPECT_EQ(daemon.hub.subscriber_count(), 1);
  subscriber.reset();
  EXPECT_EQ(daemon.hub.subscriber_count(), 0);
}

// Writers, a daemon that is killed or loses its index, and subscribers that are slow, go away and
// come back, in any order.
TEST(SubscriptionHub, WhateverHappensEachMatchingEventIsDeliveredOnceInTheOrderOfItsWriter) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 dice(seed);
    const auto roll = [&](unsigned sides) { return dice() % sides; };
    Files files;
    for (int i = 0; i < 3; ++i) files.add_writer();
    auto daemon = std::make_unique<Daemon>(files);
    const std::vector<EventSelection> selections{
        {}, {.event_types = {"test.*"}}, {.run_id = "run1"}};
    std::vector<Client> clients;
    for (const EventSelection& selection : selections) {
      clients.emplace_back(EventSubscription{.selection = selection});
    }
    const auto restart = [&](bool lose_index) {
      for (Client& client : clients) client.disconnect();
      StreamedEvents stored = lose_index ? StreamedEvents{} : daemon->stored();
      daemon = std::make_unique<Daemon>(files, std::move(stored));
    };
    for (int step = 0; step < 400; ++step) {
      Client& client = clients[roll(clients.size())];
      const auto writer = roll(static_cast<unsigned>(files.writers()));
      switch (roll(16)) {
        case 0:
          if (files.writers() < 8) files.add_writer();
          break;
        case 1:
          if (roll(4) == 0) restart(roll(3) == 0);
          break;
        case 2: daemon->sync(); break;
        case 3:
          if (client.is_connected()) client.disconnect();
          break;
        case 4:
          if (client.is_connected()) client.lose();
          break;
        case 5:
          if (client.is_connected()) client.take_checkpoint();
          break;
        case 6:
        case 7:
        case 8:
        case 9: daemon->read(writer); break;
        case 10:
        case 11:
        case 12: {
          if (!client.is_connected()) client.connect(*daemon);
          client.take();
          break;
        }
        default:
          files.record(writer, roll(2) == 0 ? "test.measurement" : "instrument.read",
                       roll(2) == 0 ? "run1" : "");
      }
    }
    daemon->read_all();
    for (std::size_t i = 0; i < clients.size(); ++i) {
      if (!clients[i].is_connected()) clients[i].connect(*daemon);
      clients[i].take_all();
      for (std::size_t writer = 0; writer < files.writers(); ++writer) {
        if (files.of(writer).empty()) continue;
        ASSERT_EQ(clients[i].seqs_of(files.of(writer)[0].writer_id),
                  matching_seqs(files.of(writer), selections[i]))
            << "client " << i << ", writer " << writer;
      }
    }
  }
}

}  // namespace
}  // namespace litmus
