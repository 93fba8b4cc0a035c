// SPDX-License-Identifier: Apache-2.0
// The part of the writer that is about events and files, and the commit.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/file_system.h"
#include "index/index_writer.h"
#include "index/sql_text.h"
#include "litmus/error.h"

namespace litmus {
namespace {

constexpr const char* kWrite = "write to the index";
constexpr const char* kRead = "read the index";
constexpr std::size_t kPendingEvents = 16 * 1024;
constexpr std::int64_t kMostLiveEvents = 8 * 1024;
constexpr std::chrono::seconds kFileInterval{2};
// About 16 MB of log, and of memory that the next checkpoint frees.
constexpr std::int64_t kRowsPerCheckpoint = 100'000;
constexpr std::size_t kMostWriters = 4096;
// About 10 MB of memory.
constexpr std::int64_t kMostDeadLiveRows = 32 * 1024;

std::int64_t to_us(Timestamp time) { return time.time_since_epoch().count(); }

}  // namespace

// A writer that is not among those met lately gets another key: that costs less than to look it up.
std::int64_t IndexWriter::writer_key(const Uuid& writer_id) {
  const auto known = writers_.find(writer_id);
  if (known != writers_.end()) return known->second;
  if (writers_.size() >= kMostWriters) writers_.clear();
  const std::int64_t key = next_writer_key_++;
  writers_.emplace(writer_id, key);
  const TableWriter::Row row = writers_table_.add_row();
  writers_table_.set(row, 0, key);
  writers_table_.set(row, 1, std::string_view(writer_id.to_string()));
  return key;
}

void IndexWriter::put_events(std::span<const IndexedEvent> events) {
  const std::lock_guard lock(mutex_);
  for (const IndexedEvent& event : events) {
    const std::int64_t writer = writer_key(event.writer_id);
    const TableWriter::Row row = events_.add_row();
    events_.set(row, 0, event.event_number);
    events_.set(row, 1, writer);
    events_.set(row, 2, event.seq);
    events_.set(row, 3, to_us(event.occurred_at));
    events_.set(row, 4, to_us(event.received_at));
    events_.set(row, 5, event.id);
    events_.set(row, 6, event.event_type);
    events_.set(row, 7, event.session_id);
    if (event.run_id) events_.set(row, 8, *event.run_id);
    events_.set(row, 9, event.json);
    last_event_number_ = std::max(last_event_number_, event.event_number);
  }
  rows_since_checkpoint_ += static_cast<std::int64_t>(events.size());
  if (events_.pending_rows() < kPendingEvents) return;
  begin(sealed_);
  events_.flush();
}

void IndexWriter::put_event_file(const IndexedEventFile& file) {
  const std::scoped_lock lock(mutex_, event_files_mutex_);
  new_event_files_[file.path] = file;
}

// Of those in the file as of the last commit for which the condition on `$value` holds, and of
// those that still wait.
std::vector<IndexedEventFile> IndexWriter::event_files_where(
    const std::string& condition, const Value& value,
    const std::function<bool(const IndexedEventFile&)>& fits) {
  const std::lock_guard lock(event_files_mutex_);
  const IndexStorage::Reader reader(storage_);
  DuckResult rows = reader->query(
      "SELECT folder || '/' || name, writer_id, session_id, last_seq, size, finished"
      " FROM sealed.indexed_event_files JOIN sealed.stored_writers USING (writer_key)"
      " WHERE " +
          condition,
      {{"value", value}}, kRead);
  std::vector<IndexedEventFile> result;
  while (rows.next_row()) {
    std::string path(rows.text(0));
    if (new_event_files_.contains(path)) continue;
    result.push_back({std::move(path), Uuid::parse(rows.text(1)), Uuid::parse(rows.text(2)),
                      rows.integer(3), static_cast<std::uint64_t>(rows.integer(4)),
                      rows.integer(5) != 0});
  }
  for (const auto& [path, file] : new_event_files_) {
    if (fits(file)) result.push_back(file);
  }
  return result;
}

std::vector<IndexedEventFile> IndexWriter::event_files_in(const std::string& folder) {
  return event_files_where("folder = $value", folder, [&](const IndexedEventFile& file) {
    return parent_folder(file.path) == folder;
  });
}

std::vector<IndexedEventFile> IndexWriter::event_files_of(std::span<const Uuid> session_ids) {
  if (session_ids.empty()) return {};
  ValueList ids;
  for (const Uuid& id : session_ids) ids.emplace_back(id.to_string());
  return event_files_where("session_id IN (SELECT unnest($value::VARCHAR[]))", std::move(ids),
                           [&](const IndexedEventFile& file) {
                             return std::ranges::find(session_ids, file.session_id) !=
                                    session_ids.end();
                           });
}

std::vector<IndexedEventFile> IndexWriter::unfinished_event_files() {
  return event_files_where("finished = $value", false,
                           [](const IndexedEventFile& file) { return !file.finished; });
}

void IndexWriter::remove_event_files(std::span<const std::string> paths) {
  const std::lock_guard lock(mutex_);
  begin(sealed_);
  writers_table_.flush();
  flush_event_file_names();
  events_.flush();
  move_events();
  fold_new_events();
  constexpr const char* kOfFile =
      "FROM sealed.indexed_event_files JOIN sealed.stored_writers USING (writer_key)"
      " WHERE folder = $folder AND name = $name";
  for (const std::string& path : paths) {
    const SqlValues file{{"folder", parent_folder(path)}, {"name", file_name(path)}};
    // Its events follow those of the segment before.
    DuckResult range = file_connection_.query(
        fmt::format(
            "WITH file AS (SELECT writer_id, last_seq {}),"
            " keys AS (SELECT writer_key FROM sealed.stored_writers"
            "   WHERE writer_id IN (SELECT writer_id FROM file))"
            " SELECT list(writer_key)::VARCHAR, (SELECT last_seq FROM file), coalesce(("
            "   SELECT max(last_seq) FROM sealed.indexed_event_files"
            "   WHERE writer_key IN (FROM keys) AND last_seq < (SELECT last_seq FROM file)), -1)"
            " FROM keys HAVING count(*) > 0",
            kOfFile),
        file, kRead);
    if (!range.next_row()) continue;
    std::string keys(range.text(0));  // as [1, 2]
    const std::string events =
        fmt::format("sealed.stored_events WHERE writer_key IN ({}) AND seq > {} AND seq <= {}",
                    keys.substr(1, keys.size() - 2), range.integer(2), range.integer(1));
    remove_events(events);
    {
      const std::lock_guard files_lock(event_files_mutex_);
      new_event_files_.erase(path);
    }
    file_connection_.query(
        "DELETE FROM sealed.indexed_event_files WHERE folder = $folder AND name = $name", file,
        kWrite);
  }
}

void IndexWriter::put_broken_file(const BrokenFile& file) {
  const std::lock_guard lock(mutex_);
  begin(sealed_);
  broken_[file.file.path] = file;
  broken_changed_ = true;
}

void IndexWriter::put_folder(const std::string& path, std::int64_t modified_us) {
  const std::lock_guard lock(mutex_);
  folders_[path] = modified_us;
  new_folders_.insert(path);
}

bool IndexWriter::file_is_due() const {
  if (sealed_.begun) return true;
  const auto waiting = live_events_ + static_cast<std::int64_t>(events_.pending_rows());
  if (waiting >= kMostLiveEvents) return true;
  const bool any = waiting > 0 || !new_event_files_.empty() || !new_folders_.empty();
  return any && std::chrono::steady_clock::now() - last_file_commit_ > kFileInterval;
}

// Those of earlier commits, from memory into the file.
void IndexWriter::move_events() {
  if (live_events_ == 0 || std::exchange(events_moved_, true)) return;
  file_connection_.execute("INSERT INTO sealed.stored_events FROM live.stored_events", kWrite);
  begin(live_);
  memory_connection_.execute("DELETE FROM live.stored_events", kWrite);
  dead_live_rows_ += live_events_;
}

// Into the tables of what is asked of sessions.
void IndexWriter::fold_events(const std::string& events) {
  for (const char* name : {"session_starts", "session_parts", "instrument_moves"}) {
    file_connection_.execute(fmt::format("INSERT INTO sealed.stored_{} BY NAME {}", name,
                                         replaced(sql_text(name), "{events}", events)),
                             kWrite);
  }
}

void IndexWriter::fold_new_events() {
  if (last_event_number_ <= folded_through_) return;
  fold_events(fmt::format("(FROM sealed.stored_events WHERE event_number > {})", folded_through_));
  folded_through_ = last_event_number_;
}

// Removes the events; what the tables of sessions tell of theirs is made of the others anew.
void IndexWriter::remove_events(const std::string& events) {
  DuckResult found =
      file_connection_.query(fmt::format("SELECT DISTINCT session_id FROM {}", events), {}, kRead);
  std::string sessions = "''";
  while (found.next_row()) sessions += fmt::format(", '{}'", replaced(found.text(0), "'", "''"));
  file_connection_.execute("DELETE FROM " + events, kWrite);
  for (const char* name : {"session_starts", "session_parts", "instrument_moves"}) {
    file_connection_.execute(
        fmt::format("DELETE FROM sealed.stored_{} WHERE session_id IN ({})", name, sessions),
        kWrite);
  }
  fold_events(fmt::format("(FROM sealed.stored_events WHERE session_id IN ({}))", sessions));
  DuckResult last = file_connection_.query(
      "SELECT coalesce(max(event_number), 0) FROM sealed.stored_events", {}, kRead);
  last.next_row();
  folded_through_ = last.integer(0);
}

void IndexWriter::forget_file_names(const char* table, const ValueList& folders,
                                    const ValueList& names) {
  if (names.empty()) return;
  file_connection_.query(
      fmt::format("DELETE FROM sealed.{} WHERE (folder, name) IN"
                  " (SELECT unnest($folders::VARCHAR[]), unnest($names::VARCHAR[]))",
                  table),
      {{"folders", folders}, {"names", names}}, kWrite);
}

void IndexWriter::flush_event_file_names() {
  ValueList folders;
  ValueList names;
  for (const auto& [path, file] : new_event_files_) {
    folders.emplace_back(parent_folder(path));
    names.emplace_back(file_name(path));
    const TableWriter::Row row = event_files_table_.add_row();
    event_files_table_.set(row, 0, std::string_view(*folders.back().get_if<std::string>()));
    event_files_table_.set(row, 1, std::string_view(*names.back().get_if<std::string>()));
    event_files_table_.set(row, 2, writer_key(file.writer_id));
    event_files_table_.set(row, 3, std::string_view(file.session_id.to_string()));
    event_files_table_.set(row, 4, file.last_seq);
    event_files_table_.set(row, 5, static_cast<std::int64_t>(file.size));
    event_files_table_.set(row, 6, file.finished);
  }
  forget_file_names("indexed_event_files", folders, names);
  event_files_table_.flush();
}

void IndexWriter::flush_file_names() {
  ValueList folders;
  ValueList names;
  for (const auto& [path, key] : std::exchange(replaced_files_, {})) {
    folders.emplace_back(parent_folder(path));
    names.emplace_back(file_name(path));
  }
  forget_file_names("indexed_files", folders, names);
  for (const auto& [path, file] : std::exchange(new_files_, {})) {
    const TableWriter::Row row = files_table_.add_row();
    files_table_.set(row, 0, std::string_view(parent_folder(path)));
    files_table_.set(row, 1, std::string_view(file_name(path)));
    files_table_.set(row, 2, static_cast<std::int64_t>(file.size));
    files_table_.set(row, 3, file.modified_us);
  }
  files_table_.flush();
  flush_event_file_names();
  for (const std::string& path : new_folders_) {
    file_connection_.query("DELETE FROM sealed.indexed_folders WHERE path = $path",
                           {{"path", path}}, kWrite);
    file_connection_.query("INSERT INTO sealed.indexed_folders VALUES ($path, $time)",
                           {{"path", path}, {"time", folders_[path]}}, kWrite);
  }
  new_folders_.clear();
  if (!std::exchange(broken_changed_, false)) return;
  file_connection_.execute("DELETE FROM sealed.broken_files", kWrite);
  for (const auto& [path, broken] : broken_) {
    file_connection_.query("INSERT INTO sealed.broken_files VALUES ($path, $size, $time, $reason)",
                           {{"path", path},
                            {"size", static_cast<std::int64_t>(broken.file.size)},
                            {"time", broken.file.modified_us},
                            {"reason", broken.reason}},
                           kWrite);
  }
}

void IndexWriter::flush_to_file() {
  begin(sealed_);
  kinds_table_.flush();
  limits_table_.flush();
  const auto& tables = sealed_.tables;
  rows_since_checkpoint_ +=
      static_cast<std::int64_t>(tables.steps.pending_rows() + tables.measurements.pending_rows());
  flush_runs(sealed_);
  move_events();
  events_.flush();
  fold_new_events();
  flush_file_names();
  writers_table_.flush();
}

void IndexWriter::commit() {
  const std::lock_guard lock(mutex_);
  try {
    if (kinds_table_.pending_rows() + limits_table_.pending_rows() + writers_table_.pending_rows() >
        0) {
      begin(sealed_);
    }
    if (!sealed_.begun) find_replaced();
    if (!sealed_.forgotten.empty()) begin(sealed_);
    const auto new_events = static_cast<std::int64_t>(events_.pending_rows());
    const bool to_file = file_is_due();
    if (to_file) {
      flush_to_file();
    } else if (new_events > 0) {
      begin(live_);
      events_.flush_into(memory_connection_, IndexStorage::kLiveCatalog, IndexStorage::kLiveSchema);
    }
    if (live_.begun) flush_runs(live_);
    if (!sealed_.begun && !live_.begun) return;
    {
      const std::unique_lock snapshot(storage_.snapshot());
      if (std::exchange(sealed_.begun, false)) file_connection_.execute("COMMIT", kWrite);
      if (std::exchange(live_.begun, false)) memory_connection_.execute("COMMIT", kWrite);
      if (std::exchange(columns_added_, false)) storage_.make_views(registry_.columns());
    }
    live_events_ = to_file ? 0 : live_events_ + new_events;
    events_moved_ = false;
    if (to_file) {
      const std::lock_guard files_lock(event_files_mutex_);
      new_event_files_.clear();
    }
    if (to_file) last_file_commit_ = std::chrono::steady_clock::now();
  } catch (const Error&) {
    give_up();
    throw;
  }
  checkpoint_if_due();
}

// Outside the lock of the readers, since it takes its time.
void IndexWriter::checkpoint_if_due() {
  const auto checkpoint = [](DuckConnection& connection, const char* statement, std::int64_t& rows,
                             std::int64_t most) {
    if (rows < most) return;
    try {
      connection.execute(statement, kWrite);
      rows = 0;
    } catch (const Error&) {  // a reader is in its way; the next commit tries again
    }
  };
  checkpoint(memory_connection_, "CHECKPOINT memory", dead_live_rows_, kMostDeadLiveRows);
  checkpoint(file_connection_, "CHECKPOINT sealed", rows_since_checkpoint_, kRowsPerCheckpoint);
}

std::vector<IndexedFile> IndexWriter::files_in(const std::string& folder) {
  const IndexStorage::Reader reader(storage_);
  DuckResult rows = reader->query(
      "SELECT name, size, modified_us FROM sealed.indexed_files WHERE folder = $value",
      {{"value", folder}}, kRead);
  std::vector<IndexedFile> result;
  while (rows.next_row()) {
    result.push_back({join_path(folder, std::string(rows.text(0))),
                      static_cast<std::uint64_t>(rows.integer(1)), rows.integer(2)});
  }
  return result;
}

std::vector<std::string> IndexWriter::folders_with_files() {
  const IndexStorage::Reader reader(storage_);
  DuckResult rows = reader->query(
      "SELECT folder FROM sealed.indexed_files UNION SELECT folder FROM sealed.indexed_event_files",
      {}, kRead);
  std::vector<std::string> result;
  while (rows.next_row()) result.emplace_back(rows.text(0));
  return result;
}

std::vector<BrokenFile> IndexWriter::broken_files() {
  const std::lock_guard lock(mutex_);
  std::vector<BrokenFile> result;
  result.reserve(broken_.size());
  for (const auto& [path, broken] : broken_) result.push_back(broken);
  return result;
}

std::vector<std::pair<std::string, std::int64_t>> IndexWriter::folders() {
  const std::lock_guard lock(mutex_);
  return {folders_.begin(), folders_.end()};
}

std::int64_t IndexWriter::last_event_number() {
  const std::lock_guard lock(mutex_);
  return last_event_number_;
}

std::int64_t IndexWriter::columns_left_out() {
  const std::lock_guard lock(mutex_);
  return static_cast<std::int64_t>(registry_.left_out());
}

std::optional<std::string> IndexWriter::file_of_run(const Uuid& run_id) {
  const std::lock_guard lock(mutex_);
  const std::string id = run_id.to_string();
  if (live_runs_.contains(id)) return std::nullopt;
  sealed_.tables.runs.flush();
  DuckResult rows = file_connection_.query(
      "SELECT file_path, run_key FROM sealed.stored_runs WHERE run_id = $id"
      " ORDER BY run_key DESC LIMIT 1",
      {{"id", id}}, kRead);
  if (!rows.next_row() || rows.is_null(0)) return std::nullopt;
  std::string path(rows.text(0));
  const auto put = replaced_files_.find(path);
  if (put != replaced_files_.end() && rows.integer(1) < put->second) return std::nullopt;
  return path;
}

}  // namespace litmus
