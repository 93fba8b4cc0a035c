// SPDX-License-Identifier: Apache-2.0
// Onto stable storage: grouped, on demand, and when the store is closed; and what follows from it.
#include "channels/channel_recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "litmus/error.h"
#include "record/background.h"
#include "store/channel_registry.h"
#include "store/channel_segment_seal.h"

namespace litmus {
namespace {

constexpr auto kGroupedSync = std::chrono::milliseconds(100);
constexpr std::size_t kSealedAtOnce = 32;
constexpr std::size_t kMostSingleSyncs = 16;

}  // namespace

void ChannelRecorder::announce(bool everything) {
  std::vector<ChannelDescriptor> updates;
  WrittenChannels written;
  std::vector<Recording*> told;
  {
    const Lock lock(mutex_);
    for (Recording& recording : recordings_) {
      ChannelDescriptor& channel = recording.channel;
      if (channel.row_count == 0 || (recording.is_announced && !everything)) continue;
      updates.push_back(channel);
      ChannelDescriptor& total = written.totals.emplace_back(channel);
      total.row_count += recording.announced;
      total.sessions = recording.name.writer.empty() ? 1 : 0;
      written.stems.insert(recording.name.stem());
      told.push_back(&recording);
      recording.is_announced = true;
      channel.row_count = 0;
      channel.sessions = 0;
    }
  }
  if (updates.empty()) return;
  try {
    merge_into_channel_registry(files_, data_dir_, updates, written);
    const Lock lock(mutex_);
    for (std::size_t i = 0; i < told.size(); ++i) {
      told[i]->announced += updates[i].row_count;
      if (!journals_.empty()) name_in(*journals_.back(), *told[i]);
    }
  } catch (const Error& error) {
    report(std::string("the registry of channels could not be written: ") + error.what());
  }
}

void ChannelRecorder::seal_finished() {
  std::vector<std::string> finished;
  {
    const Lock lock(mutex_);
    finished = std::exchange(finished_, {});
  }
  if (!finished.empty()) seal(std::move(finished));
}

// A few at a time: journals that wait to be synced and removed must not wait for all of them.
void ChannelRecorder::seal(std::vector<std::string> paths) {
  background::run_after({}, [self = shared_from_this(), paths = std::move(paths)] {
    const auto count = static_cast<std::ptrdiff_t>(std::min(paths.size(), kSealedAtOnce));
    try {
      seal_channel_segments(self->files_, {paths.begin(), paths.begin() + count});
    } catch (const std::exception&) {
      // They stay as large as they are; every sample is in them.
    }
    if (std::cmp_less(count, paths.size())) self->seal({paths.begin() + count, paths.end()});
  });
}

void ChannelRecorder::plan_sync() {
  if (sync_planned_) return;
  sync_planned_ = true;
  background::run_after(kGroupedSync, [self = shared_from_this()] {
    std::shared_ptr<Journal> journal;
    std::set<std::string> segments;
    {
      const Lock lock(self->mutex_);
      self->sync_planned_ = false;
      if (!self->journals_.empty()) journal = self->journals_.back();
      segments = std::exchange(self->unsynced_direct_, {});
    }
    try {
      if (journal) journal->writer.sync();
      self->sync_segments(segments);
    } catch (const Error& error) {
      self->report(error.what());
    }
  });
}

void ChannelRecorder::sync_segments(const std::set<std::string>& paths) {
  if (paths.empty()) return;
  const std::string folder = parent_folder(*paths.begin());
  if (paths.size() > kMostSingleSyncs) return files_.sync_all(folder);
  for (const std::string& path : paths) {
    if (!files_.exists(path)) continue;  // pruned meanwhile
    files_.open_for_append(path, FileSystem::Create::kExisting)->sync();
  }
  files_.sync_folder(folder);
}

void ChannelRecorder::flush() {
  const bool done = split();
  announce(true);
  std::set<std::string> segments;
  {
    const Lock lock(mutex_);
    segments = std::exchange(unsynced_, {});
    segments.merge(unsynced_direct_);
    unsynced_direct_.clear();
  }
  sync_segments(segments);
  if (!done) throw Error(Code::kIo, "samples wait for being written; they are in the journal");
}

void ChannelRecorder::close() {
  {
    Lock lock(mutex_);
    if (recordings_.empty()) return;
    stop_ = true;
    wake_->notify_all();
    changed_->wait(lock, [this] { return !is_running_; });
    stop_ = false;
    has_work_ = false;
  }
  const bool done = split();
  std::vector<std::string> journals;
  std::string problem;
  {
    const Lock lock(mutex_);
    for (Recording& recording : recordings_) {
      if (recording.appended_seq == recording.next_seq && !recording.is_busy) {
        finish_segment(recording);
      }
    }
    if (done) {
      for (const auto& journal : journals_) journals.push_back(journal->writer.path());
      journals_.clear();
      if (spare_) journals.push_back(std::exchange(spare_, nullptr)->writer.path());
    }
    if (lost_ > lost_reported_) {
      problem = fmt::format("{} samples of session {} could not be written", lost_, session_text_);
      lost_reported_ = lost_;
    }
  }
  report(problem);
  try {
    flush();
    for (const std::string& path : journals) files_.remove(path);
    files_.remove_folder(channel_journal_folder(data_dir_));
  } catch (const Error& error) {
    // The folder is another's as well, or the samples stay in the journals: found at the next open.
    if (!done) report(error.what());
  }
  seal_finished();
}

}  // namespace litmus
