// SPDX-License-Identifier: Apache-2.0
// The part of the writer that is about events and files, and the commit.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "index/index_writer.h"
#include "litmus/error.h"

namespace litmus {
namespace {

constexpr const char* kWrite = "write to the index";
constexpr const char* kRead = "read the index";
constexpr std::size_t kPendingEvents = 16 * 1024;
constexpr std::int64_t kMostLiveEvents = 8 * 1024;
constexpr std::chrono::seconds kFileInterval{2};
// About 32 MB of log.
constexpr std::int64_t kRowsPerCheckpoint = 200'000;
// About 10 MB of memory.
constexpr std::int64_t kMostDeadLiveRows = 32 * 1024;

std::int64_t to_us(Timestamp time) { return time.time_since_epoch().count(); }

}  // namespace

std::int64_t IndexWriter::writer_key(const Uuid& writer_id) {
  const auto [place, is_new] =
      writers_.emplace(writer_id, static_cast<std::int64_t>(writers_.size()));
  if (is_new) {
    begin(sealed_);
    file_connection_.query("INSERT INTO sealed.stored_writers VALUES ($key, $id)",
                           {{"key", place->second}, {"id", writer_id.to_string()}}, kWrite);
  }
  return place->second;
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
  const std::lock_guard lock(mutex_);
  new_event_files_[file.path] = file;
}

std::vector<IndexedEventFile> IndexWriter::known_event_files() {
  std::vector<IndexedEventFile> result;
  DuckResult rows = file_connection_.query(
      "SELECT path, writer_id, session_id, last_seq, size, finished"
      " FROM sealed.indexed_event_files JOIN sealed.stored_writers USING (writer_key)",
      {}, kRead);
  while (rows.next_row()) {
    std::string path(rows.text(0));
    if (new_event_files_.contains(path)) continue;
    result.push_back({std::move(path), Uuid::parse(rows.text(1)), Uuid::parse(rows.text(2)),
                      rows.integer(3), static_cast<std::uint64_t>(rows.integer(4)),
                      rows.integer(5) != 0});
  }
  for (const auto& [path, file] : new_event_files_) result.push_back(file);
  return result;
}

void IndexWriter::remove_event_files(std::span<const std::string> paths) {
  const std::lock_guard lock(mutex_);
  begin(sealed_);
  events_.flush();
  move_events();
  const std::vector<IndexedEventFile> known = known_event_files();
  for (const std::string& path : paths) {
    const auto file = std::ranges::find(known, path, &IndexedEventFile::path);
    if (file == known.end()) continue;
    // Its events follow those of the segment before.
    std::int64_t before = -1;
    for (const IndexedEventFile& other : known) {
      if (other.writer_id == file->writer_id && other.last_seq < file->last_seq) {
        before = std::max(before, other.last_seq);
      }
    }
    file_connection_.query(
        "DELETE FROM sealed.stored_events"
        " WHERE writer_key = $writer AND seq > $before AND seq <= $last",
        {{"writer", writer_key(file->writer_id)}, {"before", before}, {"last", file->last_seq}},
        kWrite);
    file_connection_.query("DELETE FROM sealed.indexed_event_files WHERE path = $path",
                           {{"path", path}}, kWrite);
    new_event_files_.erase(path);
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

void IndexWriter::flush_file_names() {
  for (const auto& [path, file] : new_files_) {
    if (!file_paths_.insert(Fingerprint(path)).second) {
      file_connection_.query("DELETE FROM sealed.indexed_files WHERE path = $path",
                             {{"path", path}}, kWrite);
    }
    const TableWriter::Row row = files_table_.add_row();
    files_table_.set(row, 0, std::string_view(path));
    files_table_.set(row, 1, static_cast<std::int64_t>(file.size));
    files_table_.set(row, 2, file.modified_us);
  }
  files_table_.flush();
  new_files_.clear();
  ValueList paths;
  for (const auto& [path, file] : new_event_files_) {
    paths.emplace_back(path);
    const TableWriter::Row row = event_files_table_.add_row();
    event_files_table_.set(row, 0, std::string_view(path));
    event_files_table_.set(row, 1, writer_key(file.writer_id));
    event_files_table_.set(row, 2, std::string_view(file.session_id.to_string()));
    event_files_table_.set(row, 3, file.last_seq);
    event_files_table_.set(row, 4, static_cast<std::int64_t>(file.size));
    event_files_table_.set(row, 5, file.finished);
  }
  constexpr const char* kForget =
      "DELETE FROM sealed.{} WHERE path IN (SELECT unnest($paths::VARCHAR[]))";
  if (!paths.empty()) {
    file_connection_.query(fmt::format(fmt::runtime(kForget), "indexed_event_files"),
                           {{"paths", std::move(paths)}}, kWrite);
  }
  event_files_table_.flush();
  new_event_files_.clear();
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
  const auto& tables = sealed_.tables;
  rows_since_checkpoint_ +=
      static_cast<std::int64_t>(tables.steps.pending_rows() + tables.measurements.pending_rows());
  flush_runs(sealed_);
  move_events();
  events_.flush();
  flush_file_names();
}

void IndexWriter::commit() {
  const std::lock_guard lock(mutex_);
  try {
    if (kinds_table_.pending_rows() > 0) begin(sealed_);
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

std::vector<IndexedFile> IndexWriter::files() {
  const std::lock_guard lock(mutex_);
  std::vector<IndexedFile> result;
  DuckResult rows = file_connection_.query("FROM sealed.indexed_files", {}, kRead);
  while (rows.next_row()) {
    std::string path(rows.text(0));
    if (new_files_.contains(path)) continue;
    result.push_back(
        {std::move(path), static_cast<std::uint64_t>(rows.integer(1)), rows.integer(2)});
  }
  for (const auto& [path, file] : new_files_) result.push_back(file);
  return result;
}

std::vector<BrokenFile> IndexWriter::broken_files() {
  const std::lock_guard lock(mutex_);
  std::vector<BrokenFile> result;
  for (const auto& [path, broken] : broken_) result.push_back(broken);
  return result;
}

std::vector<IndexedEventFile> IndexWriter::event_files() {
  const std::lock_guard lock(mutex_);
  return known_event_files();
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

std::optional<IndexedFile> IndexWriter::file_of_run(const Uuid& run_id) {
  const std::lock_guard lock(mutex_);
  const auto known = runs_.find(Fingerprint(run_id.to_string()));
  if (known == runs_.end() || !known->second.sealed) return std::nullopt;
  sealed_.tables.runs.flush();
  DuckResult path = file_connection_.query(
      fmt::format("SELECT file_path FROM sealed.stored_runs WHERE run_key = {}", known->second.key),
      {}, kRead);
  if (!path.next_row() || path.is_null(0)) return std::nullopt;
  const std::string name(path.text(0));
  const auto fresh = new_files_.find(name);
  if (fresh != new_files_.end()) return fresh->second;
  DuckResult file = file_connection_.query("FROM sealed.indexed_files WHERE path = $path",
                                           {{"path", name}}, kRead);
  if (!file.next_row()) return std::nullopt;
  return IndexedFile{name, static_cast<std::uint64_t>(file.integer(1)), file.integer(2)};
}

}  // namespace litmus
