// SPDX-License-Identifier: Apache-2.0
#include "cli/event_follower.h"

#include "litmus/error.h"

namespace litmus {
namespace {

constexpr std::size_t kRecentFolders = 2;
constexpr auto kOldFoldersPace = std::chrono::seconds(2);

}  // namespace

EventFollower::EventFollower(FileSystem& files, const std::string& data_dir)
    : files_(files), store_(join_path(data_dir, "events")) {
  const auto dates = files_.list(store_);
  for (std::size_t i = 0; i + kRecentFolders < dates.size(); ++i) {
    const std::string folder = join_path(store_, dates[i].name);
    for (const DirectoryEntry& entry : files_.list(folder)) {
      const std::string path = join_path(folder, entry.name);
      const auto status = files_.status(path);
      if (status) seen_[path] = {status->size, true, std::nullopt};
    }
  }
}

void EventFollower::poll(const std::function<void(const EventRow&)>& on_row) {
  const auto dates = files_.list(store_);
  const bool all = Clock::now() >= next_old_folders_;
  if (all) next_old_folders_ = Clock::now() + kOldFoldersPace;
  for (std::size_t i = 0; i < dates.size(); ++i) {
    if (all || i + kRecentFolders >= dates.size()) {
      look_at_folder(join_path(store_, dates[i].name), on_row);
    }
  }
}

void EventFollower::look_at_folder(const std::string& folder,
                                   const std::function<void(const EventRow&)>& on_row) {
  for (const DirectoryEntry& entry : files_.list(folder)) {
    if (entry.is_directory || !entry.name.ends_with(".arrow")) continue;
    const std::string path = join_path(folder, entry.name);
    const auto status = files_.status(path);
    if (!status) continue;  // removed a moment ago
    File& file = seen_[path];
    if ((file.size == status->size && (file.old || file.report)) ||
        (file.report && file.report->closed))
      continue;
    file.size = status->size;
    try {
      read_new(path, file, on_row);
    } catch (const Error& error) {
      if (error.code() != Code::kNotFound) throw;  // removed a moment ago
      seen_.erase(path);
    }
  }
}

void EventFollower::read_new(const std::string& path, File& file,
                             const std::function<void(const EventRow&)>& on_row) {
  const auto content = files_.read(path);
  const Bytes bytes = content->bytes();
  if (file.report && bytes.size() >= file.report->good_end) {
    EventFileReport next =
        follow_event_file(bytes.subspan(file.report->good_end), *file.report, on_row);
    if (next.damages.empty()) {
      file.report = std::move(next);
      return;
    }
  }
  // Not read yet, or not the same bytes any more: the writer closed and compressed the file.
  const std::optional<std::int64_t> last_seq = file.report ? file.report->last_seq : std::nullopt;
  file.report = scan_event_file(bytes, [&](const EventRow& row) {
    const bool is_new = last_seq ? row.seq > *last_seq : !file.old || row.received_at >= begin_;
    if (is_new) on_row(row);
  });
}

}  // namespace litmus
