// SPDX-License-Identifier: Apache-2.0
// The thread that moves what is in the journals into the segments.
#include "channels/channel_recorder.h"

#include <arrow/array.h>
#include <arrow/buffer.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "litmus/error.h"

namespace litmus {
namespace {

constexpr auto kPause = std::chrono::milliseconds(30);  // between passes: what a follower waits
constexpr auto kPauseAfterFailure = std::chrono::milliseconds(500);

}  // namespace

bool ChannelRecorder::split() {
  std::string problem;
  bool is_new_problem = false;
  {
    const std::lock_guard one_at_a_time(split_mutex_);
    std::vector<std::pair<std::shared_ptr<Journal>, std::size_t>> ends;
    std::vector<Recording*> recordings;
    {
      const Lock lock(mutex_);
      for (const auto& journal : journals_) ends.emplace_back(journal, journal->writer.written());
      for (Recording& recording : recordings_) recordings.push_back(&recording);
    }
    for (const auto& [journal, end] : ends) {
      gathered_.gather(
          journal->writer.bytes().first(end), journal->split, recordings.size(),
          [&](std::uint32_t channel) -> std::int64_t { return recordings[channel]->appended_seq; });
      for (const GatheredRows::Share& share : gathered_.shares()) {
        append_share(*recordings[share.channel], share, problem);
      }
    }
    const Lock lock(mutex_);
    if (problem.empty()) {
      for (const auto& [journal, end] : ends) journal->split = end;
      retire_journals();
    }
    is_new_problem = !problem.empty() && !split_fails_;
    split_fails_ = !problem.empty();
  }
  if (is_new_problem) report("samples wait for being written: " + problem);
  return problem.empty();
}

void ChannelRecorder::append_share(Recording& recording, const GatheredRows::Share& share,
                                   std::string& problem) {
  {
    const Lock lock(mutex_);
    rotate_if_due(recording);
    for (std::size_t i = recording.known_texts.size(); i < recording.texts.size(); ++i) {
      recording.known_texts.push_back(recording.texts[i]);
    }
  }
  try {
    for (std::size_t done = 0; done < share.count;) {
      const std::size_t count = std::min<std::size_t>(share.count - done, kRowsPerBatch);
      const std::size_t begin = share.begin + done;
      const auto times = gathered_.timestamps(begin, count);
      const auto texts = gathered_.texts(begin, count);
      const bool uniform = std::ranges::all_of(texts, [&](auto text) { return text == texts[0]; });
      const std::int64_t first_seq = share.first_seq + static_cast<std::int64_t>(done);
      recording.segment->append(
          {first_seq,
           static_cast<std::int64_t>(count),
           buffer_view(times.data(), times.size_bytes()),
           {number_column(recording.data_type, gathered_.values(begin, count),
                          share.has_missing ? gathered_.missing(begin, count)
                                            : std::span<const std::uint8_t>())},
           texts.first(uniform ? 1 : count)},
          recording.known_texts);
      done += count;
      const Lock lock(mutex_);
      recording.appended_seq = first_seq + static_cast<std::int64_t>(count);
      unsynced_.insert(recording.segment->path());
      changed_->notify_all();
    }
  } catch (const Error& error) {
    problem = error.what();
  }
}

void ChannelRecorder::wake() {
  if (has_work_) return;
  has_work_ = true;
  if (!is_running_) {
    is_running_ = true;
    std::thread([self = shared_from_this()] { self->run(); }).detach();
  }
  wake_->notify_all();
}

void ChannelRecorder::run() {
  Lock lock(mutex_);
  auto pause = std::chrono::milliseconds(kPause);
  while (!stop_) {
    if (!has_work_) {
      wake_->wait(lock);
      continue;
    }
    wake_->wait_for(lock, pause, [this] { return stop_ || is_urgent_; });
    if (stop_) break;
    has_work_ = is_urgent_ = false;
    lock.unlock();
    const auto begin = std::chrono::steady_clock::now();
    const bool done = split();
    prepare_journal();
    announce(false);
    seal_finished();
    const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begin);
    lock.lock();
    if (!done) has_work_ = true;
    pause = done ? std::max(kPause, 2 * taken) : kPauseAfterFailure;
  }
  is_running_ = false;
  changed_->notify_all();
}

}  // namespace litmus
