// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <algorithm>

#include "daemon/feed_impl.h"
#include "litmus/error.h"

namespace litmus {
namespace {

constexpr auto kSweepPace = std::chrono::seconds(30);

bool same_process(const ProcessIdentity& a, const ProcessIdentity& b) {
  return a.host == b.host && a.pid == b.pid;
}

}  // namespace

void Feed::Impl::take_ended_processes() {
  {
    const std::lock_guard lock(recovery_mutex_);
    for (const Uuid& id : std::exchange(recovered_, {})) {
      const auto session = sessions_.find(id);
      if (session != sessions_.end()) session->second.recovering = false;
      dirty_sessions_.insert(id);
    }
  }
  for (const Uuid& id : std::exchange(dirty_sessions_, {})) settle(id);
  const auto ended = processes_.take_ended();
  const bool sweep = Clock::now() >= next_sweep_;
  if (ended.empty() && !sweep) return;
  if (sweep) next_sweep_ = Clock::now() + kSweepPace;
  // What they wrote last has been told by now.
  take_changes(folders_.read(true));
  read_dirty_files();
  std::vector<Uuid> concerned;
  for (auto& [id, session] : sessions_) {
    const bool touched = std::ranges::any_of(
        ended, [&](const ProcessIdentity& process) { return is_part_of(process, session); });
    if (sweep || touched) concerned.push_back(id);
  }
  for (const Uuid& id : concerned) {
    consider(sessions_.at(id));
    settle(id);
  }
}

bool Feed::Impl::is_part_of(const ProcessIdentity& process, const Session& session) const {
  const auto& producer = session.state.producer();
  if (producer && same_process(*producer, process)) return true;
  for (const auto& [path, file] : session.files) {
    if (file.tail.header() && same_process(writer_of(*file.tail.header()), process)) return true;
  }
  return std::ranges::any_of(session.state.runs(), [&](const auto& run) {
    return run.second.producer && same_process(*run.second.producer, process);
  });
}

// Whether this user on this host wrote the file.
bool Feed::Impl::is_ours(const FollowedFile& file) {
  if (!file.tail.header() || file.tail.header()->host != host_) return false;
  try {
    const auto status = files_.status(file.tail.path());
    return status && status->owner == this_user();
  } catch (const Error& error) {
    log_once(error.what());
    return false;
  }
}

// Looks which processes of the session are left, and has done what the others no longer can.
void Feed::Impl::consider(Session& session) {
  if (session.recovering) return;
  SessionToRecover work;
  work.session_id = session.state.id();
  work.started_at = session.state.started_at();
  bool all_gone = true;  // and all of them ours
  for (auto& [path, file] : session.files) {
    // Whosever it was: a dead writer keeps no daemon waiting.
    file.writer_gone =
        file.tail.header() && liveness_of(writer_of(*file.tail.header())) == Liveness::kDead;
    if (!is_ours(file)) {
      all_gone = false;
      continue;
    }
    const EventFileHeader& header = *file.tail.header();
    // What this process wrote in place of the dead keeps no session open.
    const bool by_this_process = header.pid == this_process().pid && file.tail.closed();
    if (!file.writer_gone && !by_this_process) all_gone = false;
    if (!file.writer_gone || file.finishing || (header.sealed && file.tail.closed())) continue;
    file.finishing = true;
    work.event_files.push_back(path);
  }
  const auto& producer = session.state.producer();
  if (producer && liveness_of(*producer) != Liveness::kDead) all_gone = false;
  add_orphans(session, work);
  work.end_session = all_gone && session.state.started() && !session.state.ended();
  if (!options_.seal || !files_.is_writable(data_dir_)) return;
  if (!work.event_files.empty() || !work.runs.empty() || work.end_session) {
    session.recovering = true;
    post(std::move(work));
  }
}

// Runs that are not sealed though the process that records them is dead.
void Feed::Impl::add_orphans(const Session& session, SessionToRecover& work) {
  const auto& producer = session.state.producer();
  for (const auto& [run_id, run] : session.state.runs()) {
    if (!run.started || run.sealed) continue;
    const auto start = session.files.find(run.start_file);
    if (start == session.files.end() || !is_ours(start->second)) continue;
    const ProcessIdentity owner = run.producer ? *run.producer
                                  : producer   ? *producer
                                               : writer_of(*start->second.tail.header());
    if (liveness_of(owner) != Liveness::kDead) {
      processes_.add(owner);
      continue;
    }
    RunToSeal seal{run_id, run.started_at, std::nullopt, "", false};
    if (!run.ended) {
      seal.end_at = run.last_event_at;
      seal.reason =
          fmt::format("process {} on {} is gone and did not end the run", owner.pid, owner.host);
    }
    work.runs.push_back(std::move(seal));
  }
}

// Events came for runs that had been sealed: their files are made again, if they are ours.
void Feed::Impl::seal_late_runs() {
  if (late_due_ == Clock::time_point() || Clock::now() < late_due_) return;
  late_due_ = {};
  for (auto& [id, session] : sessions_) {
    if (session.late_runs.empty()) continue;
    if (session.recovering) {
      late_due_ = Clock::now() + std::chrono::seconds(1);
      continue;
    }
    SessionToRecover work;
    work.session_id = id;
    work.started_at = session.state.started_at();
    for (const Uuid& run_id : std::exchange(session.late_runs, {})) {
      const FollowedRun& run = session.state.runs().at(run_id);
      const auto start = session.files.find(run.start_file);
      if (start == session.files.end() || !is_ours(start->second)) continue;
      work.runs.push_back({run_id, run.started_at, std::nullopt, "", true});
    }
    if (work.runs.empty() || !options_.seal || !files_.is_writable(data_dir_)) continue;
    session.recovering = true;
    post(std::move(work));
  }
}

void Feed::Impl::post(SessionToRecover session) {
  {
    const std::lock_guard lock(recovery_mutex_);
    to_recover_.push_back(std::move(session));
  }
  recovery_wake_.notify_one();
}

void Feed::Impl::recovery_loop() {
  std::unique_lock lock(recovery_mutex_);
  while (true) {
    recovery_wake_.wait(lock, [this] { return stop_ || !to_recover_.empty(); });
    if (stop_) return;
    const SessionToRecover session = std::move(to_recover_.front());
    to_recover_.pop_front();
    lock.unlock();
    try {
      recover(files_, data_dir_, session, [this](const std::string& line) { log_once(line); });
    } catch (const std::exception& error) {
      log_once(error.what());
    }
    lock.lock();
    recovered_.push_back(session.session_id);
    wake_.raise();
  }
}

}  // namespace litmus
