// SPDX-License-Identifier: Apache-2.0
#include "channels/channel_recorder.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>
#include <utility>

#include "base/process.h"
#include "litmus/error.h"
#include "record/background.h"
#include "store/channel_registry.h"
#include "store/channel_segment_seal.h"

namespace litmus {
namespace {

constexpr auto kPause = std::chrono::milliseconds(30);  // between passes: what a follower waits
constexpr auto kPauseAfterFailure = std::chrono::milliseconds(500);
constexpr auto kPatience = std::chrono::milliseconds(1);  // of a producer
constexpr auto kGroupedSync = std::chrono::milliseconds(100);
constexpr std::uint64_t kSegmentSize = 64 * 1024 * 1024;
constexpr std::size_t kMostJournals = 16;  // 128 MiB
constexpr std::size_t kMostRetiring = 64;  // 512 MiB, those that are split but not synced too
constexpr std::size_t kSealedAtOnce = 32;
constexpr std::size_t kMostJournalRows = 4096;  // a block with more goes to its segment directly
constexpr std::int64_t kRowsPerBatch = 32768;   // stays in the processor's cache
constexpr std::size_t kMostOpenFiles = 200;     // of the 1,024 that a process may usually have
constexpr std::size_t kMostSingleSyncs = 16;

Timestamp to_time(std::int64_t microseconds) {
  return Timestamp(std::chrono::microseconds(microseconds));
}
std::int64_t microseconds(Timestamp time) { return time.time_since_epoch().count(); }

std::shared_ptr<arrow::Buffer> view(const void* data, std::size_t bytes) {
  return std::make_shared<arrow::Buffer>(static_cast<const std::uint8_t*>(data),
                                         static_cast<std::int64_t>(bytes));
}

RowTexts texts_of(const SampleInfo& info) {
  RowTexts texts;
  if (info.units) texts.units = std::string(*info.units);
  texts.direction = info.direction;
  texts.source_method = info.source_method;
  return texts;
}

bool are_texts_of(const RowTexts& texts, const SampleInfo& info) {
  return texts.source_method == info.source_method && texts.direction == info.direction &&
         texts.units.has_value() == info.units.has_value() &&
         (!info.units || *texts.units == *info.units);
}

Timestamp last_time(const ChannelRecorder::Numbers& numbers) {
  std::vector<std::int64_t> scratch;
  return to_time(numbers.times(numbers.values.size() - 1, 1, scratch)[0]);
}

const RowTexts kGapTexts{std::nullopt, "observe", "gap"};

}  // namespace

ChannelRecorder::ChannelRecorder(std::string data_dir, Uuid session_id, ChannelStoreOptions options)
    : data_dir_(std::move(data_dir)),
      session_id_(session_id),
      session_text_(session_id.to_string()),
      options_(std::move(options)),
      files_(options_.files != nullptr ? *options_.files : posix_file_system()) {}

std::span<const std::int64_t> ChannelRecorder::Numbers::times(
    std::size_t begin, std::size_t count, std::vector<std::int64_t>& scratch) const {
  if (!timestamps.empty()) return timestamps.subspan(begin, count);
  scratch.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    scratch[i] = t0 + static_cast<std::int64_t>(static_cast<double>(begin + i) * interval + 0.5);
  }
  return scratch;
}

std::optional<ChannelReference> ChannelRecorder::write_numbers(std::string_view channel_id,
                                                               const Numbers& numbers,
                                                               const SampleInfo& info) {
  const bool directly = numbers.values.size() > kMostJournalRows;
  thread_local std::vector<std::int64_t> scratch;
  const std::span<const std::int64_t> times =
      directly ? std::span<const std::int64_t>() : numbers.times(0, numbers.values.size(), scratch);
  std::string problem;
  std::optional<ChannelReference> result;
  {
    Lock lock(mutex_);
    try {
      while (!result) {
        Recording& recording = recording_for(lock, channel_id, numbers.data_type,
                                             channel_schema(numbers.data_type), info, directly);
        const bool same = recording.current_texts < recording.texts.size() &&
                          are_texts_of(recording.texts[recording.current_texts], info);
        const auto texts = same ? static_cast<std::uint8_t>(recording.current_texts)
                                : texts_number(recording, texts_of(info));
        const auto count = static_cast<std::int64_t>(numbers.values.size());
        std::int64_t first_row = recording.next_seq;
        if (directly) {
          first_row = write_directly(lock, recording, [&](std::int64_t seq, std::int64_t& done) {
            append_block(recording, numbers, seq, texts, done);
          });
        } else {
          if (recording.lost > 0) {
            const std::int64_t since = microseconds(recording.lost_since);
            const double nothing = NAN;
            const auto gap = texts_number(recording, kGapTexts);
            recording.current_texts = texts;
            if (!try_put(recording, {recording.number,
                                     gap,
                                     true,
                                     recording.next_seq,
                                     {&since, 1},
                                     {&nothing, 1}})) {
              next_journal(lock);
              continue;
            }
            ++recording.next_seq;
            recording.lost = 0;
            recording.ends_in_gap = true;
            first_row = recording.next_seq;
          }
          if (!try_put(recording, {recording.number, texts, false, recording.next_seq, times,
                                   numbers.values})) {
            next_journal(lock);
            continue;
          }
          recording.next_seq += count;
          recording.ends_in_gap = false;
          wake();
          plan_sync();
        }
        count_rows(recording, count, last_time(numbers));
        failing_ = false;
        result = reference(recording, first_row);
      }
    } catch (const Error& error) {
      if (error.code() == Code::kInvalidArgument) throw;
      problem = lose(channel_id, static_cast<std::int64_t>(numbers.values.size()), error.what());
    }
  }
  report(problem);
  return result;
}

std::optional<ChannelReference> ChannelRecorder::write_row(std::string_view channel_id,
                                                           const MakeColumns& make_columns,
                                                           Timestamp timestamp,
                                                           const SampleInfo& info) {
  std::string problem;
  std::optional<ChannelReference> result;
  {
    Lock lock(mutex_);
    const auto known = by_id_.find(channel_id);
    const SampleColumns columns =
        make_columns(known == by_id_.end() ? nullptr : known->second->schema);
    try {
      Recording& recording =
          recording_for(lock, channel_id, columns.data_type, columns.schema, info, true);
      const std::uint8_t texts = texts_number(recording, texts_of(info));
      const std::int64_t time = microseconds(timestamp);
      const std::int64_t row =
          write_directly(lock, recording, [&](std::int64_t seq, std::int64_t& done) {
            recording.segment->append(
                {seq, 1, view(&time, sizeof(time)), columns.values, {&texts, 1}}, recording.texts);
            ++done;
          });
      count_rows(recording, 1, timestamp);
      failing_ = false;
      result = reference(recording, row);
    } catch (const Error& error) {
      if (error.code() == Code::kInvalidArgument) throw;
      problem = lose(channel_id, 1, error.what());
    }
  }
  report(problem);
  return result;
}

// The recording of the channel with a segment for such rows, which nobody writes to at the moment;
// with everything in the segment that was written before, if it is to be written to directly.
Recording& ChannelRecorder::recording_for(Lock& lock, std::string_view channel_id,
                                          std::string_view data_type,
                                          const std::shared_ptr<arrow::Schema>& schema,
                                          const SampleInfo& info, bool directly) {
  const auto known = by_id_.find(channel_id);
  if (known == by_id_.end()) return add_recording(channel_id, data_type, schema, info);
  Recording& recording = *known->second;
  while (true) {
    if (recording.is_busy) changed_->wait(lock, [&] { return !recording.is_busy; });
    const bool fits = recording.segment && recording.data_type == data_type &&
                      (recording.schema == schema || recording.schema->Equals(*schema)) &&
                      recording.texts.size() + 2 < ChannelBatchMaker::kMostTexts;
    const bool is_split = recording.appended_seq == recording.next_seq;
    if (fits && (is_split || !directly)) return recording;
    if (!is_split) {
      lock.unlock();
      const bool done = split();
      lock.lock();
      if (!done) throw Error(Code::kIo, "earlier samples of the channel could not be written yet");
      continue;
    }
    finish_segment(recording);
    recording.data_type = data_type;
    recording.schema = schema;
    recording.texts.clear();
    recording.known_texts.clear();
    recording.texts_in_journal = 0;
    open_segment(recording);
  }
}

Recording& ChannelRecorder::add_recording(std::string_view channel_id, std::string_view data_type,
                                          const std::shared_ptr<arrow::Schema>& schema,
                                          const SampleInfo& info) {
  check_channel_id(channel_id);
  Recording& recording = recordings_.emplace_back();
  try {
    recording.number = static_cast<std::uint32_t>(recordings_.size() - 1);
    ChannelDescriptor& channel = recording.channel;
    channel.channel_id = channel_id;
    channel.data_type = data_type;
    channel.instrument_role = info.instrument_role;
    channel.resource = info.resource;
    if (info.units) channel.units = std::string(*info.units);
    recording.data_type = data_type;
    recording.schema = schema;
    claim(recording);
    if (journals_.empty()) create_journal();
  } catch (...) {
    if (recording.segment) files_.remove(recording.segment->path());
    recordings_.pop_back();
    throw;
  }
  if (const auto lost = unclaimed_.find(channel_id); lost != unclaimed_.end()) {
    recording.lost = lost->second.count;
    recording.lost_since = lost->second.since;
    unclaimed_.erase(lost);
  }
  by_id_.emplace(channel_id, &recording);
  wake();
  return recording;
}

// Whoever writes the channel first in the session has the plain name; rows are counted per name, so
// a name that was used once in the session, in whatever date folder, is never used again.
void ChannelRecorder::claim(Recording& recording) {
  if (folder_.empty()) {
    const std::string folder = channel_date_folder(data_dir_, now());
    files_.create_folders(folder);
    for (const DirectoryEntry& date : files_.list(channels_folder(data_dir_))) {
      const std::string other = join_path(channels_folder(data_dir_), date.name);
      if (date.is_directory && !date.name.starts_with('_') && other != folder) {
        other_folders_.push_back(other);
      }
    }
    folder_ = folder;
  }
  recording.name = {recording.channel.channel_id, session_text_.substr(0, 8), "", 0};
  const std::string pid = std::to_string(this_process().pid);
  for (int attempt = 0; !recording.segment; ++attempt) {
    recording.name.writer = attempt == 0   ? ""
                            : attempt == 1 ? pid
                                           : fmt::format("{}.{}", pid, attempt);
    const std::string name = recording.name.to_string();
    const bool is_taken = files_.exists(join_path(folder_, name)) ||
                          std::ranges::any_of(other_folders_, [&](const std::string& folder) {
                            return files_.exists(join_path(folder, name));
                          });
    if (is_taken) continue;
    try {
      open_segment(recording);
    } catch (const Error& error) {
      if (error.code() != Code::kConflict) throw;
    }
  }
  recording.channel.sessions = recording.name.writer.empty() ? 1 : 0;
}

void ChannelRecorder::open_segment(Recording& recording) {
  const ProcessIdentity process = this_process();
  ChannelSegmentHeader header;
  header.writer_id = writer_id_;
  header.session_id = session_id_;
  header.pid = process.pid;
  header.host = process.host;
  header.process_started_at = process.started_at;
  header.channel_id = recording.channel.channel_id;
  header.data_type = recording.data_type;
  header.instrument_role = recording.channel.instrument_role;
  header.resource = recording.channel.resource;
  header.units = recording.channel.units;
  header.writer = recording.name.writer;
  header.segment = recording.name.segment;
  header.first_seq = recording.appended_seq;
  files_.create_folders(folder_);
  recording.segment = std::make_unique<ChannelSegmentWriter>(
      files_, join_path(folder_, recording.name.to_string()), header, recording.schema,
      recordings_.size() <= kMostOpenFiles);
  ++recording.name.segment;
}

void ChannelRecorder::finish_segment(Recording& recording) {
  if (!recording.segment) return;
  try {
    recording.segment->finish();
    finished_.push_back(recording.segment->path());
  } catch (const Error&) {
    // The samples are there; the segment only reads as unclosed.
  }
  unsynced_direct_.insert(recording.segment->path());
  recording.segment = nullptr;
}

void ChannelRecorder::rotate_if_full(Recording& recording) {
  if (recording.segment->size() < kSegmentSize) return;
  auto full = std::move(recording.segment);
  try {
    open_segment(recording);
  } catch (const Error&) {
    recording.segment = std::move(full);  // it grows until there is space for the next one
    return;
  }
  std::swap(full, recording.segment);
  finish_segment(recording);
  recording.segment = std::move(full);
}

std::uint8_t ChannelRecorder::texts_number(Recording& recording, const RowTexts& texts) {
  const auto at = std::ranges::find(recording.texts, texts);
  recording.current_texts = static_cast<std::size_t>(at - recording.texts.begin());
  if (at == recording.texts.end()) recording.texts.push_back(texts);
  return static_cast<std::uint8_t>(recording.current_texts);
}

void ChannelRecorder::count_rows(Recording& recording, std::int64_t count, Timestamp last) {
  ChannelDescriptor& channel = recording.channel;
  if (channel.first_seen == Timestamp{}) channel.first_seen = last;
  channel.last_seen = std::max(channel.last_seen, last);
  channel.row_count += count;
}

ChannelReference ChannelRecorder::reference(const Recording& recording, std::int64_t row) const {
  return {recording.channel.channel_id, session_text_, row, recording.name.writer};
}

// Without the lock, so that other channels go on. Returns the number of the first row.
std::int64_t ChannelRecorder::write_directly(Lock& lock, Recording& recording,
                                             const Append& append) {
  const bool has_gap = recording.lost > 0;
  const std::int64_t first = recording.next_seq;
  const std::uint8_t gap = has_gap ? texts_number(recording, kGapTexts) : 0;
  const std::int64_t since = microseconds(recording.lost_since);
  recording.is_busy = true;
  lock.unlock();
  std::int64_t done = 0;
  std::int64_t gaps = 0;
  std::exception_ptr failure;
  try {
    if (has_gap) {
      recording.segment->append(
          {first, 1, view(&since, sizeof(since)), missing_values(*recording.schema, 1), {&gap, 1}},
          recording.texts);
      gaps = 1;
    }
    append(first + gaps, done);
  } catch (...) {
    failure = std::current_exception();
  }
  lock.lock();
  if (gaps > 0) recording.lost = 0;
  if (gaps > 0 || done > 0) recording.ends_in_gap = done == 0;
  recording.next_seq = first + gaps + done;
  recording.appended_seq = recording.next_seq;
  unsynced_direct_.insert(recording.segment->path());
  rotate_if_full(recording);
  recording.is_busy = false;
  changed_->notify_all();
  plan_sync();
  if (failure) std::rethrow_exception(failure);
  return first + gaps;
}

void ChannelRecorder::append_block(Recording& recording, const Numbers& numbers,
                                   std::int64_t first_seq, std::uint8_t texts, std::int64_t& done) {
  const auto count = static_cast<std::int64_t>(numbers.values.size());
  std::vector<std::int64_t> scratch;
  while (done < count) {
    const auto begin = static_cast<std::size_t>(done);
    const auto rows = static_cast<std::size_t>(std::min(kRowsPerBatch, count - done));
    const auto times = numbers.times(begin, rows, scratch);
    recording.segment->append(
        {first_seq + done,
         static_cast<std::int64_t>(rows),
         view(times.data(), rows * 8),
         {number_column(numbers.data_type, numbers.values.subspan(begin, rows), nullptr)},
         {&texts, 1}},
        recording.texts);
    done += static_cast<std::int64_t>(rows);
  }
}

// False: the journal is full.
bool ChannelRecorder::try_put(Recording& recording, const JournalRows& rows) {
  if (journals_.empty()) return false;
  Journal& journal = *journals_.back();
  if (recording.journal != journal.number) {
    if (!journal.writer.append(
            JournalChannel{recording.number, file_name(folder_), recording.name.stem()})) {
      return false;
    }
    recording.journal = journal.number;
    recording.texts_in_journal = 0;
  }
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
  const ProcessIdentity process = this_process();
  const std::string path =
      join_path(folder, fmt::format("{}_{:06}.journal", writer_id_.to_string(), number));
  return std::make_shared<Journal>(Journal{
      number,
      JournalWriter(files_, path,
                    {writer_id_, session_id_, process.pid, process.host, process.started_at})});
}

// Once the first one was not enough. Journals are read in the order of their numbers, so a spare
// one that was overtaken is of no use.
void ChannelRecorder::prepare_journal() {
  std::uint64_t number = 0;
  {
    const Lock lock(mutex_);
    if (spare_ || journals_.empty() || journals_.back()->number == 1 ||
        journals_.size() + 1 >= kMostJournals) {
      return;
    }
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
    if (!journal.writer.append(
            JournalChannel{recording.number, file_name(folder_), recording.name.stem()})) {
      break;
    }
    recording.journal = journal.number;
    recording.texts_in_journal = 0;
  }
  if (journals_.size() > 1) {
    is_urgent_ = true;
    wake_->notify_all();
  }
}

bool ChannelRecorder::split() {
  Pass pass;
  bool is_new_problem = false;
  {
    const std::lock_guard one_at_a_time(split_mutex_);
    std::vector<std::pair<std::shared_ptr<Journal>, std::size_t>> ends;
    {
      const Lock lock(mutex_);
      for (const auto& journal : journals_) ends.emplace_back(journal, journal->writer.written());
      for (Recording& recording : recordings_) pass.recordings.push_back(&recording);
    }
    for (const auto& [journal, end] : ends) gather(*journal, end, pass);
    for (Recording* recording : pass.touched) append_gathered(*recording, pass);
    const Lock lock(mutex_);
    if (pass.problem.empty()) {
      for (const auto& [journal, end] : ends) journal->split = end;
      retire_journals();
    }
    is_new_problem = !pass.problem.empty() && !split_fails_;
    split_fails_ = !pass.problem.empty();
  }
  if (is_new_problem) report("samples wait for being written: " + pass.problem);
  return pass.problem.empty();
}

void ChannelRecorder::gather(const Journal& journal, std::size_t end, Pass& pass) {
  JournalScan scan(journal.writer.bytes().first(end), JournalScan::Trust::kWritten, journal.split);
  while (const auto record = scan.next()) {
    const auto* found = std::get_if<JournalRows>(&*record);
    if (found == nullptr) continue;
    Recording& recording = *pass.recordings[found->channel];
    Recording::Rows& rows = recording.rows;
    const auto waiting = static_cast<std::int64_t>(rows.timestamps.size());
    const std::int64_t expected = recording.appended_seq + waiting;
    const std::int64_t known = expected - found->first_seq;
    const auto count = static_cast<std::int64_t>(found->values.size());
    if (known < 0 || known >= count) continue;  // written already, or behind a failure
    if (waiting == 0) {
      rows.first_seq = expected;
      pass.touched.push_back(&recording);
    }
    const auto skipped = static_cast<std::size_t>(known);
    const auto times = found->timestamps.subspan(skipped);
    const auto values = found->values.subspan(skipped);
    rows.timestamps.insert(rows.timestamps.end(), times.begin(), times.end());
    rows.values.insert(rows.values.end(), values.begin(), values.end());
    rows.texts.insert(rows.texts.end(), values.size(), found->texts);
    rows.missing.insert(rows.missing.end(), values.size(), found->are_missing ? 1 : 0);
    rows.has_missing = rows.has_missing || found->are_missing;
    if (std::cmp_greater_equal(rows.timestamps.size(), kRowsPerBatch)) {
      append_gathered(recording, pass);
    }
  }
}

void ChannelRecorder::append_gathered(Recording& recording, Pass& pass) {
  Recording::Rows& rows = recording.rows;
  if (rows.timestamps.empty()) return;
  {
    const Lock lock(mutex_);
    for (std::size_t i = recording.known_texts.size(); i < recording.texts.size(); ++i) {
      recording.known_texts.push_back(recording.texts[i]);
    }
  }
  const auto count = static_cast<std::int64_t>(rows.timestamps.size());
  const bool uniform =
      std::ranges::all_of(rows.texts, [&](auto text) { return text == rows.texts[0]; });
  try {
    recording.segment->append({rows.first_seq,
                               count,
                               view(rows.timestamps.data(), rows.timestamps.size() * 8),
                               {number_column(recording.data_type, rows.values,
                                              rows.has_missing ? &rows.missing : nullptr)},
                               std::span(rows.texts).first(uniform ? 1 : rows.texts.size())},
                              recording.known_texts);
    const Lock lock(mutex_);
    recording.appended_seq = rows.first_seq + count;
    unsynced_.insert(recording.segment->path());
    rotate_if_full(recording);
    changed_->notify_all();
  } catch (const Error& error) {
    pass.problem = error.what();
  }
  rows.timestamps.clear();
  rows.values.clear();
  rows.texts.clear();
  rows.missing.clear();
  rows.has_missing = false;
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

void ChannelRecorder::announce(bool everything) {
  std::vector<ChannelDescriptor> updates;
  {
    const Lock lock(mutex_);
    for (Recording& recording : recordings_) {
      ChannelDescriptor& channel = recording.channel;
      if (channel.row_count == 0 || (recording.is_announced && !everything)) continue;
      updates.push_back(channel);
      recording.is_announced = true;
      channel.row_count = 0;
      channel.sessions = 0;
    }
  }
  if (updates.empty()) return;
  try {
    merge_into_channel_registry(files_, data_dir_, updates);
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

std::string ChannelRecorder::lose(std::string_view channel_id, std::int64_t count,
                                  const char* why) {
  lost_ += count;
  if (const auto known = by_id_.find(channel_id); known != by_id_.end()) {
    Recording& recording = *known->second;
    if (recording.lost == 0) recording.lost_since = now();
    if (!recording.ends_in_gap) recording.lost += count;
  } else {
    Lost& lost = unclaimed_[std::string(channel_id)];
    if (lost.count == 0) lost.since = now();
    lost.count += count;
  }
  if (std::exchange(failing_, true)) return "";
  return fmt::format("samples of channel {} could not be written: {}", channel_id, why);
}

// Recursive: whoever is told may use the store.
void ChannelRecorder::report(const std::string& problem) {
  if (problem.empty()) return;
  const std::lock_guard lock(report_mutex_);
  if (options_.on_problem) options_.on_problem(problem);
}

void ChannelRecorder::stop_reporting() {
  const std::lock_guard lock(report_mutex_);
  options_.on_problem = nullptr;
}

std::int64_t ChannelRecorder::lost() const {
  const Lock lock(mutex_);
  return lost_;
}

void ChannelRecorder::lock_for_fork() {
  split_mutex_.lock();
  mutex_.lock();
}

void ChannelRecorder::unlock_after_fork() {
  mutex_.unlock();
  split_mutex_.unlock();
}

// In the child of a fork: journal, segments, numbers and the thread belong to the parent.
void ChannelRecorder::become_own_writer() {
  journals_.clear();
  spare_ = nullptr;
  by_id_.clear();
  recordings_.clear();
  unclaimed_.clear();
  unsynced_.clear();
  unsynced_direct_.clear();
  finished_.clear();
  folder_.clear();
  other_folders_.clear();
  writer_id_ = Uuid::random();
  next_journal_ = 1;
  retiring_ = 0;
  lost_ = lost_reported_ = 0;
  failing_ = is_running_ = has_work_ = is_urgent_ = stop_ = sync_planned_ = false;
  // The parent's threads wait on the old ones, which therefore can neither be used nor destroyed.
  static_cast<void>(wake_.release());
  static_cast<void>(changed_.release());
  wake_ = std::make_unique<std::condition_variable>();
  changed_ = std::make_unique<std::condition_variable>();
}

}  // namespace litmus
