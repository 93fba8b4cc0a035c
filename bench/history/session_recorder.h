// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "history/random.h"
#include "litmus/events.h"
#include "project/accumulator.h"
#include "project/session_events.h"
#include "store/event_file_header.h"
#include "store/event_row.h"

namespace litmus::history {

// A session with one run, stored as a client stores it, but at a time of the past and without
// reading the events back: they go to the sealed event file and to the run file at once.
class SessionRecorder {
 public:
  // `process` is who is said to have recorded it; ids come from `random`.
  SessionRecorder(FileSystem& files, const std::string& data_dir, const EventFileHeader& process,
                  Timestamp started_at, Random& random);

  const EventFileHeader& process() const { return header_; }
  // Events of one time after the other; `E::run_id` is filled for all but those of the session.
  template <class E>
  void emit(E event, Timestamp at);
  // After the end of run and session: publishes the run file and the event file.
  void seal();

 private:
  struct StoredRow {
    EventRow row;
    std::string id;
    std::string json;
  };

  void store(const Event& event);
  void write_segment();

  FileSystem& files_;
  const std::string& data_dir_;
  Random& random_;
  EventFileHeader header_;
  Uuid run_id_;
  std::string session_text_;
  std::string run_text_;
  Timestamp started_at_;
  Timestamp ended_at_;
  RunAccumulator accumulator_;
  SourceEvents source_;
  std::vector<StoredRow> rows_;  // of the segment
  std::int64_t next_seq_ = 0;
};

template <class E>
void SessionRecorder::emit(E event, Timestamp at) {
  event.id = random_.uuid();
  event.session_id = header_.session_id;
  if constexpr (!E::kSessionOnly) event.run_id = run_id_;
  event.occurred_at = at;
  event.received_at = at + std::chrono::microseconds(8 + random_.below(30));
  ended_at_ = at;
  store(Event(std::move(event)));
}

}  // namespace litmus::history
