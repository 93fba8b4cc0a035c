// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "litmus/client.h"
#include "litmus/event_log.h"
#include "litmus/events.h"

namespace litmus {

class FileSystem;
class RunRecorder;

// What is behind Session: the log that the runs of a session share. While no run is going on
// nothing is written and no thread waits; one event file stays open, however many runs there were.
// Runs keep their session alive.
class SessionRecorder : public std::enable_shared_from_this<SessionRecorder> {
 public:
  static std::shared_ptr<SessionRecorder> start(const std::string& data_dir,
                                                const SessionOptions& options,
                                                std::function<void(const std::string&)> on_problem,
                                                Durability durability = Durability::kGroup,
                                                FileSystem* files = nullptr);
  SessionRecorder(const std::string& data_dir, const SessionOptions& options,
                  std::function<void(const std::string&)> on_problem, Durability durability,
                  FileSystem* files);
  ~SessionRecorder();
  SessionRecorder(const SessionRecorder&) = delete;
  SessionRecorder& operator=(const SessionRecorder&) = delete;

  // A run of this session; one that is still going on when the session ends is aborted.
  std::shared_ptr<RunRecorder> start_run(const RunOptions& options);
  // With an outcome at least as bad as `least` and as that of each run. Calling it again changes
  // nothing.
  void end(std::optional<Outcome> least = std::nullopt);

  // What runs need of it.
  EventLog& log() { return log_; }
  FileSystem& files() { return files_; }
  const SessionStarted& started() const { return started_; }
  const std::function<void(const std::string&)>& on_problem() const { return on_problem_; }
  void add_outcome(Outcome outcome);
  void emit_end();  // session.ended, unless it is there already

  const Uuid& id() const { return log_.session_id(); }
  Timestamp started_at() const { return started_.occurred_at; }
  bool is_of_this_process() const;

 private:
  FileSystem& files_;
  std::function<void(const std::string&)> on_problem_;
  EventLog log_;
  SessionStarted started_;
  const std::int64_t pid_;

  std::mutex mutex_;
  std::vector<std::weak_ptr<RunRecorder>> runs_;  // that are going on
  std::optional<Outcome> outcome_;
  bool ended_ = false;
};

}  // namespace litmus
