// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "daemon/feed_impl.h"
#include "index/run_file_ingest.h"
#include "litmus/error.h"

namespace litmus {
namespace {

// A file that cannot be read may be on its way, as long as it was changed a moment ago.
constexpr auto kYoung = std::chrono::seconds(2);
constexpr auto kTryAgain = std::chrono::seconds(1);
constexpr std::size_t kMostRemembered = 4096;

std::int64_t microseconds(Timestamp time) { return time.time_since_epoch().count(); }

}  // namespace

// Those that nothing happened to for a moment, or all of them.
void Feed::Impl::read_pending_run_files(bool all) {
  const auto time = Clock::now();
  for (auto at = pending_runs_.begin(); at != pending_runs_.end();) {
    if (!all && at->second > time) {
      ++at;
      continue;
    }
    const std::string path = at->first;
    at = pending_runs_.erase(at);
    try {
      const auto file = take_notice_of_run_file(path);
      if (!file) continue;
      index_queue_.put([this, file = *file](Index& index) { index_run_file(index, file); });
    } catch (const Error& error) {
      log_once(error.what());
    }
  }
}

// Nothing if it is known as it is, or gone.
std::optional<IndexedFile> Feed::Impl::take_notice_of_run_file(const std::string& path) {
  const auto status = files_.status(path);
  if (!status) {
    forget_run_file(path);
    return std::nullopt;
  }
  IndexedFile file{path, status->size, microseconds(status->modified_at)};
  const KnownFile* known = run_files_.find(path);
  if (known != nullptr && known->size == file.size && known->modified_us == file.modified_us) {
    return std::nullopt;
  }
  run_files_[path] = {file.size, file.modified_us};
  return file;
}

// Many at a time, since the index reads them with several threads, but not so many that those who
// wait for something new would notice.
void Feed::Impl::index_in_background(std::vector<std::string> paths) {
  run_backlog_ += static_cast<std::int64_t>(paths.size());
  index_queue_.put_background([this, paths = std::move(paths)](Index& index) {
    const auto count = static_cast<std::int64_t>(paths.size());
    try {
      ingest_run_files(files_, index, paths);
      for (const BrokenFile& broken : index.broken_files()) {
        if (std::ranges::find(paths, broken.file.path) == paths.end()) continue;
        log_once(broken.reason);
        const std::lock_guard lock(told_mutex_);
        broken_.insert(broken.file.path);
      }
    } catch (const std::exception&) {
      run_backlog_ -= count;
      throw;
    }
    files_indexed_ += count;
    run_backlog_ -= count;
    if (run_backlog_ == 0) wake_.raise();
  });
}

void Feed::Impl::index_run_file(Index& index, const IndexedFile& file) {
  try {
    const Uuid run_id = Uuid::parse(put_run_file(files_, index, file));
    recently_sealed_.push_back(run_id);
    if (recently_sealed_.size() > kMostRemembered) recently_sealed_.pop_front();
    ++files_indexed_;
    {
      const std::lock_guard lock(told_mutex_);
      newly_sealed_.push_back(run_id);
      broken_.erase(file.path);
    }
    wake_.raise();
  } catch (const std::exception& error) {
    const std::vector<std::string> path{file.path};
    index.remove_files(path);
    if (!files_.exists(file.path)) return;  // gone meanwhile: the folder tells
    if (now() - Timestamp(std::chrono::microseconds(file.modified_us)) < kYoung) {
      const std::lock_guard lock(told_mutex_);
      try_again_.push_back(file.path);
      wake_.raise();
      return;
    }
    index.put_broken_file({file, error.what()});
    say(error.what());
    const std::lock_guard lock(told_mutex_);
    broken_.insert(file.path);
  }
}

void Feed::Impl::forget_run_file(const std::string& path) {
  if (run_files_.find(path) == nullptr) return;
  run_files_.erase(path);
  index_queue_.put([this, path](Index& index) {
    const std::vector<std::string> paths{path};
    index.remove_files(paths);
    const std::lock_guard lock(told_mutex_);
    broken_.erase(path);
  });
}

// The index thread has put run files: their accumulators can go.
void Feed::Impl::take_sealed_runs() {
  std::vector<Uuid> sealed;
  std::vector<std::string> try_again;
  {
    const std::lock_guard lock(told_mutex_);
    sealed.swap(newly_sealed_);
    try_again.swap(try_again_);
  }
  for (const std::string& path : try_again) {
    run_files_.erase(path);
    pending_runs_[path] = Clock::now() + kTryAgain;
  }
  if (sealed.empty()) return;
  std::vector<Uuid> concerned;
  for (auto& [id, session] : sessions_) {
    for (const Uuid& run_id : sealed) {
      const auto run = session.state.runs().find(run_id);
      if (run == session.state.runs().end() || run->second.sealed) continue;
      const std::lock_guard lock(mutex_);
      session.state.seal(run_id);
      concerned.push_back(id);
    }
  }
  for (const Uuid& id : concerned) settle(id);
}

}  // namespace litmus
