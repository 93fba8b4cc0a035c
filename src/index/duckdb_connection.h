// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/duckdb_handle.h"
#include "index/duckdb_result.h"
#include "litmus/value.h"

namespace litmus {

using SqlValues = std::vector<std::pair<std::string, Value>>;

// DuckDB in memory, with what its configuration may say before anything is opened in it.
class DuckDatabase {
 public:
  explicit DuckDatabase(const std::vector<std::pair<std::string, std::string>>& configuration);

  duckdb_database get() const { return handle_.get(); }

  // Throws what went wrong, after noting whether something that is stored could not be read. From
  // any thread.
  [[noreturn]] void fail(std::string_view text, std::string_view action, std::string_view sql);
  bool is_damaged() const { return is_damaged_; }

 private:
  DuckHandle<duckdb_database, duckdb_close> handle_;
  std::atomic<bool> is_damaged_ = false;
};

class DuckStatement;

// One connection: one transaction at a time. Used by one thread at a time, except interrupt().
// Errors are litmus::Error; `action` says in them what was being done.
class DuckConnection {
 public:
  explicit DuckConnection(DuckDatabase& database);

  // One or more statements without parameters.
  void execute(const std::string& sql, std::string_view action);
  DuckResult query(const std::string& sql, const SqlValues& values, std::string_view action);
  DuckStatement prepare(const std::string& sql, std::string_view action);
  // From any thread: what is being executed ends with an error.
  void interrupt() const { duckdb_interrupt(handle_.get()); }

  duckdb_connection get() const { return handle_.get(); }
  DuckDatabase& database() const { return database_; }

 private:
  DuckDatabase& database_;
  DuckHandle<duckdb_connection, duckdb_disconnect> handle_;
};

// A prepared statement with named parameters. Preparing inside a transaction fixes what it sees.
class DuckStatement {
 public:
  DuckStatement(DuckConnection& connection, std::string sql, std::string_view action);

  // A name that the statement does not have is passed over.
  void bind(const SqlValues& values);
  DuckResult execute();

 private:
  DuckDatabase& database_;
  DuckHandle<duckdb_prepared_statement, duckdb_destroy_prepare> handle_;
  std::string action_;
  std::string sql_;
};

// An error as DuckDB tells it: a JSON object with its kind, message and position in the statement.
struct DuckError {
  std::string kind;  // for example `Binder`
  std::string message;
  std::optional<std::size_t> position;  // byte in the statement
};

DuckError parse_duckdb_error(std::string_view text);
// "line 2, column 7: ", or nothing; lines and columns from 1, columns in characters.
std::string place_in(std::string_view sql, std::optional<std::size_t> position);
// With the Code that goes with its kind.
[[noreturn]] void throw_duckdb_error(std::string_view text, std::string_view action,
                                     std::string_view sql);

}  // namespace litmus
