// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "index/dynamic_column_registry.h"
#include "index/index.h"
#include "index/index_storage.h"
#include "index/kind_dictionary.h"
#include "index/limits_dictionary.h"
#include "index/run_ingest.h"
#include "index/table_writer.h"

namespace litmus {

// Puts rows into the tables of the index: those of sealed runs in a transaction of the index file,
// those of running ones in one of the memory beside it. Both are ended together by commit(), the
// first only when there is something new for it: new events wait in memory for that, since writing
// the file is slow. Any thread; one at a time gets in.
class IndexWriter {
 public:
  explicit IndexWriter(IndexStorage& storage);
  ~IndexWriter();

  void put_run(arrow::RecordBatchReader& rows, const std::optional<IndexedFile>& file);
  bool put_live_part(const Uuid& run_id, arrow::RecordBatchReader& rows, const LiveRunPart& part);
  void remove_live_run(const Uuid& run_id);
  void remove_files(std::span<const std::string> paths);
  void put_broken_file(const BrokenFile& file);
  void put_events(std::span<const IndexedEvent> events);
  void put_event_file(const IndexedEventFile& file);
  void remove_event_files(std::span<const std::string> paths);
  void put_folder(const std::string& path, std::int64_t modified_us);
  void commit();

  // These do not wait for what is being written.
  std::vector<IndexedFile> files_in(const std::string& folder);
  std::vector<IndexedEventFile> event_files_in(const std::string& folder);
  std::vector<IndexedEventFile> event_files_of(std::span<const Uuid> session_ids);
  std::vector<IndexedEventFile> unfinished_event_files();
  std::vector<std::string> folders_with_files();

  std::vector<BrokenFile> broken_files();
  std::vector<std::pair<std::string, std::int64_t>> folders();
  std::int64_t last_event_number();
  std::int64_t columns_left_out();
  std::optional<std::string> file_of_run(const Uuid& run_id);

 private:
  // One of the two databases.
  struct Side {
    DuckConnection& connection;
    std::string prefix;  // of its tables
    RunTables tables;
    bool begun = false;
    std::vector<std::int64_t> forgotten;  // run keys
  };
  struct LiveRun {
    std::int64_t key = 0;
    std::int64_t puts = 0;  // since this writer was made or gave up
  };

  void load();
  void give_up();  // after a failure: back to the last commit
  void begin(Side& side);
  void add_column(const DynamicColumnRegistry::Column& column);
  void ingest(Side& side, arrow::RecordBatchReader& rows, const std::optional<IndexedFile>& file);
  void delete_live_rows(std::int64_t run_key, const std::vector<LiveRunPart::Range>& rows);
  bool forget_live(const std::string& run_id);
  void find_replaced();
  void flush_runs(Side& side);
  void flush_if_many(Side& side);
  bool file_is_due() const;
  void move_events();
  void fold_events(const std::string& events);
  void fold_new_events();
  void remove_events(const std::string& events);
  void flush_to_file();
  void flush_file_names();
  void flush_event_file_names();
  void forget_file_names(const char* table, const ValueList& folders, const ValueList& names);
  void checkpoint_if_due();
  std::int64_t writer_key(const Uuid& writer_id);
  std::vector<IndexedEventFile> event_files_where(
      const std::string& condition, const Value& value,
      const std::function<bool(const IndexedEventFile&)>& fits);

  IndexStorage& storage_;
  std::mutex mutex_;
  DuckConnection file_connection_;
  DuckConnection memory_connection_;
  Side sealed_;
  Side live_;
  TableWriter kinds_table_;
  TableWriter limits_table_;
  TableWriter writers_table_;
  TableWriter events_;  // that belong into either database
  TableWriter files_table_;
  TableWriter event_files_table_;
  KindDictionary kinds_;
  LimitsDictionary limits_;
  DynamicColumnRegistry registry_;
  bool columns_added_ = false;

  std::int64_t next_run_key_ = 0;
  std::unordered_map<std::string, LiveRun> live_runs_;  // by run_id
  // What was put or removed since the last commit: sealed rows of the run, or of the file, with a
  // lower key than this go. They are looked for then, many at once: the table is long and has no
  // index.
  std::unordered_map<std::string, std::int64_t> replaced_runs_;   // by run_id
  std::unordered_map<std::string, std::int64_t> replaced_files_;  // by path
  std::map<Uuid, std::int64_t> writers_;                          // keys given lately
  std::int64_t next_writer_key_ = 0;
  std::int64_t last_event_number_ = 0;
  std::int64_t folded_through_ = 0;  // event number: what sessions need of it is in their tables
  std::int64_t live_events_ = 0;     // in the memory
  bool events_moved_ = false;        // in this transaction
  std::int64_t rows_since_checkpoint_ = 0;
  std::int64_t dead_live_rows_ = 0;  // deleted ones still take up memory until a checkpoint
  std::chrono::steady_clock::time_point last_file_commit_;

  // What is not in the file yet, or small enough to be kept.
  std::map<std::string, IndexedFile> new_files_;
  std::mutex event_files_mutex_;
  std::map<std::string, IndexedEventFile> new_event_files_;  // under event_files_mutex_
  std::map<std::string, std::int64_t> folders_;
  std::set<std::string> new_folders_;
  std::map<std::string, BrokenFile> broken_;
  bool broken_changed_ = false;
};

}  // namespace litmus
