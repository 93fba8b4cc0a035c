// SPDX-License-Identifier: Apache-2.0
#include "litmus/event_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/process.h"
#include "litmus/error.h"
#include "model/event.h"
#include "model/event_json.h"
#include "record/background.h"
#include "record/fork_guard.h"
#include "store/data_layout.h"
#include "store/event_file_rewrite.h"
#include "store/event_file_writer.h"

namespace litmus {
namespace {

constexpr auto kGroupedSync = std::chrono::milliseconds(100);
// Space kept for the events that end a run and a session when the disk is full.
constexpr std::uint64_t kReserveSize = 64 * 1024;

enum class Urgency { kGrouped, kNow };

bool ends_something(const Event& event) {
  return std::holds_alternative<RunEnded>(event) || std::holds_alternative<SessionEnded>(event);
}

Urgency urgency_of(const Event& event, Durability durability) {
  const bool now = durability == Durability::kEvent ||
                   (durability == Durability::kStep && std::holds_alternative<StepEnded>(event)) ||
                   std::holds_alternative<RunStarted>(event) || ends_something(event);
  return now ? Urgency::kNow : Urgency::kGrouped;
}

// Who announces that it records a session or a run need not know how to be told from others.
constexpr auto add_start_key = [](auto& event) {
  if constexpr (requires { event.process_start_key; }) {
    if (event.process_start_key || !event.pid || event.pid != this_pid()) return;
    std::string key = this_process().start_key;
    if (!key.empty()) event.process_start_key = std::move(key);
  }
};

}  // namespace

// Shared with the background tasks, which may outlive the EventLog. One mutex guards everything
// but the options; problems are reported after it is released.
class EventLog::Writer : public std::enable_shared_from_this<Writer> {
 public:
  Writer(std::string data_dir, Uuid session_id, EventLogOptions options)
      : data_dir_(std::move(data_dir)),
        session_id_(session_id),
        options_(std::move(options)),
        files_(options_.files != nullptr ? *options_.files : posix_file_system()) {}

  std::optional<EventPosition> append(EventRow& row, Urgency urgency, bool may_use_reserve) {
    std::string problem;
    const auto position = append_locked(row, urgency, may_use_reserve, problem);
    report(problem);
    return position;
  }

  void flush() {
    const std::lock_guard lock(mutex_);
    sync(take_unsynced());
  }

  void close() {
    std::string problem;
    std::vector<std::string> finished;
    Unsynced unsynced;
    {
      const std::lock_guard lock(mutex_);
      finish_segment(problem);
      remove_reserve();
      finished = std::exchange(segments_, {});
      unsynced = take_unsynced();
      if (problem.empty() && lost_ > lost_reported_) {
        problem = fmt::format("{} events of session {} could not be written", lost_,
                              session_id_.to_string());
        lost_reported_ = lost_;
      }
    }
    if (!finished.empty()) {
      background::run_after({}, [self = shared_from_this(), finished, unsynced] {
        self->sync_or_report(unsynced);
        self->seal(finished);
      });
    }
    report(problem);
  }

  // The log goes away, and with it perhaps what on_problem refers to; a background task may still
  // be waiting.
  void stop_reporting() {
    const std::lock_guard lock(report_mutex_);
    options_.on_problem = nullptr;
  }

  std::int64_t lost() const {
    const std::lock_guard lock(mutex_);
    return lost_;
  }

  std::string path() const {
    const std::lock_guard lock(mutex_);
    return path_;
  }

  const Uuid& session_id() const { return session_id_; }
  const std::string& data_dir() const { return data_dir_; }
  Durability durability() const { return options_.durability; }

  std::mutex& mutex() { return mutex_; }

  // In the child of a fork: the file and its numbers belong to the parent.
  void become_own_writer() {
    file_.reset();
    path_.clear();
    unsynced_segments_.clear();
    segments_.clear();
    reserve_.clear();
    writer_id_ = Uuid::random();
    next_seq_ = 0;
    next_segment_ = 0;
    lost_ = 0;
    lost_reported_ = 0;
    sync_planned_ = false;
  }

 private:
  // What has to be synced for everything written so far to be on stable storage.
  struct Unsynced {
    std::vector<std::shared_ptr<EventFileWriter>> files;
    std::string folder;  // empty: it knows all its files already
  };

  std::optional<EventPosition> append_locked(EventRow& row, Urgency urgency, bool may_use_reserve,
                                             std::string& problem) {
    const std::lock_guard lock(mutex_);
    try {
      try {
        write(row);
      } catch (const Error&) {
        if (!may_use_reserve || reserve_.empty()) throw;
        remove_reserve();
        write(row);
      }
    } catch (const Error& error) {
      ++lost_;
      if (!failing_) problem = fmt::format("an event could not be written: {}", error.what());
      failing_ = true;
      return std::nullopt;
    }
    failing_ = false;
    const EventPosition position{writer_id_, row.seq};
    if (urgency == Urgency::kGrouped) {
      plan_sync();
      return position;
    }
    try {
      sync(take_unsynced());
    } catch (const Error& error) {
      problem = error.what();
    }
    return position;
  }

  void write(EventRow& row) {
    std::string ignored;
    if (file_ && file_->rows() >= kRowsPerSegment) finish_segment(ignored);
    if (!file_) open_segment();
    row.seq = next_seq_;
    file_->append(row);
    ++next_seq_;
  }

  void open_segment() {
    const ProcessIdentity process = this_process();
    if (folder_.empty()) folder_ = events_folder(data_dir_, now());
    files_.create_folders(folder_);
    EventFileHeader header;
    header.writer_id = writer_id_;
    header.session_id = session_id_;
    header.pid = process.pid;
    header.host = process.host;
    header.process_started_at = process.started_at;
    header.process_start_key = process.start_key;
    header.first_seq = next_seq_;
    while (!file_) {
      header.segment = next_segment_++;
      const std::string path =
          join_path(folder_, event_file_name(session_id_, process.pid, header.segment));
      try {
        file_ = std::make_shared<EventFileWriter>(files_, path, header);
      } catch (const Error& error) {
        // Another writer of this session had the same pid, on another host or before this one.
        if (error.code() != Code::kConflict) throw;
      }
    }
    folder_synced_ = false;
    path_ = file_->path();
    segments_.push_back(path_);
    if (reserve_.empty()) make_reserve();
  }

  void make_reserve() {
    const std::string path = file_->path() + kReserveSuffix;
    try {
      files_.reserve(path, kReserveSize);
      reserve_ = path;
    } catch (const Error&) {
      // Without a reserve everything works as long as there is space.
    }
  }

  void remove_reserve() {
    if (reserve_.empty()) return;
    try {
      files_.remove(reserve_);
    } catch (const Error&) {
      // It holds space, no data.
    }
    reserve_.clear();
  }

  void finish_segment(std::string& problem) {
    if (!file_) return;
    try {
      file_->finish();
    } catch (const Error& error) {
      problem = error.what();  // the events are there; the file only reads as unclosed
    }
    unsynced_segments_.push_back(std::exchange(file_, nullptr));
  }

  Unsynced take_unsynced() {
    Unsynced unsynced{std::exchange(unsynced_segments_, {}), folder_synced_ ? "" : folder_};
    if (file_) unsynced.files.push_back(file_);
    folder_synced_ = true;
    return unsynced;
  }

  void sync(const Unsynced& unsynced) {
    for (const auto& file : unsynced.files) file->sync();
    if (!unsynced.folder.empty()) files_.sync_folder(unsynced.folder);
  }

  void sync_or_report(const Unsynced& unsynced) {
    try {
      sync(unsynced);
    } catch (const Error& error) {
      report(error.what());
    }
  }

  void plan_sync() {
    if (sync_planned_) return;
    sync_planned_ = true;
    background::run_after(kGroupedSync, [self = shared_from_this()] { self->grouped_sync(); });
  }

  // The sync itself runs without the lock, so that it never delays an emit.
  void grouped_sync() {
    Unsynced unsynced;
    {
      const std::lock_guard lock(mutex_);
      sync_planned_ = false;
      unsynced = take_unsynced();
    }
    sync_or_report(unsynced);
  }

  void seal(const std::vector<std::string>& segments) {
    for (const std::string& segment : segments) {
      try {
        seal_event_file(files_, segment);
      } catch (const std::exception&) {
        // It stays as large as it is; every event is in it.
      }
    }
  }

  // Recursive: whoever is told may use the log.
  void report(const std::string& problem) {
    if (problem.empty()) return;
    const std::lock_guard lock(report_mutex_);
    if (options_.on_problem) options_.on_problem(problem);
  }

  const std::string data_dir_;
  const Uuid session_id_;
  std::recursive_mutex report_mutex_;
  EventLogOptions options_;  // on_problem under report_mutex_
  FileSystem& files_;

  mutable std::mutex mutex_;
  std::shared_ptr<EventFileWriter> file_;
  std::string path_;  // where the last event is
  Uuid writer_id_ = Uuid::random();
  std::vector<std::shared_ptr<EventFileWriter>> unsynced_segments_;  // finished, but not synced
  std::string folder_;
  std::string reserve_;
  std::vector<std::string> segments_;  // written by this writer, not yet handed to sealing
  std::int64_t next_seq_ = 0;
  std::int64_t next_segment_ = 0;
  std::int64_t lost_ = 0;
  std::int64_t lost_reported_ = 0;
  bool failing_ = false;
  bool sync_planned_ = false;
  bool folder_synced_ = false;
};

EventLog::EventLog(std::string data_dir, Uuid session_id, EventLogOptions options)
    : writer_(std::make_shared<Writer>(std::move(data_dir), session_id, std::move(options))) {
  Writer* writer = writer_.get();
  fork_guard::add({this, [writer] { writer->mutex().lock(); },
                   [writer] { writer->mutex().unlock(); },
                   [writer] { writer->become_own_writer(); }});
}

EventLog::~EventLog() {
  try {
    close();
  } catch (...) {
    // Only on_problem can throw here; what it was told is lost, the events are not.
  }
  writer_->stop_reporting();
  fork_guard::remove(this);
}

bool EventLog::emit(Event event) { return append(event).has_value(); }

std::optional<EventPosition> EventLog::append(Event& event) {
  Envelope& envelope = envelope_of(event);
  if (envelope.session_id.is_nil()) envelope.session_id = writer_->session_id();
  if (envelope.session_id != writer_->session_id()) {
    throw Error(
        Code::kInvalidArgument,
        fmt::format("{}: expected an event of session {}, found one of session {}", tag_of(event),
                    writer_->session_id().to_string(), envelope.session_id.to_string()));
  }
  check_storable(event);
  if (envelope.id.is_nil()) envelope.id = Uuid::random();
  envelope.received_at = now();
  if (envelope.occurred_at == Timestamp{}) envelope.occurred_at = *envelope.received_at;
  if (auto* ended = std::get_if<RunEnded>(&event)) ended->events_lost += events_lost();
  std::visit(add_start_key, event);

  thread_local std::string json;
  json.clear();
  append_json(json, event);
  const std::string id = envelope.id.to_string();
  const std::string session_id = envelope.session_id.to_string();
  const std::string run_id = envelope.run_id ? envelope.run_id->to_string() : "";
  EventRow row;
  row.occurred_at = envelope.occurred_at;
  row.received_at = *envelope.received_at;
  row.id = id;
  row.event_type = tag_of(event);
  row.session_id = session_id;
  if (envelope.run_id) row.run_id = run_id;
  row.json = json;
  return writer_->append(row, urgency_of(event, writer_->durability()), ends_something(event));
}

void EventLog::flush() { writer_->flush(); }
void EventLog::close() { writer_->close(); }
const Uuid& EventLog::session_id() const { return writer_->session_id(); }
const std::string& EventLog::data_dir() const { return writer_->data_dir(); }
std::string EventLog::path() const { return writer_->path(); }
std::int64_t EventLog::events_lost() const { return writer_->lost(); }

}  // namespace litmus
