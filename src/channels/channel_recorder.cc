// SPDX-License-Identifier: Apache-2.0
// What a write does.
#include "channels/channel_recorder.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "litmus/error.h"

namespace litmus {
namespace {

constexpr std::size_t kMostJournalRows = 4096;  // a block with more goes to its segment directly

Timestamp to_time(std::int64_t microseconds) {
  return Timestamp(std::chrono::microseconds(microseconds));
}
std::int64_t microseconds(Timestamp time) { return time.time_since_epoch().count(); }

RowTexts texts_of(const SampleInfo& info) {
  static constexpr std::array<std::string_view, 3> kDirections{"read", "set", "observe"};
  if (std::ranges::find(kDirections, info.direction) == kDirections.end()) {
    throw Error(Code::kInvalidArgument,
                fmt::format("direction: expected read, set or observe, found {}", info.direction));
  }
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
                {seq, 1, buffer_view(&time, sizeof(time)), columns.values, {&texts, 1}},
                recording.texts);
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
  rotate_if_due(recording);
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
      recording.segment->append({first,
                                 1,
                                 buffer_view(&since, sizeof(since)),
                                 missing_values(*recording.schema, 1),
                                 {&gap, 1}},
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
         buffer_view(times.data(), rows * 8),
         {number_column(numbers.data_type, numbers.values.subspan(begin, rows))},
         {&texts, 1}},
        recording.texts);
    done += static_cast<std::int64_t>(rows);
  }
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
