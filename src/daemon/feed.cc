// SPDX-License-Identifier: Apache-2.0
#include "daemon/feed.h"

#include <arrow/record_batch.h>
#include <arrow/table.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "daemon/feed_impl.h"
#include "litmus/error.h"

namespace litmus {
namespace {

constexpr std::size_t kFlushEvents = 2'000;
constexpr auto kLongestWait = std::chrono::milliseconds(1000);
constexpr auto kHouseKeepingPace = std::chrono::seconds(30);

std::chrono::milliseconds time_until(std::chrono::steady_clock::time_point due) {
  const auto left = due - std::chrono::steady_clock::now();
  return std::clamp(std::chrono::ceil<std::chrono::milliseconds>(left),
                    std::chrono::milliseconds(0), kLongestWait);
}

IndexedEvent to_indexed(const StreamedEvent& event) {
  IndexedEvent indexed{event.event_number, event.writer_id, event.seq,        event.occurred_at,
                       event.received_at,  event.id,        event.event_type, event.session_id,
                       std::nullopt,       event.json};
  if (event.run_id) indexed.run_id = *event.run_id;
  return indexed;
}

}  // namespace

Feed::Impl::Impl(Options options, Index& index, EventSink* sink)
    : options_(std::move(options)),
      files_(options_.files != nullptr ? *options_.files : posix_file_system()),
      index_(index),
      sink_(sink),
      data_dir_(absolute_path(options_.data_dir)),
      events_root_(join_path(data_dir_, "events")),
      runs_root_(join_path(data_dir_, "runs")),
      host_(this_process().host),
      next_house_keeping_(Clock::now() + kHouseKeepingPace),
      next_sweep_(next_house_keeping_),
      last_event_number_(index.last_event_number()),
      index_queue_(index, [this](const std::string& line) { log_once(line); }),
      recovery_([this] { recovery_loop(); }),
      reader_([this] { run(); }) {}

Feed::Impl::~Impl() {
  {
    const std::lock_guard lock(sync_mutex_);
    stop_ = true;
  }
  synced_.notify_all();
  wake_.raise();
  reader_.join();
  {
    const std::lock_guard lock(recovery_mutex_);  // so that the wake-up is not missed
  }
  recovery_wake_.notify_one();
  recovery_.join();
}

void Feed::Impl::run() {
  bool begun = false;
  while (!stop_) {
    try {
      if (!std::exchange(begun, true)) start();
      step();
    } catch (const std::exception& error) {
      log_once(std::string("the feed goes on after an error: ") + error.what());
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  try {
    flush();
    note_folders();
  } catch (const std::exception& error) {
    log_once(error.what());
  }
}

void Feed::Impl::step() {
  wait();
  const std::uint64_t requested = sync_requested_;
  const bool syncing = requested != sync_passed_on_;
  take_changes(folders_.read(syncing));
  read_dirty_files();
  take_ended_processes();
  take_sealed_runs();
  read_pending_run_files(syncing);
  if (Clock::now() >= flush_due_ || pending_.size() >= kFlushEvents) flush();
  const bool patient = !caught_up_ && Clock::now() - started_ < kPatienceAtStart;
  if (syncing && !patient) serve_sync(requested);
  if (!work_on_backlog() && Clock::now() >= next_house_keeping_) keep_house();
  seal_late_runs();
  count();
}

void Feed::Impl::wait() {
  auto due = std::min(next_house_keeping_, next_sweep_);
  if (!pending_.empty() || !moved_.empty()) due = std::min(due, flush_due_);
  for (const auto& [path, time] : pending_runs_) due = std::min(due, time);
  if (late_due_ != Clock::time_point()) due = std::min(due, late_due_);
  if (sync_requested_ != sync_passed_on_) due = std::min(due, started_ + kPatienceAtStart);
  auto time = time_until(due);
  if (in_backlog_ && (!unfinished_.empty() || run_backlog_ == 0)) {
    time = std::chrono::milliseconds(index_queue_.waiting_bytes() == 0 ? 0 : 1);
  }
  wake_.wait({folders_.descriptor(), processes_.descriptor()}, time);
}

// Everything read so far, and the rows of the runs that changed, in one commit.
void Feed::Impl::serve_sync(std::uint64_t requested) {
  sync_passed_on_ = requested;
  flush();
  put_changed_runs();
  index_queue_.commit([this, requested] {
    {
      const std::lock_guard lock(sync_mutex_);
      sync_done_ = std::max(sync_done_, requested);
    }
    synced_.notify_all();
  });
}

void Feed::Impl::flush() {
  flush_due_ = Clock::now() + kFlushPace;
  if (index_queue_.incomplete()) {  // the next start reads them again
    pending_.clear();
    pending_bytes_ = 0;
    moved_.clear();
  }
  std::vector<IndexedEventFile> positions;
  for (const auto& [id, path] : std::exchange(moved_, {})) {
    const auto session = sessions_.find(id);
    if (session == sessions_.end()) continue;
    const auto file = session->second.files.find(path);
    if (file == session->second.files.end() || !file->second.tail.header()) continue;
    positions.push_back(position_of(session->second, file->second));
  }
  if (pending_.empty() && positions.empty()) return;
  // In one job: what is committed must never be put again.
  index_queue_.put(
      [events = std::exchange(pending_, {}), positions = std::move(positions)](Index& index) {
        std::vector<IndexedEvent> rows;
        rows.reserve(events.size());
        for (const auto& event : events) rows.push_back(to_indexed(*event));
        index.put_events(rows);
        for (const IndexedEventFile& position : positions) index.put_event_file(position);
      },
      std::exchange(pending_bytes_, 0));
}

void Feed::Impl::put_changed_runs() {
  std::vector<Uuid> again;
  {
    const std::lock_guard lock(told_mutex_);
    again.swap(put_again_);
  }
  for (auto& [session_id, session] : sessions_) {
    for (auto& [run_id, run] : session.state.runs()) {
      if (std::ranges::find(again, run_id) != again.end()) {
        run.put.forget();
        run.changed = true;
      }
      if (!std::exchange(run.changed, false)) continue;
      if (!run.accumulator || !run.accumulator->started()) continue;
      index_queue_.put([this, live = run.put.take(*run.accumulator), id = run_id](Index& index) {
        if (std::ranges::find(recently_sealed_, id) != recently_sealed_.end()) return;
        arrow::TableBatchReader rows(live.rows);
        if (!live.part) return index.put_run(rows, std::nullopt);
        if (index.put_live_part(id, rows, *live.part)) return;
        const std::lock_guard lock(told_mutex_);
        put_again_.push_back(id);
      });
    }
  }
}

void Feed::Impl::keep_house() {
  next_house_keeping_ = Clock::now() + kHouseKeepingPace;
  flush();
  note_folders();
}

void Feed::Impl::count() {
  std::int64_t running = 0;
  std::int64_t writers = 0;
  std::int64_t local_writers = 0;
  for (const auto& [id, session] : sessions_) {
    for (const auto& [run_id, run] : session.state.runs()) {
      running += run.started && !run.ended && !run.sealed ? 1 : 0;
    }
    for (const auto& [path, file] : session.files) {
      if (file.tail.closed() || file.writer_gone) continue;
      ++writers;
      local_writers += file.tail.header() && file.tail.header()->host == host_ ? 1 : 0;
    }
  }
  running_runs_ = running;
  writers_ = writers;
  local_writers_ = local_writers;
}

void Feed::Impl::say(const std::string& line) {
  const std::lock_guard lock(log_mutex_);
  if (options_.log) options_.log(line);
}

void Feed::Impl::log_once(const std::string& line) {
  const std::lock_guard lock(log_mutex_);
  if (options_.log && logged_.insert(line).second) options_.log(line);
}

void Feed::Impl::sync() {
  const std::uint64_t wanted = ++sync_requested_;
  wake_.raise();
  std::unique_lock lock(sync_mutex_);
  synced_.wait(lock, [&] { return sync_done_ >= wanted || stop_; });
}

FeedState Feed::Impl::state() const {
  FeedState state;
  state.caught_up = caught_up_;
  state.files_to_index = backlog_size_ + run_backlog_;
  state.files_indexed = files_indexed_;
  state.last_event_number = last_event_number_;
  state.running_runs = running_runs_;
  state.writers = writers_;
  state.local_writers = local_writers_;
  state.index_incomplete = index_queue_.incomplete();
  const std::lock_guard lock(told_mutex_);
  state.broken_files = static_cast<std::int64_t>(broken_.size());
  return state;
}

std::shared_ptr<arrow::Table> Feed::Impl::live_rows(const Uuid& run_id) {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, session] : sessions_) {
    const auto run = session.state.runs().find(run_id);
    if (run != session.state.runs().end()) return rows_of(run->second);
  }
  return nullptr;
}

Feed::Feed(Options options, Index& index, EventSink* sink)
    : impl_(std::make_unique<Impl>(std::move(options), index, sink)) {}
Feed::~Feed() = default;
void Feed::sync() { impl_->sync(); }
FeedState Feed::state() const { return impl_->state(); }
std::shared_ptr<arrow::Table> Feed::live_rows(const Uuid& run_id) {
  return impl_->live_rows(run_id);
}

}  // namespace litmus
