// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/live_run_part.h"
#include "litmus/ids.h"
#include "litmus/time.h"
#include "litmus/value.h"

namespace arrow {
class RecordBatchReader;
}

namespace litmus {

// A run file as the index knows it, to tell whether it changed.
struct IndexedFile {
  std::string path;  // absolute
  std::uint64_t size = 0;
  std::int64_t modified_us = 0;  // of the file, microseconds since 1970
};

// An event file as the index knows it: how much of it is in the relation `events`.
struct IndexedEventFile {
  std::string path;  // absolute
  Uuid writer_id;
  Uuid session_id;
  std::int64_t last_seq = -1;  // highest that is indexed
  std::uint64_t size = 0;
  bool finished = false;  // has its end marker, all is indexed, every run of its session is sealed
};

// A row for the relation `events`. Texts are valid during the call.
struct IndexedEvent {
  std::int64_t event_number = 0;
  Uuid writer_id;
  std::int64_t seq = 0;
  Timestamp occurred_at;
  Timestamp received_at;
  std::string_view id;
  std::string_view event_type;
  std::string_view session_id;
  std::optional<std::string_view> run_id;
  std::string_view json;
};

// A file that could not be used, with the reason; it is tried again when it changes.
struct BrokenFile {
  IndexedFile file;
  std::string reason;
};

struct SqlLimits {
  std::int64_t seconds = 30;
  std::int64_t rows = 10'000'000;
  // Nobody waits for the answer any more. From any thread; absent: somebody does.
  std::function<bool()> is_cancelled = {};
};

// Everything that can be asked of a data directory, in a DuckDB database that may be deleted at any
// time: sealed runs in a file, running ones in memory, both behind the relations `runs`, `steps`,
// `measurements`, `events` and `sessions` (views.sql).
//
// Writing: one thread at a time (a lock inside sees to it); what is put is seen by queries after
// commit(), all of it at once: a run is never missing or there twice while it is sealed. Queries:
// any number of threads. Durable is nothing: after a crash the index is what it was at an earlier
// commit(), or gone; the files are the truth.
class Index {
 public:
  struct Options {
    std::string path;  // of the index file; empty: in memory
    std::int64_t memory_mb = 160;
    int threads = 2;
  };

  // Creates the file where there is none. One that is damaged or of another version is deleted and
  // made anew. Error(kBusy) when another process has it open, Error(kIo) where it cannot be made.
  explicit Index(const Options& options);
  ~Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  // Why the file that was there could not be used; empty if it could, or if there was none.
  const std::string& why_made_anew() const;

  // Rows in the columns of a run file; missing columns read NULL, unknown ones are passed over.
  // Replaces what is known of the run, live or sealed. `file` absent: the run is not sealed.
  // Error(kCorrupt) when there is no run row to be made of it; nothing has changed then.
  void put_run(arrow::RecordBatchReader& rows, const std::optional<IndexedFile>& file);
  // Some rows of a running run whose others stay. False if the index lacks the others: then all of
  // them have to be put.
  bool put_live_part(const Uuid& run_id, arrow::RecordBatchReader& rows, const LiveRunPart& part);
  // Forgets the running run.
  void remove_live_run(const Uuid& run_id);
  // Forgets the runs of these files, which are gone or broken.
  void remove_files(std::span<const std::string> paths);
  void put_broken_file(const BrokenFile& file);

  // Those whose (writer_id, seq) is known already must not be put again.
  void put_events(std::span<const IndexedEvent> events);
  void put_event_file(const IndexedEventFile& file);  // replaces what is known of the path
  void remove_event_files(std::span<const std::string> paths);  // with their events

  // When the folder was last looked through completely (its own modification time then).
  void put_folder(const std::string& path, std::int64_t modified_us);

  void commit();

  // What is known of files, by folder, since there are as many of them as there are runs. Run files
  // as of the last commit.
  std::vector<IndexedFile> files_in(const std::string& folder) const;
  std::vector<IndexedEventFile> event_files_in(const std::string& folder) const;
  std::vector<IndexedEventFile> event_files_of(std::span<const Uuid> session_ids) const;
  std::vector<IndexedEventFile> unfinished_event_files() const;
  std::vector<std::string> folders_with_files() const;
  std::vector<BrokenFile> broken_files() const;
  std::vector<std::pair<std::string, std::int64_t>> folders() const;
  std::int64_t last_event_number() const;
  // Dynamic columns that are only in the run files, because there are too many of them.
  std::int64_t columns_left_out() const;
  enum class Condition {
    kGood,
    kRefusing,  // everything until it is opened again, as after a checkpoint on a full disk
    kDamaged,   // it has to be made anew
  };
  Condition condition() const;  // to be asked when a write has failed
  // A query, or a write, met something that could not be read: Error(kUnavailable) told so. It has
  // to be made anew.
  bool is_damaged() const;
  // Path of its file, if the run is sealed.
  std::optional<std::string> file_of_run(const Uuid& run_id) const;

  // One of the named queries (query_catalogue.h) with its parameters by name. Results are whole in
  // memory. Error(kInvalidArgument) names the parameter, what was expected and what was found.
  std::shared_ptr<arrow::RecordBatchReader> query(std::string_view name,
                                                  const ValueMap& parameters) const;
  // Foreign SQL: exactly one SELECT over the relations, that can read or write no file.
  // Error(kInvalidArgument) with line and column for what does not parse or bind,
  // Error(kUnauthorized) for what is not allowed, Error(kUnavailable) beyond a limit.
  std::shared_ptr<arrow::RecordBatchReader> sql(std::string_view statement,
                                                const SqlLimits& limits = {}) const;
  // Running queries end with Error(kUnavailable).
  void interrupt();

 private:
  class Database;
  std::unique_ptr<Database> database_;
};

void remove_index_file(const std::string& path);

}  // namespace litmus
