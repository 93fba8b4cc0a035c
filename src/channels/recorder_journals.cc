// SPDX-License-Identifier: Apache-2.0
// The journals of a process: filled, replaced, and removed when all of them is in the segments.
#include "channels/channel_recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/process.h"
#include "litmus/error.h"
#include "record/background.h"

namespace litmus {
namespace {

constexpr auto kPatience = std::chrono::milliseconds(1);  // of a producer
constexpr std::size_t kMostJournals = 16;                 // 128 MiB
constexpr std::size_t kMostRetiring = 64;  // 512 MiB, those that are split but not synced too

}  // namespace

// Says which segments the recording's rows belong to, and how many of them the registry knows.
// False: the journal is full.
bool ChannelRecorder::name_in(Journal& journal, Recording& recording) {
  if (recording.journal != journal.number) {
    if (!journal.writer.append(
            JournalChannel{recording.number, file_name(folder_), recording.name.stem()})) {
      return false;
    }
    recording.journal = journal.number;
    recording.texts_in_journal = 0;
  }
  return recording.announced == 0 ||
         journal.writer.append(JournalAnnounced{recording.number, recording.announced});
}

// False: the journal is full.
bool ChannelRecorder::try_put(Recording& recording, const JournalRows& rows) {
  if (journals_.empty()) return false;
  Journal& journal = *journals_.back();
  if (recording.journal != journal.number && !name_in(journal, recording)) return false;
  while (recording.texts_in_journal < recording.texts.size()) {
    const std::size_t number = recording.texts_in_journal;
    if (!journal.writer.append(JournalTexts{recording.number, static_cast<std::uint8_t>(number),
                                            recording.texts[number]})) {
      return false;
    }
    ++recording.texts_in_journal;
  }
  return journal.writer.append(rows);
}

void ChannelRecorder::next_journal(Lock& lock) {
  const auto is_full = [this] {
    return journals_.size() >= kMostJournals || journals_.size() + retiring_ >= kMostRetiring;
  };
  if (is_full()) {
    is_urgent_ = true;
    wake_->notify_all();
    changed_->wait_for(lock, kPatience, [&] { return !is_full(); });
    if (!is_full()) return;  // what was looked at before may have changed meanwhile
    throw Error(Code::kBusy, "samples come faster than the disk takes them");
  }
  create_journal();
}

std::shared_ptr<ChannelRecorder::Journal> ChannelRecorder::make_journal(std::uint64_t number) {
  const std::string folder = channel_journal_folder(data_dir_);
  files_.create_folders(folder);
  const std::string path =
      join_path(folder, fmt::format("{}_{:06}.journal", writer_id_.to_string(), number));
  return std::make_shared<Journal>(
      Journal{number, JournalWriter(files_, path, {writer_id_, session_id_, this_process()})});
}

// Once the first one is half full: most sessions need no other. Journals are read in the order of
// their numbers, so a spare one that was overtaken is of no use.
void ChannelRecorder::prepare_journal() {
  std::uint64_t number = 0;
  {
    const Lock lock(mutex_);
    if (spare_ || journals_.empty() || journals_.size() + 1 >= kMostJournals) return;
    const Journal& last = *journals_.back();
    if (last.number == 1 && last.writer.written() < JournalWriter::kFileSize / 2) return;
    number = next_journal_++;
  }
  try {
    auto journal = make_journal(number);
    {
      const Lock lock(mutex_);
      if (next_journal_ == number + 1) {
        spare_ = std::move(journal);
        return;
      }
    }
    files_.remove(journal->writer.path());
  } catch (const Error&) {
    // Whoever needs one tries again, and says why it cannot be had.
  }
}

void ChannelRecorder::create_journal() {
  if (spare_) {
    journals_.push_back(std::exchange(spare_, nullptr));
  } else {
    journals_.push_back(make_journal(next_journal_));
    ++next_journal_;
  }
  // All of them: whoever recovers the journal ends the segments that it names.
  Journal& journal = *journals_.back();
  for (Recording& recording : recordings_) {
    if (!recording.segment) continue;
    if (!name_in(journal, recording)) break;
  }
  if (journals_.size() > 1) {
    is_urgent_ = true;
    wake_->notify_all();
  }
}

// Those that are split and full. Their rows have to be on stable storage before they go.
void ChannelRecorder::retire_journals() {
  std::vector<std::string> paths;
  while (journals_.size() > 1 && journals_.front()->split == journals_.front()->writer.written()) {
    paths.push_back(journals_.front()->writer.path());
    journals_.pop_front();
  }
  if (paths.empty()) return;
  retiring_ += paths.size();
  background::run_after(
      {}, [self = shared_from_this(), paths, segments = std::exchange(unsynced_, {})] {
        std::string problem;
        try {
          self->sync_segments(segments);
          for (const std::string& path : paths) self->files_.remove(path);
        } catch (const Error& error) {
          problem = error.what();  // the journals stay: whoever opens the store next recovers them
        }
        {
          const Lock lock(self->mutex_);
          self->retiring_ -= std::min(self->retiring_, paths.size());
          self->changed_->notify_all();
        }
        self->report(problem);
      });
}

}  // namespace litmus
