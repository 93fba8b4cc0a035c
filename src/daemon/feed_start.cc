// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/feed_impl.h"
#include "litmus/error.h"

namespace litmus {
namespace {

// Two changes so close together may leave a folder with the same time.
constexpr auto kCoarsestFolderTime = std::chrono::seconds(2);
constexpr auto kStale = std::chrono::hours(1);
// More than this waits for the index: reading on would only fill the memory.
constexpr std::size_t kMostWaitingBytes = std::size_t{16} << 20U;
constexpr std::size_t kFilesPerJob = 64;

}  // namespace

KnownFiles::Files Feed::Impl::look_up_runs(const std::string& folder) const {
  KnownFiles::Files known;
  for (const IndexedFile& file : index_.files_in(folder)) {
    known[file_name(file.path)] = {file.size, file.modified_us};
  }
  for (const BrokenFile& broken : index_.broken_files()) {
    if (parent_folder(broken.file.path) != folder) continue;
    known[file_name(broken.file.path)] = {broken.file.size, broken.file.modified_us};
  }
  return known;
}

KnownFiles::Files Feed::Impl::look_up_events(const std::string& folder) const {
  KnownFiles::Files known;
  for (const IndexedEventFile& file : index_.event_files_in(folder)) {
    known[file_name(file.path)] = {file.size, 0, file.last_seq, file.finished};
  }
  return known;
}

// Only folders that changed, and files that were not finished, are looked at: the rest is in the
// index.
void Feed::Impl::start() {
  for (const BrokenFile& broken : index_.broken_files()) {
    const std::lock_guard lock(told_mutex_);
    broken_.insert(broken.file.path);
  }
  std::set<Uuid> unfinished;
  for (const IndexedEventFile& file : index_.unfinished_event_files()) {
    unfinished.insert(file.session_id);
  }
  for (const auto& [folder, time] : index_.folders()) folder_times_[folder] = time;

  folders_.add(data_dir_);
  for (const std::string& store : {runs_root_, events_root_}) {
    if (!files_.exists(store)) continue;
    folders_.add(store);
    auto dates = files_.list(store);
    std::ranges::reverse(dates);  // what is new is asked for first
    for (const DirectoryEntry& date : dates) {
      if (!date.is_directory) continue;
      try {
        compare_folder(join_path(store, date.name));
      } catch (const Error& error) {  // of this folder; there are others
        log_once(error.what());
      }
    }
  }
  for (const std::string& folder : index_.folders_with_files()) {
    if (!date_folders_.contains(folder)) forget_folder(folder);
  }
  std::set<Uuid> listed = unfinished;
  for (const std::string& path : std::exchange(new_at_start_, {})) {
    const auto id = session_of(path);
    if (!id) {
      log_once(path + ": not an event file, or its header is damaged");
    } else if (listed.insert(*id).second) {
      backlog_.push_back(*id);
    }
  }
  // Sessions go on over midnight, in other folders.
  for (const IndexedEventFile& file :
       index_.event_files_of(std::vector<Uuid>(listed.begin(), listed.end()))) {
    event_files_.find(file.path);
  }
  for (std::size_t at = 0; at < new_runs_at_start_.size(); at += kFilesPerJob) {
    const auto first = new_runs_at_start_.begin() + static_cast<std::ptrdiff_t>(at);
    const auto count = std::min(kFilesPerJob, new_runs_at_start_.size() - at);
    index_in_background({first, first + static_cast<std::ptrdiff_t>(count)});
  }
  new_runs_at_start_ = {};
  unfinished_.assign(unfinished.begin(), unfinished.end());
  backlog_size_ = static_cast<std::int64_t>(unfinished_.size() + backlog_.size());
  in_backlog_ = true;
}

void Feed::Impl::compare_folder(const std::string& folder) {
  folders_.add(folder);
  date_folders_.insert(folder);
  const auto status = files_.status(folder);
  const auto time = folder_times_.find(folder);
  if (status && time != folder_times_.end() &&
      time->second == status->modified_at.time_since_epoch().count()) {
    return;
  }
  const bool of_events = parent_folder(folder) == events_root_;
  const KnownFiles& known = of_events ? event_files_ : run_files_;
  std::set<std::string> missing;
  for (const auto& [name, file] : known.in_folder(folder)) missing.insert(name);
  auto entries = files_.list(folder);
  std::ranges::reverse(entries);
  for (const DirectoryEntry& entry : entries) {
    if (entry.is_directory) continue;
    const bool was_known = missing.erase(entry.name) > 0;
    const std::string path = join_path(folder, entry.name);
    if (entry.name.ends_with(".tmp")) {
      remove_if_stale(path);
    } else if (of_events && entry.name.ends_with(".arrow") && !was_known) {
      event_files_[path] = {};
      new_at_start_.push_back(path);
    } else if (!of_events && entry.name.ends_with(".parquet")) {
      if (take_notice_of_run_file(path)) new_runs_at_start_.push_back(path);
    }
  }
  for (const std::string& name : missing) {
    const std::string path = join_path(folder, name);
    if (of_events) {
      forget_event_file(path);
    } else {
      forget_run_file(path);
    }
  }
}

// Left by a process that died while it wrote. Nobody writes one file for so long.
void Feed::Impl::remove_if_stale(const std::string& path) {
  if (!options_.seal || !files_.is_writable(parent_folder(path))) return;
  const auto status = files_.status(path);
  if (!status || status->owner != this_user() || now() - status->modified_at < kStale) return;
  try {
    files_.remove(path);
  } catch (const Error& error) {
    log_once(error.what());
  }
}

// One session at a time, so that what happens meanwhile is seen at once. False if there is nothing
// to do now.
bool Feed::Impl::work_on_backlog() {
  if (!in_backlog_ || index_queue_.waiting_bytes() > kMostWaitingBytes) return false;
  if (!unfinished_.empty()) {
    const Uuid id = unfinished_.front();
    unfinished_.pop_front();
    load_backlog_session(id, SessionState::Depth::kRows);
    return true;
  }
  // Run files first: they tell which sessions are done with.
  if (run_backlog_ > 0) return false;
  if (!backlog_.empty()) {
    const Uuid id = backlog_.front();
    backlog_.pop_front();
    load_backlog_session(id, SessionState::Depth::kMarks);
    return true;
  }
  in_backlog_ = false;
  // Run files that were read meanwhile may be those of runs that were taken for unsealed.
  std::vector<Uuid> followed;
  for (auto& [id, session] : sessions_) {
    find_sealed(session);
    followed.push_back(id);
  }
  for (const Uuid& id : followed) settle(id);
  flush();
  index_queue_.commit([this] {
    caught_up_ = true;
    wake_.raise();
  });
  return true;
}

void Feed::Impl::load_backlog_session(const Uuid& id, SessionState::Depth depth) {
  --backlog_size_;
  if (sessions_.contains(id)) return;  // something happened in it: it was loaded at once
  const auto paths = event_files_.with_prefix(id.to_string() + "-");
  const bool finished = std::ranges::all_of(
      paths, [this](const std::string& path) { return event_files_.find(path)->finished; });
  if (!finished) load_session(id, paths, depth);
}

// Writes down how far folders are known, so that the next start can pass over them.
void Feed::Impl::note_folders() {
  if (!caught_up_ || index_queue_.incomplete()) return;
  std::vector<std::pair<std::string, std::int64_t>> changed;
  for (const std::string& folder : date_folders_) {
    const auto status = files_.status(folder);
    if (!status || now() - status->modified_at < kCoarsestFolderTime) continue;
    const std::int64_t time = status->modified_at.time_since_epoch().count();
    const auto known = folder_times_.find(folder);
    if (known == folder_times_.end() || known->second != time) changed.emplace_back(folder, time);
  }
  if (changed.empty()) return;
  // Everything that had been done in them by then has been told by now.
  take_changes(folders_.read());
  read_dirty_files();
  read_pending_run_files(true);
  flush();
  for (const auto& [folder, time] : changed) {
    folder_times_[folder] = time;
    index_queue_.put([folder, time](Index& index) { index.put_folder(folder, time); });
  }
}

}  // namespace litmus
