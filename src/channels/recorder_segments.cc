// SPDX-License-Identifier: Apache-2.0
// Whose segments a recording has, and which one it is written to.
#include "channels/channel_recorder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/process.h"
#include "litmus/error.h"

namespace litmus {
namespace {

constexpr std::uint64_t kSegmentSize = 64 * 1024 * 1024;
constexpr std::size_t kMostOpenFiles = 200;  // of the 1,024 that a process may usually have

}  // namespace

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
    if (journals_.empty() || !name_in(*journals_.back(), recording)) create_journal();
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
  ChannelSegmentHeader header;
  header.writer_id = writer_id_;
  header.session_id = session_id_;
  set_writer(header, this_process());
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
  recording.first_rows.reset();
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

// Called when rows come, so that a channel that falls silent has no empty segment.
void ChannelRecorder::rotate_if_due(Recording& recording) {
  const auto now = std::chrono::steady_clock::now();
  const bool is_old = recording.first_rows && now - *recording.first_rows >= options_.segment_life;
  if (recording.segment->size() < kSegmentSize && !is_old) {
    if (!recording.first_rows) recording.first_rows = now;
    return;
  }
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
  recording.first_rows = now;
}

}  // namespace litmus
