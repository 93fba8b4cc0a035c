// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/duckdb_connection.h"
#include "index/dynamic_column_registry.h"

namespace litmus {

// The opened database of an index: DuckDB in memory, in it the schema `live` and the views, beside
// it the index file as `sealed`; and the connections of the readers. Nothing in it can read or
// write another file, and no statement can change that.
class IndexStorage {
 public:
  // The catalog and schema of the tables of running runs.
  static constexpr const char* kLiveCatalog = "memory";
  static constexpr const char* kLiveSchema = "live";

  IndexStorage(const std::string& path, std::int64_t memory_mb, int threads);

  DuckConnection connect() { return DuckConnection(database_); }
  // Something in it could not be read.
  bool is_damaged() const { return database_.is_damaged(); }
  // After columns were added.
  void make_views(std::span<const DynamicColumnRegistry::Column> columns);

  // Held shared while a reader begins and prepares, which fixes what it sees; held alone while
  // the two databases are committed one after the other.
  std::shared_mutex& snapshot() { return snapshot_; }

  // A reader's connection for the life of the object.
  class Reader {
   public:
    explicit Reader(IndexStorage& storage);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    DuckConnection& operator*() const { return *connection_; }
    DuckConnection* operator->() const { return connection_.get(); }

   private:
    IndexStorage& storage_;
    std::unique_ptr<DuckConnection> connection_;
  };
  // Ends what the readers are doing with an error.
  void interrupt();

 private:
  void attach(const std::string& path);
  void create_tables();
  void lock_down();

  DuckDatabase database_;
  std::unique_ptr<DuckConnection> views_;
  std::shared_mutex snapshot_;
  std::mutex readers_mutex_;
  std::vector<std::unique_ptr<DuckConnection>> idle_;
  std::vector<DuckConnection*> busy_;
};

// Opens the index file, or makes it anew where it is damaged or of another format. Error(kBusy)
// when another process has it open. `why_anew` gets the reason.
std::unique_ptr<IndexStorage> open_index_storage(const std::string& path, std::int64_t memory_mb,
                                                 int threads, std::string& why_anew);

}  // namespace litmus
