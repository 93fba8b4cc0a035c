// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.h"
#include "daemon/live_rows.h"
#include "litmus/events.h"
#include "project/accumulator.h"
#include "store/event_row.h"

namespace arrow {
class Table;
}

namespace litmus {

// What is known of a run whose session is being followed.
struct FollowedRun {
  std::unique_ptr<RunAccumulator> accumulator;  // none once it is sealed
  std::optional<ProcessIdentity> producer;      // from run.started
  std::optional<Timestamp> started_at;
  Timestamp last_event_at{};
  std::string start_file;  // the event file with run.started
  bool started = false;
  bool ended = false;
  bool sealed = false;
  bool changed = false;  // the rows are not those that were taken last
  PutRows put;
};

// The runs of one session, fed with its events file by file. One owner, no locking.
class SessionState {
 public:
  // kMarks: only what has started, ended and was sealed, which costs little.
  enum class Depth { kMarks, kRows };
  SessionState(const Uuid& id, Depth depth) : id_(id), depth_(depth) {}
  SessionState(SessionState&&) = default;
  SessionState& operator=(SessionState&&) = default;

  // Events of each writer in its order. `writer` tells the writers apart, `file` is where the event
  // stands. False if the run of the event had been sealed before and the event belongs in its rows.
  bool take(const EventRow& row, std::uint32_t writer, const std::string& file);

  // The run file is there and says all: the accumulator goes.
  void seal(const Uuid& run_id);

  const Uuid& id() const { return id_; }
  Depth depth() const { return depth_; }
  std::map<Uuid, FollowedRun>& runs() { return runs_; }
  const std::map<Uuid, FollowedRun>& runs() const { return runs_; }
  bool started() const { return started_at_.has_value(); }
  std::optional<Timestamp> started_at() const { return started_at_; }
  bool ended() const { return ended_; }
  const std::optional<ProcessIdentity>& producer() const { return producer_; }
  bool all_sealed() const;  // of the runs that have started

  // What could not be understood since the last call.
  std::vector<std::string> take_problems();

 private:
  struct SessionEvent {
    Event event;
    std::uint32_t writer = 0;
  };
  FollowedRun* run_of(const EventRow& row);
  void mark(const EventRow& row, const std::string& file, FollowedRun* run);
  bool apply(const EventRow& row, std::uint32_t writer, FollowedRun* run);

  Uuid id_;
  Depth depth_;
  std::map<Uuid, FollowedRun> runs_;
  std::string last_run_text_;
  FollowedRun* last_run_ = nullptr;
  // Instruments that the session connected: each of its runs has them.
  std::vector<SessionEvent> connected_;
  std::optional<ProcessIdentity> producer_;
  std::optional<Timestamp> started_at_;
  bool ended_ = false;
  std::vector<std::string> problems_;
};

// All rows of the run, in the columns and order of a run file; null before its start and once it is
// sealed.
std::shared_ptr<arrow::Table> rows_of(const FollowedRun& run);

}  // namespace litmus
