// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "index/duckdb_connection.h"

namespace litmus {

// Rows on their way into a table, in DuckDB's own columns: they are filled here, cell by cell, and
// handed over many at a time by flush(), inside the transaction of the connection. A cell that is
// not set is NULL. Until they are handed over, rows can be changed and taken back.
class TableWriter {
 public:
  struct Row {
    std::size_t chunk = 0;
    idx_t number = 0;  // in the chunk
  };

  // `table` as `catalog.schema.table`.
  TableWriter(DuckConnection& connection, std::string catalog, std::string schema,
              std::string table);

  // Looks up the columns again, after one was added. Hands over what is there first.
  void columns_changed();

  // Position of a column, for the calls below. Error(kInvalidArgument) if there is none.
  std::size_t column(std::string_view name) const;
  duckdb_type type(std::size_t column) const { return columns_[column].type; }

  Row add_row();
  void set(Row row, std::size_t column, std::int64_t value);  // BIGINT, INTEGER, TIMESTAMPTZ
  void set(Row row, std::size_t column, double value);
  void set(Row row, std::size_t column, bool value);
  // What is not valid UTF-8 becomes NULL.
  void set(Row row, std::size_t column, std::string_view value);
  Row end() const { return {full_.size(), size_}; }
  void roll_back(Row end);  // forgets the rows from there on
  void clear() { roll_back({}); }

  std::size_t pending_rows() const { return full_.size() * capacity_ + size_; }
  void flush() { flush_into(connection_, catalog_, schema_); }
  // Into the table of the same name and columns there.
  void flush_into(DuckConnection& connection, const std::string& catalog,
                  const std::string& schema);

 private:
  struct Column {
    std::string name;
    duckdb_type type = DUCKDB_TYPE_INVALID;
  };
  struct Vector {
    void* data = nullptr;
    std::uint64_t* validity = nullptr;
    duckdb_vector vector = nullptr;
  };
  struct Chunk {
    DuckChunk handle;
    std::vector<Vector> vectors;  // by column
  };

  void look_up_columns();
  void prepare(Chunk& chunk) const;
  Chunk make_chunk() const;
  Chunk& chunk(std::size_t number) { return number < full_.size() ? full_[number] : current_; }
  const Chunk& chunk(std::size_t number) const {
    return number < full_.size() ? full_[number] : current_;
  }
  void set_valid(Row row, std::size_t column);

  DuckConnection& connection_;
  std::string catalog_;
  std::string schema_;
  std::string table_;
  std::vector<Column> columns_;
  std::unordered_map<std::string, std::size_t> positions_;
  idx_t capacity_;
  std::vector<Chunk> full_;
  Chunk current_;
  idx_t size_ = 0;
};

}  // namespace litmus
