// SPDX-License-Identifier: Apache-2.0
#include "daemon/feed_impl.h"
#include "litmus/error.h"

namespace litmus {
namespace {

bool is_event_file(const std::string& name) { return name.ends_with(".arrow"); }
bool is_run_file(const std::string& name) { return name.ends_with(".parquet"); }

constexpr auto kSettlingTime = std::chrono::milliseconds(20);
// Two changes so close together may leave a folder with the same time.
constexpr auto kCoarsestFolderTime = std::chrono::seconds(2);

}  // namespace

void Feed::Impl::take_changes(const std::vector<FolderChange>& changes) {
  for (const FolderChange& change : changes) {
    try {
      take_change(change);
    } catch (const Error& error) {  // of this folder; there are others
      log_once(error.what());
    }
  }
}

void Feed::Impl::take_change(const FolderChange& change) {
  using Kind = FolderChange::Kind;
  if (change.kind == Kind::kLookAgain) return look_at(change.folder);
  const std::string path = join_path(change.folder, change.name);
  if (change.is_directory) {
    if (change.kind == Kind::kGone) return forget_folder(path);
    return look_at(path);
  }
  if (parent_folder(change.folder) == events_root_ && is_event_file(change.name)) {
    dirty_.insert(path);
    if (change.kind == Kind::kAppeared) appeared_.insert(path);
  } else if (parent_folder(change.folder) == runs_root_ && is_run_file(change.name)) {
    // What is being copied here is written piece by piece.
    pending_runs_[path] = Clock::now() + kSettlingTime;
  }
}

bool Feed::Impl::is_date_folder_of(const std::string& store, const std::string& folder) const {
  return parent_folder(folder) == store;
}

// Takes notice of everything in a folder of the data directory, whether known or not; other
// folders are passed over. First the watch, then the look: nothing is missed in between.
void Feed::Impl::look_at(const std::string& folder) {
  if (folder == data_dir_) {
    for (const std::string& store : {events_root_, runs_root_}) {
      if (files_.exists(store)) look_at(store);
    }
    return;
  }
  if (folder == events_root_ || folder == runs_root_) {
    folders_.add(folder);
    for (const DirectoryEntry& entry : files_.list(folder)) {
      if (entry.is_directory) look_at(join_path(folder, entry.name));
    }
    return;
  }
  const bool of_events = is_date_folder_of(events_root_, folder);
  if (of_events || is_date_folder_of(runs_root_, folder)) look_at_date_folder(folder, of_events);
}

void Feed::Impl::look_at_date_folder(const std::string& folder, bool of_events) {
  const auto status = files_.status(folder);
  if (!status) return forget_folder(folder);
  folders_.add(folder);
  date_folders_.insert(folder);
  if (looked_at_[folder] == status->modified_at &&
      now() - status->modified_at > kCoarsestFolderTime) {
    // No name came or went. Only event files grow.
    for (const auto& [name, file] : event_files_.in_folder(folder)) {
      if (!file.finished) dirty_.insert(join_path(folder, name));
    }
    return;
  }
  looked_at_[folder] = status->modified_at;
  const KnownFiles& known = of_events ? event_files_ : run_files_;
  std::set<std::string> missing;
  for (const auto& [name, file] : known.in_folder(folder)) missing.insert(name);
  for (const DirectoryEntry& entry : files_.list(folder)) {
    missing.erase(entry.name);
    if (entry.is_directory) continue;
    const std::string path = join_path(folder, entry.name);
    if (of_events && is_event_file(entry.name)) {
      const KnownFile* file = event_files_.find(path);
      if (file == nullptr || !file->finished) dirty_.insert(path);
    } else if (!of_events && is_run_file(entry.name)) {
      pending_runs_.try_emplace(path, Clock::now());
    }
  }
  for (const std::string& name : missing) {
    const std::string path = join_path(folder, name);
    if (of_events) {
      dirty_.insert(path);
    } else {
      pending_runs_.try_emplace(path, Clock::now());
    }
  }
}

void Feed::Impl::forget_folder(const std::string& folder) {
  if (files_.exists(folder)) return;
  folders_.remove(folder);
  date_folders_.erase(folder);
  folder_times_.erase(folder);
  looked_at_.erase(folder);
  // Each of its files is found to be gone when it is looked at.
  for (const auto& [name, file] : event_files_.in_folder(folder)) {
    dirty_.insert(join_path(folder, name));
  }
  for (const auto& [name, file] : run_files_.in_folder(folder)) {
    pending_runs_[join_path(folder, name)] = Clock::now();
  }
}

}  // namespace litmus
