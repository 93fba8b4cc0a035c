// SPDX-License-Identifier: Apache-2.0
#include "index/index.h"

#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "index/foreign_sql.h"
#include "index/index_storage.h"
#include "index/index_writer.h"
#include "index/query_catalogue.h"
#include "index/read_transaction.h"
#include "litmus/error.h"

namespace litmus {
namespace {

constexpr std::array<std::string_view, 4> kNumbers{"DOUBLE", "BIGINT", "INTEGER", "BOOLEAN"};

// What DuckDB would say of a column that is none speaks of SQL that the user has not written.
void check_columns(DuckConnection& connection, std::string_view query,
                   const std::vector<NamedColumn>& columns) {
  for (const NamedColumn& column : columns) {
    const std::string_view relation = column.differs ? "measurement_rows" : "measurements";
    DuckResult found = connection.query(
        "SELECT data_type FROM system.main.duckdb_columns() "
        "WHERE table_name = $relation AND column_name = $name "
        "AND database_name = current_database()",
        {{"relation", relation}, {"name", column.name}}, "look for a column");
    const bool exists = found.next_row();
    if (exists &&
        (!column.is_number || std::ranges::find(kNumbers, found.text(0)) != kNumbers.end())) {
      continue;
    }
    const std::string_view expected =
        column.is_number ? "a column of numbers"
        : column.differs ? "a column in which the measurements of a run differ, such as in_load"
                         : "a column";
    throw Error(
        Code::kInvalidArgument,
        fmt::format("query {}: parameter {}: expected {} of the relation measurements, which "
                    "`litmus sql \"DESCRIBE measurements\"` lists; found {}{}",
                    query, column.parameter, expected, column.name,
                    exists ? fmt::format(" of type {}", found.text(0)) : ""));
  }
}

}  // namespace

class Index::Database {
 public:
  explicit Database(const Options& options) {
    open(options);
    try {
      writer = std::make_unique<IndexWriter>(*storage);
    } catch (const Error& error) {  // its tables cannot be read
      why_made_anew = error.what();
      storage.reset();
      remove_index_file(options.path);
      open(options);
      writer = std::make_unique<IndexWriter>(*storage);
    }
  }

  std::string why_made_anew;
  std::unique_ptr<IndexStorage> storage;
  std::unique_ptr<IndexWriter> writer;

 private:
  void open(const Options& options) {
    storage = open_index_storage(options.path, options.memory_mb, options.threads, why_made_anew);
  }
};

Index::Index(const Options& options) : database_(std::make_unique<Database>(options)) {}
Index::~Index() = default;

const std::string& Index::why_made_anew() const { return database_->why_made_anew; }

void Index::put_run(arrow::RecordBatchReader& rows, const std::optional<IndexedFile>& file) {
  database_->writer->put_run(rows, file);
}
bool Index::put_live_part(const Uuid& run_id, arrow::RecordBatchReader& rows,
                          const LiveRunPart& part) {
  return database_->writer->put_live_part(run_id, rows, part);
}
void Index::remove_live_run(const Uuid& run_id) { database_->writer->remove_live_run(run_id); }
void Index::remove_files(std::span<const std::string> paths) {
  database_->writer->remove_files(paths);
}
void Index::put_broken_file(const BrokenFile& file) { database_->writer->put_broken_file(file); }
void Index::put_events(std::span<const IndexedEvent> events) {
  database_->writer->put_events(events);
}
void Index::put_event_file(const IndexedEventFile& file) {
  database_->writer->put_event_file(file);
}
void Index::remove_event_files(std::span<const std::string> paths) {
  database_->writer->remove_event_files(paths);
}
void Index::put_folder(const std::string& path, std::int64_t modified_us) {
  database_->writer->put_folder(path, modified_us);
}
void Index::commit() { database_->writer->commit(); }

std::vector<IndexedFile> Index::files_in(const std::string& folder) const {
  return database_->writer->files_in(folder);
}
std::vector<IndexedEventFile> Index::event_files_in(const std::string& folder) const {
  return database_->writer->event_files_in(folder);
}
std::vector<IndexedEventFile> Index::event_files_of(std::span<const Uuid> session_ids) const {
  return database_->writer->event_files_of(session_ids);
}
std::vector<IndexedEventFile> Index::unfinished_event_files() const {
  return database_->writer->unfinished_event_files();
}
std::vector<std::string> Index::folders_with_files() const {
  return database_->writer->folders_with_files();
}
std::vector<BrokenFile> Index::broken_files() const { return database_->writer->broken_files(); }
std::vector<std::pair<std::string, std::int64_t>> Index::folders() const {
  return database_->writer->folders();
}
std::int64_t Index::last_event_number() const { return database_->writer->last_event_number(); }
std::int64_t Index::columns_left_out() const { return database_->writer->columns_left_out(); }
Index::Condition Index::condition() const {
  try {
    IndexStorage::Reader(*database_->storage)
        ->query("FROM sealed.index_format", {}, "look whether the index can be used");
  } catch (const Error& error) {
    if (error.code() == Code::kIo) return Condition::kRefusing;
  }
  return is_damaged() ? Condition::kDamaged : Condition::kGood;
}
bool Index::is_damaged() const { return database_->storage->is_damaged(); }
std::optional<std::string> Index::file_of_run(const Uuid& run_id) const {
  return database_->writer->file_of_run(run_id);
}

std::shared_ptr<arrow::RecordBatchReader> Index::query(std::string_view name,
                                                       const ValueMap& parameters) const {
  const PreparedQuery query = prepare_query(name, parameters);
  const IndexStorage::Reader reader(*database_->storage);
  ReadTransaction transaction(*database_->storage, *reader);
  check_columns(*reader, name, query.columns);
  DuckStatement statement = transaction.prepare(query.sql, fmt::format("answer `{}`", name));
  statement.bind(query.values);
  return statement.execute().to_arrow(std::numeric_limits<std::int64_t>::max());
}

std::shared_ptr<arrow::RecordBatchReader> Index::sql(std::string_view statement,
                                                     const SqlLimits& limits) const {
  return run_foreign_sql(*database_->storage, statement, limits);
}

void Index::interrupt() { database_->storage->interrupt(); }

}  // namespace litmus
