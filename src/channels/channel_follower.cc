// SPDX-License-Identifier: Apache-2.0
#include "channels/channel_follower.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <poll.h>

#include <algorithm>
#include <utility>

#include "litmus/error.h"

namespace litmus {
namespace {

// Where the system does not tell of changes, they are looked for so often.
constexpr std::chrono::milliseconds kLookAgain{200};
// The clock of files may be so much behind that of the processes, and some more.
constexpr std::chrono::seconds kFileTimesLag{1};
constexpr std::int64_t kRowsAtOnce = 65536;

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

std::string recording_of(const std::string& path) {
  const auto name = ChannelFileName::parse(file_name(path));
  return join_path(file_name(parent_folder(path)), name ? name->stem() : file_name(path));
}

bool is_date_folder(const DirectoryEntry& entry) {
  return entry.is_directory && !entry.name.starts_with('_');
}

}  // namespace

ChannelFollower::ChannelFollower(FileSystem& files, std::string data_dir,
                                 ChannelSelection selection, std::optional<ChannelCursor> after)
    : files_(files), data_dir_(std::move(data_dir)), selection_(std::move(selection)) {
  const std::string folder = channels_folder(data_dir_);
  files_.create_folders(folder);
  watcher_.add(folder);
  if (after) {
    start_ = *std::move(after);
  } else {
    start_.from = now() - kFileTimesLag;
  }
  for (const DirectoryEntry& date : files_.list(folder)) {
    if (!is_date_folder(date)) continue;
    watcher_.add(join_path(folder, date.name));
    look_through(join_path(folder, date.name));
  }
  if (!after) begin_at_the_ends();
}

bool ChannelFollower::read(const OnRows& on_rows, std::chrono::milliseconds patience) {
  take_changes(false);
  if (read_waiting(on_rows)) return true;
  struct pollfd ready{watcher_.descriptor(), POLLIN, 0};
  const auto wait = watcher_.polls() ? std::min(patience, kLookAgain) : patience;
  ::poll(&ready, 1, static_cast<int>(wait.count()));
  take_changes(watcher_.polls());
  return read_waiting(on_rows);
}

void ChannelFollower::take_changes(bool poll_now) {
  const std::string root = channels_folder(data_dir_);
  for (const FolderChange& change : watcher_.read(poll_now)) {
    const std::string path = join_path(change.folder, change.name);
    if (change.kind == FolderChange::Kind::kGone) {
      segments_.erase(path);
    } else if (change.kind == FolderChange::Kind::kLookAgain) {
      if (change.folder != root) {
        look_through(change.folder);
        continue;
      }
      for (const DirectoryEntry& date : files_.list(root)) {
        if (!is_date_folder(date)) continue;
        watcher_.add(join_path(root, date.name));
        look_through(join_path(root, date.name));
      }
    } else if (change.folder == root) {
      if (!is_date_folder({change.name, change.is_directory})) continue;
      watcher_.add(path);
      look_through(path);  // what was made before it was watched
    } else {
      look_at(path);
    }
  }
}

void ChannelFollower::look_through(const std::string& folder) {
  for (const DirectoryEntry& entry : files_.list(folder)) look_at(join_path(folder, entry.name));
}

void ChannelFollower::look_at(const std::string& path) {
  if (!path.ends_with(".arrow")) return;
  Followed& segment = segments_[path];
  if (!segment.is_wanted || segment.is_waiting) return;
  segment.is_waiting = true;
  waiting_.push_back(path);
}

// What is there is known; each recording that may go on is listed.
void ChannelFollower::begin_at_the_ends() {
  while (!waiting_.empty()) {
    const std::string path = std::move(waiting_.front());
    waiting_.pop_front();
    read_segment(path, [this](const FollowedRows& found) {
      const auto& rows = *found.rows;
      const auto* seqs = rows.column(rows.num_columns() - 2)->data()->GetValues<std::int64_t>(1);
      std::int64_t& last = start_.recordings.try_emplace(found.recording, -1).first->second;
      last = std::max(last, seqs[rows.num_rows() - 1]);
    });
  }
}

bool ChannelFollower::read_waiting(const OnRows& on_rows) {
  std::int64_t rows = 0;
  while (!waiting_.empty() && rows < kRowsAtOnce) {
    const std::string path = std::move(waiting_.front());
    waiting_.pop_front();
    rows += read_segment(path, on_rows);
  }
  return rows > 0;
}

std::int64_t ChannelFollower::read_segment(const std::string& path, const OnRows& on_rows) {
  const auto found = segments_.find(path);
  if (found == segments_.end()) return 0;  // removed meanwhile
  Followed& segment = found->second;
  segment.is_waiting = false;
  std::int64_t count = 0;
  try {
    if (!segment.tail && !open(path, segment)) return 0;
    const ChannelSegmentReport& report =
        segment.tail->read(files_, path, [&](const std::shared_ptr<arrow::RecordBatch>& rows) {
          count += rows->num_rows();
          on_rows({*segment.header, segment.recording, rows});
        });
    if (report.header && report.header->sealed) {  // nothing comes any more
      segment.is_wanted = false;
      segment.tail.reset();
    }
  } catch (const Error& error) {
    if (error.code() != Code::kNotFound) throw;
  }
  return count;
}

// False: there is nothing to follow, or not yet.
bool ChannelFollower::open(const std::string& path, Followed& segment) {
  const auto status = files_.status(path);
  auto head = read_channel_head(files_, path);
  if (!status || !head) return false;  // not there yet, or damaged: told by queries
  segment.header = std::move(head->header);
  segment.recording = recording_of(path);
  std::optional<std::int64_t> last_seq;
  const auto listed = start_.recordings.find(segment.recording);
  if (listed != start_.recordings.end()) last_seq = listed->second;
  const auto& sealed = segment.header->sealed;
  const bool is_known = last_seq ? sealed && sealed->last_seq <= *last_seq
                                 : sealed && start_.from && status->modified_at < *start_.from;
  segment.is_wanted = matches(selection_, *segment.header) && !is_known;
  if (segment.is_wanted) segment.tail.emplace(last_seq);
  return segment.is_wanted;
}

}  // namespace litmus
