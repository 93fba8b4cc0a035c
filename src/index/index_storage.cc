// SPDX-License-Identifier: Apache-2.0
#include "index/index_storage.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/file_system.h"
#include "index/fingerprint.h"
#include "index/index.h"
#include "index/sql_text.h"
#include "litmus/error.h"

namespace litmus {
namespace {

constexpr const char* kOpen = "open the index";
// Raise it when the same tables are filled differently.
constexpr std::int64_t kFillingVersion = 1;

// Changes with the tables, and with what fills some of them.
std::int64_t format_version() {
  Fingerprint print(sql_text("tables"));
  for (const char* text :
       {"sealed_tables", "session_starts", "session_parts", "instrument_moves"}) {
    print.add(sql_text(text));
  }
  print.add(duckdb_library_version());  // whose hashes are stored
  return static_cast<std::int64_t>(print.low >> 8U) + kFillingVersion;
}

// Where what does not fit into memory goes: large sorts, and tables while they are written.
std::string temporary_folder(const std::string& path) { return path + ".tmp"; }
constexpr const char* kMostTemporary = "4GB";

// Left by a process that was killed.
void clear_temporary_folder(const std::string& path) {
  FileSystem& files = posix_file_system();
  const std::string folder = temporary_folder(path);
  if (!files.exists(folder)) return;
  for (const DirectoryEntry& entry : files.list(folder)) {
    files.remove(join_path(folder, entry.name));
  }
  files.remove_folder(folder);
}

bool is_locked(const Error& error) {
  return std::string_view(error.what()).find("Could not set lock") != std::string_view::npos;
}

}  // namespace

std::unique_ptr<IndexStorage> open_index_storage(const std::string& path, std::int64_t memory_mb,
                                                 int threads, std::string& why_anew) {
  try {
    return std::make_unique<IndexStorage>(path, memory_mb, threads);
  } catch (const Error& error) {
    if (path.empty()) throw;
    if (is_locked(error)) {
      throw Error(Code::kBusy, fmt::format("{}: another process has the index open; it may be "
                                           "another daemon or a database tool",
                                           path));
    }
    why_anew = error.what();
  }
  remove_index_file(path);
  return std::make_unique<IndexStorage>(path, memory_mb, threads);
}

void remove_index_file(const std::string& path) {
  if (path.empty()) return;
  posix_file_system().remove(path);
  posix_file_system().remove(path + ".wal");
}

IndexStorage::IndexStorage(const std::string& path, std::int64_t memory_mb, int threads)
    : database_({{"memory_limit", fmt::format("{}MB", memory_mb)},
                 {"threads", std::to_string(threads)},
                 {"temp_directory", path.empty() ? "" : temporary_folder(path)},
                 {"max_temp_directory_size", kMostTemporary},
                 {"autoinstall_known_extensions", "false"},
                 {"autoload_known_extensions", "false"},
                 {"allow_persistent_secrets", "false"}}),
      views_(std::make_unique<DuckConnection>(database_)) {
  views_->execute("SET GLOBAL TimeZone = 'UTC'", kOpen);
  attach(path);
  create_tables();
  lock_down();
}

void IndexStorage::attach(const std::string& path) {
  const std::string file = path.empty() ? ":memory:" : replaced(path, "'", "''");
  // The newest format compresses best, and nobody else has to read the file. Small row groups let
  // two threads share even a table of few rows.
  views_->execute(
      fmt::format("ATTACH '{}' AS sealed{}", file,
                  path.empty() ? "" : " (STORAGE_VERSION 'latest', ROW_GROUP_SIZE 16384)"),
      kOpen);
  if (!path.empty()) clear_temporary_folder(path);
  DuckResult tables = views_->query(
      "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'sealed'", {}, kOpen);
  tables.next_row();
  if (tables.integer(0) == 0) {
    views_->execute("BEGIN", kOpen);
    views_->execute(replaced(sql_text("tables"), "{db}", "sealed"), kOpen);
    views_->execute(std::string(sql_text("sealed_tables")), kOpen);
    views_->execute(fmt::format("INSERT INTO sealed.index_format VALUES ({})", format_version()),
                    kOpen);
    views_->execute("COMMIT", kOpen);
    return;
  }
  DuckResult version = views_->query("SELECT version FROM sealed.index_format", {}, kOpen);
  if (!version.next_row() || version.integer(0) != format_version()) {
    throw Error(Code::kCorrupt, fmt::format("{}: an index of another version", path));
  }
}

void IndexStorage::create_tables() {
  views_->execute(fmt::format("CREATE SCHEMA {}", kLiveSchema), kOpen);
  views_->execute(replaced(sql_text("tables"), "{db}", kLiveSchema), kOpen);
  std::vector<DynamicColumnRegistry::Column> columns;
  DuckResult rows = views_->query("FROM sealed.dynamic_columns", {}, kOpen);
  while (rows.next_row()) {
    columns.push_back(
        {std::string(rows.text(0)), std::string(rows.text(1)), std::string(rows.text(2))});
  }
  for (const auto& column : columns) {
    views_->execute(fmt::format("ALTER TABLE {}.{} ADD COLUMN {} {}", kLiveSchema, column.table,
                                quoted_name(column.name), column.type),
                    kOpen);
  }
  views_->execute(std::string(sql_text("functions")), kOpen);
  make_views(columns);
}

// After that no statement can open a file or change a setting; our own files are open already.
void IndexStorage::lock_down() {
  views_->execute("SET GLOBAL errors_as_json = true; SET GLOBAL enable_external_access = false",
                  kOpen);
  views_->execute("SET GLOBAL lock_configuration = true", kOpen);
}

void IndexStorage::make_views(std::span<const DynamicColumnRegistry::Column> columns) {
  std::string of_measurements;
  for (const auto& column : columns) {
    of_measurements += column.table == "stored_runs" ? ", r." : ", m.";
    of_measurements += quoted_name(column.name);
  }
  std::string views = replaced(sql_text("views"), "{measurement_columns}", of_measurements);
  for (const std::string name : {"session_starts", "session_parts", "instrument_moves"}) {
    views = replaced(views, fmt::format("{{live_{}}}", name),
                     replaced(sql_text(name), "{events}", "live.stored_events"));
  }
  views_->execute(views, "make the views of the index");
}

IndexStorage::Reader::Reader(IndexStorage& storage) : storage_(storage) {
  const std::lock_guard lock(storage.readers_mutex_);
  if (storage.idle_.empty()) {
    connection_ = std::make_unique<DuckConnection>(storage.database_);
  } else {
    connection_ = std::move(storage.idle_.back());
    storage.idle_.pop_back();
  }
  storage.busy_.push_back(connection_.get());
}

IndexStorage::Reader::~Reader() {
  const std::lock_guard lock(storage_.readers_mutex_);
  std::erase(storage_.busy_, connection_.get());
  storage_.idle_.push_back(std::move(connection_));
}

void IndexStorage::interrupt() {
  const std::lock_guard lock(readers_mutex_);
  for (const DuckConnection* connection : busy_) connection->interrupt();
}

}  // namespace litmus
