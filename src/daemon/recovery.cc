// SPDX-License-Identifier: Apache-2.0
#include "daemon/recovery.h"

#include <fmt/format.h>

#include "litmus/error.h"
#include "litmus/event_log.h"
#include "project/sealing.h"
#include "store/data_layout.h"
#include "store/event_file_header.h"
#include "store/event_file_reader.h"
#include "store/event_file_rewrite.h"

namespace litmus {
namespace {

using Log = std::function<void(const std::string&)>;

void finish_event_file(FileSystem& files, const std::string& path, const Log& log) {
  try {
    const RepairResult repaired = repair_event_file(files, path);
    if (!repaired.original.empty()) {
      log(fmt::format("{}: repaired, {} events kept; the damaged file is {}", path,
                      repaired.rows_kept, repaired.original));
    }
    if (!repaired.changed) seal_event_file(files, path);
    files.remove(path + kReserveSuffix);
  } catch (const Error& error) {
    if (error.code() != Code::kNotFound)
      log(fmt::format("cannot finish {}: {}", path, error.what()));
  }
}

void end_run(EventLog& events, const RunToSeal& run) {
  RunEnded ended;
  ended.run_id = run.run_id;
  ended.occurred_at = *run.end_at;
  ended.outcome = Outcome::kAborted;
  ended.synthetic = true;
  ended.reason = run.reason;
  ended.swept_at = now();
  events.emit(ended);
}

void seal(FileSystem& files, EventLog& events, const SessionToRecover& session,
          const RunToSeal& run, const Log& log) {
  const std::string id = run.run_id.to_string();
  try {
    const auto started_at = session.started_at ? session.started_at : run.started_at;
    const auto materialize = [&] {
      return materialize_run(files, events.data_dir(), session.session_id, run.run_id,
                             {.started_at = started_at});
    };
    MaterializeResult sealed = materialize();
    // Its process may have ended it after it was last looked at, and before it died.
    const bool orphan = run.end_at && sealed.path.empty();
    if (orphan) {
      end_run(events, run);
      sealed = materialize();
    }
    for (const std::string& damage : sealed.damages) log(damage);
    for (const std::string& problem : sealed.problems) log(fmt::format("run {}: {}", id, problem));
    const bool written = sealed.status == MaterializeResult::Status::kWritten;
    const bool was_sealed_before = run.again || (run.end_at && !orphan);
    if (sealed.path.empty() || (was_sealed_before && !written)) return;
    announce_sealed(events, run.run_id, sealed);
    if (run.again) log(fmt::format("run {}: events came after it was sealed: sealed again", id));
    if (orphan) log(fmt::format("run {}: {}; sealed as aborted", id, run.reason));
  } catch (const Error& error) {
    log(fmt::format("cannot seal run {}: {}", id, error.what()));
  }
}

// Looked up in the files when all who could still write it are gone: whoever asked may not have
// read the last that they wrote.
bool has_ended(FileSystem& files, const std::string& data_dir, const SessionToRecover& session) {
  bool ended = false;
  for (const std::string& path :
       find_session_files(files, data_dir, session.session_id, session.started_at)) {
    const auto content = files.read(path);
    scan_event_file(content->bytes(), [&](const EventRow& row) {
      ended = ended || row.event_type == SessionEnded::kTag;
    });
  }
  return ended;
}

void end_session(FileSystem& files, EventLog& events, const SessionToRecover& session,
                 const Log& log) {
  try {
    if (has_ended(files, events.data_dir(), session)) return;
  } catch (const Error& error) {
    return log(
        fmt::format("cannot end session {}: {}", session.session_id.to_string(), error.what()));
  }
  SessionEnded ended;
  ended.outcome = Outcome::kAborted;
  ended.synthetic = true;
  ended.reason = "every process of the session is gone";
  ended.swept_at = now();
  events.emit(ended);
}

}  // namespace

void recover(FileSystem& files, const std::string& data_dir, const SessionToRecover& session,
             const Log& log) {
  for (const std::string& path : session.event_files) finish_event_file(files, path, log);
  if (session.runs.empty() && !session.end_session) return;
  EventLogOptions options;
  options.files = &files;
  options.on_problem = log;
  EventLog events(data_dir, session.session_id, options);
  for (const RunToSeal& run : session.runs) seal(files, events, session, run, log);
  if (session.end_session) end_session(files, events, session, log);
  events.close();
}

}  // namespace litmus
