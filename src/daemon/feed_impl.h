// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/folder_watcher.h"
#include "base/process_watcher.h"
#include "base/wake_signal.h"
#include "daemon/event_file_tail.h"
#include "daemon/feed.h"
#include "daemon/index_queue.h"
#include "daemon/known_files.h"
#include "daemon/recovery.h"
#include "daemon/session_state.h"
#include "index/index.h"

namespace litmus {

// Three threads: the reader (everything below unless it says otherwise), the IndexQueue's, and one
// that repairs and seals. The reader never waits for the other two.
//   feed.cc           threads, sync, what others ask
//   feed_start.cc     what changed while no feed was there
//   feed_folders.cc   changes of folders
//   feed_events.cc    event files, sessions
//   feed_runs.cc      run files
//   feed_recovery.cc  dead writers
class Feed::Impl {
 public:
  Impl(Options options, Index& index, EventSink* sink);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // From any thread.
  void sync();
  FeedState state() const;
  std::shared_ptr<arrow::Table> live_rows(const Uuid& run_id);

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr auto kFlushPace = std::chrono::milliseconds(400);
  // A query that comes right after the start waits this long for what happened before it; a longer
  // catch-up goes on behind the answers.
  static constexpr auto kPatienceAtStart = std::chrono::milliseconds(500);

  struct FollowedFile {
    explicit FollowedFile(const std::string& path) : tail(path) {}
    EventFileTail tail;
    std::uint32_t writer = 0;           // of the session, for the accumulators
    std::int64_t indexed_through = -1;  // seq
    bool writer_gone = false;           // its process has ended
    bool finishing = false;             // given to recovery
  };
  struct Session {
    Session(const Uuid& id, SessionState::Depth depth) : state(id, depth) {}
    SessionState state;
    std::map<std::string, FollowedFile> files;     // by path
    std::map<std::string, std::uint32_t> writers;  // by name of the file without segment
    bool recovering = false;                       // given to the recovery thread
    std::set<Uuid> late_runs;                      // got events after they were sealed
  };

  // feed.cc
  void run();
  void step();
  void wait();
  void serve_sync(std::uint64_t requested);
  void flush();
  void put_changed_runs();
  void keep_house();
  void count();
  void say(const std::string& line);
  void log_once(const std::string& line);

  // feed_start.cc
  void start();
  KnownFiles::Files look_up_runs(const std::string& folder) const;
  KnownFiles::Files look_up_events(const std::string& folder) const;
  void compare_folder(const std::string& folder);
  void remove_if_stale(const std::string& path);
  bool work_on_backlog();
  void load_backlog_session(const Uuid& id, SessionState::Depth depth);
  void note_folders();

  // feed_folders.cc
  void take_changes(const std::vector<FolderChange>& changes);
  void take_change(const FolderChange& change);
  void look_at(const std::string& folder);
  void look_at_date_folder(const std::string& folder, bool of_events);
  void forget_folder(const std::string& folder);
  bool is_date_folder_of(const std::string& store, const std::string& folder) const;

  // feed_events.cc
  void read_dirty_files();
  void read_session_file(const std::string& path);
  FollowedFile& follow(Session& session, const std::string& path);
  void read_file(Session& session, FollowedFile& file);
  void take_row(Session& session, FollowedFile& file, const EventRow& row);
  void load_session(const Uuid& id, const std::vector<std::string>& paths,
                    SessionState::Depth depth);
  bool settle(const Uuid& id);
  static IndexedEventFile position_of(const Session& session, const FollowedFile& file);
  void find_sealed(Session& session);
  void forget_event_file(const std::string& path);
  bool is_broken(const std::string& path) const;
  void forget_damage(const std::string& path);
  std::vector<std::string> files_of(const Uuid& session_id) const;
  std::optional<Uuid> session_of(const std::string& path);

  // feed_runs.cc
  void read_pending_run_files(bool all);
  std::optional<IndexedFile> take_notice_of_run_file(const std::string& path);
  void index_in_background(std::vector<std::string> paths);
  void index_run_file(Index& index, const IndexedFile& file);  // on the index thread
  void forget_run_file(const std::string& path);
  void take_sealed_runs();

  // feed_recovery.cc
  void take_ended_processes();
  bool is_part_of(const ProcessIdentity& process, const Session& session) const;
  void consider(Session& session);
  void add_orphans(const Session& session, SessionToRecover& work);
  bool is_ours(const FollowedFile& file);
  void seal_late_runs();
  void post(SessionToRecover session);
  void recovery_loop();  // on its own thread

  const Options options_;
  FileSystem& files_;
  Index& index_;
  EventSink* const sink_;
  const std::string data_dir_;
  const std::string events_root_;
  const std::string runs_root_;
  const std::string host_;

  FolderWatcher folders_;
  ProcessWatcher processes_;
  WakeSignal wake_;

  KnownFiles event_files_{[this](const std::string& folder) { return look_up_events(folder); }};
  KnownFiles run_files_{[this](const std::string& folder) { return look_up_runs(folder); }};
  std::map<std::string, std::int64_t> folder_times_;  // as the index knows them
  std::set<std::string> date_folders_;
  std::map<std::string, Timestamp> looked_at_;             // date folders, and their time then
  std::set<std::string> dirty_;                            // event files to be read
  std::set<std::string> appeared_;                         // of these: the name was taken anew
  std::map<std::string, Clock::time_point> pending_runs_;  // run files to be read, and when
  std::set<Uuid> dirty_sessions_;
  std::vector<std::shared_ptr<const StreamedEvent>> pending_;
  std::size_t pending_bytes_ = 0;
  std::set<std::pair<Uuid, std::string>> moved_;  // session and event file: position changed
  Clock::time_point flush_due_;
  Clock::time_point next_house_keeping_;
  Clock::time_point next_sweep_;
  Clock::time_point late_due_;
  const Clock::time_point started_ = Clock::now();
  std::vector<std::string> new_at_start_;  // event files
  std::vector<std::string> new_runs_at_start_;
  std::deque<Uuid> unfinished_;  // sessions to load first
  std::deque<Uuid> backlog_;     // sessions that the index does not know
  bool in_backlog_ = true;

  // Guards what other threads look at: the sessions with their accumulators. Only the reader
  // changes them, so only others lock to read.
  mutable std::mutex mutex_;
  std::map<Uuid, Session> sessions_;

  std::atomic<bool> stop_ = false;
  std::atomic<bool> caught_up_ = false;
  std::atomic<std::int64_t> backlog_size_ = 0;  // event files
  std::atomic<std::int64_t> run_backlog_ = 0;   // run files that wait for the index thread
  std::atomic<std::int64_t> files_indexed_ = 0;
  std::atomic<std::int64_t> last_event_number_ = 0;
  std::atomic<std::int64_t> running_runs_ = 0;
  std::atomic<std::int64_t> writers_ = 0;
  std::atomic<std::int64_t> local_writers_ = 0;

  std::mutex sync_mutex_;
  std::condition_variable synced_;
  std::atomic<std::uint64_t> sync_requested_ = 0;
  std::uint64_t sync_passed_on_ = 0;  // reader
  std::uint64_t sync_done_ = 0;       // under sync_mutex_

  // What the index thread tells the reader.
  mutable std::mutex told_mutex_;
  std::vector<Uuid> newly_sealed_;
  std::set<std::string> broken_;
  std::vector<std::string> try_again_;
  std::vector<Uuid> put_again_;  // running runs of which the index has lost rows
  // Index thread: runs that were put from their files and must not be put as running any more.
  std::deque<Uuid> recently_sealed_;

  std::mutex log_mutex_;
  std::set<std::string> logged_;

  std::mutex recovery_mutex_;
  std::condition_variable recovery_wake_;
  std::deque<SessionToRecover> to_recover_;
  std::vector<Uuid> recovered_;

  IndexQueue index_queue_;  // after what its jobs use
  std::thread recovery_;
  std::thread reader_;
};

}  // namespace litmus
