// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "litmus/durability.h"
#include "litmus/events.h"
#include "litmus/ids.h"

namespace litmus {

class FileSystem;

struct EventLogOptions {
  Durability durability = Durability::kGroup;
  // Told when events cannot be written (once per outage, and at close if any are missing). May be
  // called from the background thread, but never once the log is gone.
  std::function<void(const std::string& problem)> on_problem;
  // nullptr: the real one. Used by the background thread, too, also after the log is gone.
  FileSystem* files = nullptr;
};

// Where a stored event stands, however often it is read.
struct EventPosition {
  Uuid writer_id;
  std::int64_t seq = 0;
};

// The writing side of a session: appends events to <data_dir>/events/{date}/{session}-{pid}.arrow.
//
// Any thread may call it. After a fork the child goes on with a writer and a file of its own.
// A log never fails a test: what cannot be written is counted and reported, not thrown.
class EventLog {
 public:
  EventLog(std::string data_dir, Uuid session_id, EventLogOptions options = {});
  ~EventLog();  // as close()
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  // Fills what the event leaves open (id, occurred_at, session_id), stamps received_at and appends
  // the event. True: it survives the death of every process, and for run start, run end and session
  // end also loss of power. False: it could not be written; it is counted in events_lost().
  // Throws Error(kInvalidArgument) for an event that may not be stored (a session event with a run
  // id, another session's event).
  bool emit(Event event);
  // As emit, but the event is as stored when it returns, and the position is told; nothing if it
  // could not be written.
  std::optional<EventPosition> append(Event& event);

  // Everything emitted so far is on stable storage when it returns. Error(kIo) if it cannot be.
  void flush();

  // Ends the files with their end marker; they are compressed in the background, at the latest when
  // the process ends. Emitting afterwards opens a new segment.
  void close();

  const Uuid& session_id() const;
  const std::string& data_dir() const;
  // The file that the last event went to; empty before the first one.
  std::string path() const;
  std::int64_t events_lost() const;

 private:
  class Writer;
  std::shared_ptr<Writer> writer_;
};

}  // namespace litmus
