// SPDX-License-Identifier: Apache-2.0
#include "index/index_writer.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "litmus/error.h"
#include "store/arrow_status.h"

namespace litmus {
namespace {

constexpr const char* kWrite = "write to the index";
constexpr const char* kRead = "read the index";
// Rows that wait outside the database: enough to make its work per row small.
constexpr std::size_t kPendingRows = 16 * 1024;

RunTables run_tables(DuckConnection& connection, const std::string& catalog,
                     const std::string& schema) {
  return {TableWriter(connection, catalog, schema, "stored_runs"),
          TableWriter(connection, catalog, schema, "stored_steps"),
          TableWriter(connection, catalog, schema, "stored_measurements")};
}

}  // namespace

IndexWriter::IndexWriter(IndexStorage& storage)
    : storage_(storage),
      file_connection_(storage.connect()),
      memory_connection_(storage.connect()),
      sealed_{
          file_connection_, "sealed", run_tables(file_connection_, "sealed", "main"), false, {}},
      live_{memory_connection_,
            IndexStorage::kLiveSchema,
            run_tables(memory_connection_, IndexStorage::kLiveCatalog, IndexStorage::kLiveSchema),
            false,
            {}},
      kinds_table_(file_connection_, "sealed", "main", "measurement_kinds"),
      limits_table_(file_connection_, "sealed", "main", "measurement_limits"),
      writers_table_(file_connection_, "sealed", "main", "stored_writers"),
      events_(file_connection_, "sealed", "main", "stored_events"),
      files_table_(file_connection_, "sealed", "main", "indexed_files"),
      event_files_table_(file_connection_, "sealed", "main", "indexed_event_files"),
      kinds_(kinds_table_),
      limits_(limits_table_),
      registry_([this](const auto& column) { add_column(column); }),
      last_file_commit_(std::chrono::steady_clock::now()) {
  load();
}

IndexWriter::~IndexWriter() {
  try {
    const std::lock_guard lock(mutex_);
    begin(sealed_);
  } catch (const Error&) {
    return;
  }
  try {
    commit();
  } catch (const Error&) {  // the files are the truth
  }
}

// Everything kept beside the tables, from the tables: nothing that grows with the history.
void IndexWriter::load() {
  DuckConnection& file = file_connection_;
  kinds_.load(file);
  limits_.forget();
  registry_.clear();
  DuckResult columns = file.query("FROM sealed.dynamic_columns", {}, kRead);
  while (columns.next_row()) {
    registry_.restore(
        {std::string(columns.text(0)), std::string(columns.text(1)), std::string(columns.text(2))});
  }
  const auto number = [&file](const char* sql) {
    DuckResult result = file.query(sql, {}, kRead);
    result.next_row();
    return result.integer(0);
  };
  next_run_key_ = number("SELECT coalesce(max(run_key), -1) + 1 FROM sealed.stored_runs");
  live_runs_.clear();
  DuckResult runs = file.query("SELECT run_key, run_id FROM live.stored_runs", {}, kRead);
  while (runs.next_row()) {
    live_runs_[std::string(runs.text(1))].key = runs.integer(0);
    next_run_key_ = std::max(next_run_key_, runs.integer(0) + 1);
  }
  writers_.clear();
  next_writer_key_ = number("SELECT coalesce(max(writer_key), -1) + 1 FROM sealed.stored_writers");
  folded_through_ = number("SELECT coalesce(max(event_number), 0) FROM sealed.stored_events");
  last_event_number_ = std::max(
      folded_through_, number("SELECT coalesce(max(event_number), 0) FROM live.stored_events"));
  live_events_ = number("SELECT count(*) FROM live.stored_events");
  folders_.clear();
  DuckResult folders = file.query("FROM sealed.indexed_folders", {}, kRead);
  while (folders.next_row()) folders_[std::string(folders.text(0))] = folders.integer(1);
  broken_.clear();
  DuckResult broken = file.query("FROM sealed.broken_files", {}, kRead);
  while (broken.next_row()) {
    const std::string path(broken.text(0));
    broken_[path] = {{path, static_cast<std::uint64_t>(broken.integer(1)), broken.integer(2)},
                     std::string(broken.text(3))};
  }
}

void IndexWriter::begin(Side& side) {
  if (!side.begun) side.connection.execute("BEGIN", kWrite);
  side.begun = true;
}

void IndexWriter::give_up() {
  for (Side* side : {&sealed_, &live_}) {
    side->tables.runs.clear();
    side->tables.steps.clear();
    side->tables.measurements.clear();
    side->forgotten.clear();
    try {
      if (std::exchange(side->begun, false)) side->connection.execute("ROLLBACK", kWrite);
    } catch (const Error&) {  // then there is none
    }
    if (columns_added_) side->tables.measurements.columns_changed();
    if (columns_added_) side->tables.runs.columns_changed();
  }
  for (TableWriter* table : {&kinds_table_, &limits_table_, &writers_table_, &events_,
                             &files_table_, &event_files_table_}) {
    table->clear();
  }
  columns_added_ = false;
  events_moved_ = false;
  replaced_runs_.clear();
  replaced_files_.clear();
  new_files_.clear();
  {
    const std::lock_guard lock(event_files_mutex_);
    new_event_files_.clear();
  }
  new_folders_.clear();
  broken_changed_ = false;
  load();
}

void IndexWriter::add_column(const DynamicColumnRegistry::Column& column) {
  columns_added_ = true;
  for (Side* side : {&sealed_, &live_}) {
    begin(*side);
    TableWriter& table =
        column.table == "stored_runs" ? side->tables.runs : side->tables.measurements;
    table.flush();
    side->connection.execute(fmt::format("ALTER TABLE {}.{} ADD COLUMN {} {}", side->prefix,
                                         column.table, quoted_name(column.name), column.type),
                             kWrite);
    table.columns_changed();
  }
  file_connection_.query("INSERT INTO sealed.dynamic_columns VALUES ($table, $name, $type)",
                         {{"table", column.table}, {"name", column.name}, {"type", column.type}},
                         kWrite);
}

void IndexWriter::put_run(arrow::RecordBatchReader& rows, const std::optional<IndexedFile>& file) {
  const std::lock_guard lock(mutex_);
  Side& side = file ? sealed_ : live_;
  begin(side);
  ingest(side, rows, file);
  flush_if_many(side);
}

void IndexWriter::ingest(Side& side, arrow::RecordBatchReader& rows,
                         const std::optional<IndexedFile>& file) {
  const std::string name = file ? file->path : "a running run";
  const auto schema = rows.schema();
  if (!schema->GetFieldByName("record_type") || !schema->GetFieldByName("run_id")) {
    throw Error(
        Code::kCorrupt,
        fmt::format("{}: not run rows: there is no column `record_type` or `run_id`", name));
  }
  RunIngest ingest(side.tables, kinds_, limits_, registry_, *schema,
                   file ? std::optional(file->path) : std::nullopt, next_run_key_);
  RunTables& tables = side.tables;
  const std::array ends{tables.runs.end(), tables.steps.end(), tables.measurements.end()};
  std::vector<IngestedRun> runs;
  try {
    while (const auto batch = value_or_throw(rows.Next(), "read the rows of " + name)) {
      ingest.add(*batch);
    }
    runs = ingest.finish();
    if (runs.empty()) throw Error(Code::kCorrupt, name + ": there is no row of a run in it");
  } catch (...) {
    tables.runs.roll_back(ends[0]);
    tables.steps.roll_back(ends[1]);
    tables.measurements.roll_back(ends[2]);
    throw;
  }
  for (const IngestedRun& run : runs) {
    // Where it was live, what was sealed had gone before.
    if (!forget_live(run.run_id)) replaced_runs_[run.run_id] = run.run_key;
    if (!file) live_runs_[run.run_id] = {run.run_key, 1};
    next_run_key_ = run.run_key + 1;
  }
  if (!file) return;
  replaced_files_[file->path] = runs.front().run_key;  // it may have had other runs
  new_files_[file->path] = *file;
  broken_changed_ |= broken_.erase(file->path) > 0;
}

bool IndexWriter::put_live_part(const Uuid& run_id, arrow::RecordBatchReader& rows,
                                const LiveRunPart& part) {
  const std::lock_guard lock(mutex_);
  const auto known = live_runs_.find(run_id.to_string());
  if (known == live_runs_.end() || known->second.puts != part.puts_before) return false;
  begin(live_);
  RunTables& tables = live_.tables;
  try {
    tables.runs.flush();
    tables.steps.flush();
    tables.measurements.flush();
    delete_live_rows(known->second.key, part.removed);
    const auto schema = rows.schema();
    RunIngest ingest(tables, kinds_, limits_, registry_, *schema, std::nullopt, known->second.key,
                     &part);
    while (const auto batch = value_or_throw(rows.Next(), "read the rows of a running run")) {
      ingest.add(*batch);
    }
    ingest.finish();
  } catch (...) {
    give_up();
    throw;
  }
  ++known->second.puts;
  flush_if_many(live_);
  return true;
}

// Its run row, and those of its steps and measurements with these numbers.
void IndexWriter::delete_live_rows(std::int64_t run_key,
                                   const std::vector<LiveRunPart::Range>& rows) {
  const auto remove = [&](const char* table, const std::string& which) {
    DuckResult deleted = memory_connection_.query(
        fmt::format("DELETE FROM {}.{} WHERE run_key = {}{}", live_.prefix, table, run_key, which),
        {}, kWrite);
    if (deleted.next_row()) dead_live_rows_ += deleted.integer(0);
  };
  remove("stored_runs", "");
  if (rows.empty()) return;
  std::string which;
  for (const LiveRunPart::Range& range : rows) {
    which += fmt::format("{} row_seq BETWEEN {} AND {}", which.empty() ? " AND (" : " OR",
                         range.first, range.last);
  }
  which += ')';
  remove("stored_steps", which);
  remove("stored_measurements", which);
}

bool IndexWriter::forget_live(const std::string& run_id) {
  const auto known = live_runs_.find(run_id);
  if (known == live_runs_.end()) return false;
  begin(live_);
  live_.forgotten.push_back(known->second.key);
  live_runs_.erase(known);
  return true;
}

// Sealed rows that something newer stands for.
void IndexWriter::find_replaced() {
  const auto find = [this](const char* column, const auto& replaced) {
    if (replaced.empty()) return;
    ValueList names;
    ValueList keys;
    for (const auto& [name, key] : replaced) {
      names.emplace_back(name);
      keys.emplace_back(key);
    }
    DuckResult rows = file_connection_.query(
        fmt::format("SELECT run_key FROM sealed.stored_runs JOIN (SELECT unnest($names::VARCHAR[]) "
                    "AS {0}, unnest($keys::BIGINT[]) AS first_key) USING ({0})"
                    " WHERE run_key < first_key",
                    column),
        {{"names", std::move(names)}, {"keys", std::move(keys)}}, kRead);
    while (rows.next_row()) sealed_.forgotten.push_back(rows.integer(0));
  };
  find("run_id", std::exchange(replaced_runs_, {}));
  find("file_path", replaced_files_);
}

void IndexWriter::remove_live_run(const Uuid& run_id) {
  const std::lock_guard lock(mutex_);
  forget_live(run_id.to_string());
}

void IndexWriter::remove_files(std::span<const std::string> paths) {
  const std::lock_guard lock(mutex_);
  begin(sealed_);
  for (const std::string& path : paths) {
    replaced_files_[path] = next_run_key_;
    new_files_.erase(path);
    broken_changed_ |= broken_.erase(path) > 0;
  }
}

void IndexWriter::flush_runs(Side& side) {
  side.tables.runs.flush();
  side.tables.steps.flush();
  side.tables.measurements.flush();
  if (&side == &sealed_) find_replaced();
  if (side.forgotten.empty()) return;
  // Written out, so that only the row groups with these keys are looked at.
  const std::string keys = fmt::format("{}", fmt::join(side.forgotten, ", "));
  for (const char* table : {"stored_runs", "stored_steps", "stored_measurements"}) {
    DuckResult deleted = side.connection.query(
        fmt::format("DELETE FROM {}.{} WHERE run_key IN ({})", side.prefix, table, keys), {},
        kWrite);
    if (&side == &live_ && deleted.next_row()) dead_live_rows_ += deleted.integer(0);
  }
  side.forgotten.clear();
}

void IndexWriter::flush_if_many(Side& side) {
  const std::size_t rows =
      side.tables.steps.pending_rows() + side.tables.measurements.pending_rows();
  if (rows < kPendingRows && side.tables.runs.pending_rows() < kPendingRows) return;
  try {
    if (&side == &sealed_) rows_since_checkpoint_ += static_cast<std::int64_t>(rows);
    side.tables.runs.flush();
    side.tables.steps.flush();
    side.tables.measurements.flush();
  } catch (const Error&) {
    give_up();
    throw;
  }
}

}  // namespace litmus
