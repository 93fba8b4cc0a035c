// SPDX-License-Identifier: Apache-2.0
#include "channels/channel_follower.h"

#include <arrow/record_batch.h>
#include <poll.h>

#include <utility>

#include "litmus/error.h"

namespace litmus {
namespace {

// Where the system does not tell of changes, they are looked for so often.
constexpr std::chrono::milliseconds kLookAgain{200};

bool matches(const ChannelSelection& selection, const ChannelSegmentHeader& header) {
  const auto& [channel_id, role, session_id] = selection;
  const std::string& id = header.channel_id;
  if (channel_id.ends_with('*')) {
    if (!id.starts_with(std::string_view(channel_id).substr(0, channel_id.size() - 1)))
      return false;
  } else if (!channel_id.empty() && id != channel_id) {
    return false;
  }
  if (!session_id.empty() && !header.session_id.to_string().starts_with(session_id)) return false;
  return role.empty() || header.instrument_role == role || id.substr(0, id.find('.')) == role;
}

}  // namespace

ChannelFollower::ChannelFollower(FileSystem& files, std::string data_dir,
                                 ChannelSelection selection, bool with_stored)
    : files_(files),
      data_dir_(std::move(data_dir)),
      selection_(std::move(selection)),
      with_stored_(with_stored) {
  const std::string folder = channels_folder(data_dir_);
  files_.create_folders(folder);
  watcher_.add(folder);
  for (const DirectoryEntry& date : files_.list(folder)) {
    if (!date.is_directory || date.name.starts_with('_')) continue;
    const std::string date_folder = join_path(folder, date.name);
    watcher_.add(date_folder);
    if (!with_stored_) look_through(date_folder, nullptr);
  }
}

bool ChannelFollower::read(const OnRows& on_rows, std::chrono::milliseconds patience) {
  if (std::exchange(is_first_, false) && with_stored_) {
    const std::string folder = channels_folder(data_dir_);
    for (const DirectoryEntry& date : files_.list(folder)) {
      if (date.is_directory && !date.name.starts_with('_')) {
        look_through(join_path(folder, date.name), &on_rows);
      }
    }
  }
  if (take_changes(on_rows, false)) return true;
  struct pollfd ready{watcher_.descriptor(), POLLIN, 0};
  const auto wait = watcher_.polls() ? std::min(patience, kLookAgain) : patience;
  ::poll(&ready, 1, static_cast<int>(wait.count()));
  return take_changes(on_rows, watcher_.polls());
}

bool ChannelFollower::take_changes(const OnRows& on_rows, bool poll_now) {
  bool found = false;
  const std::string root = channels_folder(data_dir_);
  for (const FolderChange& change : watcher_.read(poll_now)) {
    const std::string path = join_path(change.folder, change.name);
    if (change.kind == FolderChange::Kind::kGone) {
      segments_.erase(path);
    } else if (change.kind == FolderChange::Kind::kLookAgain) {
      if (change.folder != root) {
        look_through(change.folder, &on_rows);
        found = true;
        continue;
      }
      for (const DirectoryEntry& date : files_.list(root)) {
        if (!date.is_directory || date.name.starts_with('_')) continue;
        watcher_.add(join_path(root, date.name));
        look_through(join_path(root, date.name), &on_rows);
      }
    } else if (change.folder == root) {
      if (!change.is_directory || change.name.starts_with('_')) continue;
      watcher_.add(path);
      look_through(path, &on_rows);  // what was made before it was watched
    } else if (change.name.ends_with(".arrow")) {
      found = look_at(path, &on_rows) || found;
    }
  }
  return found;
}

void ChannelFollower::look_through(const std::string& folder, const OnRows* on_rows) {
  for (const DirectoryEntry& entry : files_.list(folder)) {
    if (entry.name.ends_with(".arrow")) look_at(join_path(folder, entry.name), on_rows);
  }
}

// Without `on_rows` only where the segment ends at the moment.
bool ChannelFollower::look_at(const std::string& path, const OnRows* on_rows) {
  Followed& segment = segments_[path];
  if (!segment.is_wanted) return false;
  bool found = false;
  try {
    if (!segment.header) {
      auto head = read_channel_head(files_, path);
      if (!head) return false;  // not there yet, or damaged: told by queries
      segment.header = std::move(head->header);
      segment.is_wanted =
          matches(selection_, *segment.header) && (on_rows != nullptr || !segment.header->sealed);
      if (!segment.is_wanted) return false;
    }
    const ChannelSegmentReport& report =
        segment.tail.read(files_, path, [&](const std::shared_ptr<arrow::RecordBatch>& rows) {
          found = true;
          if (on_rows != nullptr) (*on_rows)(*segment.header, rows);
        });
    // Nothing comes any more.
    if (report.header && report.header->sealed) segment.is_wanted = false;
  } catch (const Error& error) {
    if (error.code() != Code::kNotFound) throw;
  }
  return found;
}

}  // namespace litmus
