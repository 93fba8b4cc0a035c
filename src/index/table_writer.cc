// SPDX-License-Identifier: Apache-2.0
#include "index/table_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "litmus/error.h"

namespace litmus {
namespace {

using DuckAppender = DuckHandle<duckdb_appender, [](duckdb_appender* appender) {
  duckdb_appender_destroy(appender);
}>;
using DuckErrorData = DuckHandle<duckdb_error_data, duckdb_destroy_error_data>;

}  // namespace

TableWriter::TableWriter(DuckConnection& connection, std::string catalog, std::string schema,
                         std::string table)
    : connection_(connection),
      catalog_(std::move(catalog)),
      schema_(std::move(schema)),
      table_(std::move(table)),
      capacity_(duckdb_vector_size()) {
  look_up_columns();
}

void TableWriter::columns_changed() {
  flush();
  look_up_columns();
}

void TableWriter::look_up_columns() {
  columns_.clear();
  positions_.clear();
  DuckHandle<duckdb_table_description, duckdb_table_description_destroy> table;
  if (duckdb_table_description_create_ext(connection_.get(), catalog_.c_str(), schema_.c_str(),
                                          table_.c_str(), table.out()) != DuckDBSuccess) {
    throw Error(Code::kCorrupt, fmt::format("the index has no table {}.{}", schema_, table_));
  }
  const idx_t count = duckdb_table_description_get_column_count(table.get());
  for (idx_t i = 0; i < count; ++i) {
    char* name = duckdb_table_description_get_column_name(table.get(), i);
    const DuckType type(duckdb_table_description_get_column_type(table.get(), i));
    positions_.emplace(name, columns_.size());
    columns_.push_back({name, duckdb_get_type_id(type.get())});
    duckdb_free(name);
  }
  current_ = make_chunk();
}

TableWriter::Chunk TableWriter::make_chunk() const {
  std::vector<DuckType> types;
  std::vector<duckdb_logical_type> raw;
  for (const Column& column : columns_) {
    types.emplace_back(duckdb_create_logical_type(column.type));
    raw.push_back(types.back().get());
  }
  Chunk chunk;
  chunk.handle = DuckChunk(duckdb_create_data_chunk(raw.data(), raw.size()));
  chunk.vectors.resize(columns_.size());
  prepare(chunk);
  return chunk;
}

// All cells NULL.
void TableWriter::prepare(Chunk& chunk) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Vector& vector = chunk.vectors[i];
    vector.vector = duckdb_data_chunk_get_vector(chunk.handle.get(), i);
    duckdb_vector_ensure_validity_writable(vector.vector);
    vector.data = duckdb_vector_get_data(vector.vector);
    vector.validity = duckdb_vector_get_validity(vector.vector);
    std::memset(vector.validity, 0, capacity_ / 8);
  }
}

std::size_t TableWriter::column(std::string_view name) const {
  const auto found = positions_.find(std::string(name));
  if (found == positions_.end()) {
    throw Error(Code::kInvalidArgument,
                fmt::format("the table {} of the index has no column `{}`", table_, name));
  }
  return found->second;
}

TableWriter::Row TableWriter::add_row() {
  if (size_ == capacity_) {
    full_.push_back(std::exchange(current_, make_chunk()));
    size_ = 0;
  }
  return {full_.size(), size_++};
}

void TableWriter::set_valid(Row row, std::size_t column) {
  chunk(row.chunk).vectors[column].validity[row.number / 64] |= std::uint64_t{1}
                                                                << (row.number % 64);
}

void TableWriter::set(Row row, std::size_t column, std::int64_t value) {
  void* data = chunk(row.chunk).vectors[column].data;
  if (columns_[column].type == DUCKDB_TYPE_INTEGER) {
    static_cast<std::int32_t*>(data)[row.number] = static_cast<std::int32_t>(value);
  } else {
    static_cast<std::int64_t*>(data)[row.number] = value;
  }
  set_valid(row, column);
}

void TableWriter::set(Row row, std::size_t column, double value) {
  static_cast<double*>(chunk(row.chunk).vectors[column].data)[row.number] = value;
  set_valid(row, column);
}

void TableWriter::set(Row row, std::size_t column, bool value) {
  static_cast<bool*>(chunk(row.chunk).vectors[column].data)[row.number] = value;
  set_valid(row, column);
}

void TableWriter::set(Row row, std::size_t column, std::string_view value) {
  set_valid(row, column);
  duckdb_vector_assign_string_element_len(chunk(row.chunk).vectors[column].vector, row.number,
                                          value.data(), value.size());
}

void TableWriter::roll_back(Row end) {
  if (end.chunk < full_.size()) {
    current_ = std::move(full_[end.chunk]);
    full_.resize(end.chunk);
    size_ = capacity_;
  }
  for (Vector& vector : current_.vectors) {
    for (idx_t row = end.number; row < size_; ++row) {
      duckdb_validity_set_row_invalid(vector.validity, row);
    }
  }
  size_ = end.number;
}

void TableWriter::flush_into(DuckConnection& connection, const std::string& catalog,
                             const std::string& schema) {
  if (pending_rows() == 0) return;
  DuckAppender appender;
  const auto check = [&](duckdb_state state) {
    if (state == DuckDBSuccess) return;
    const DuckErrorData error(duckdb_appender_error_data(appender.get()));
    const std::string reason = duckdb_error_data_message(error.get());
    clear();
    throw_duckdb_error(reason, "put rows into the index", "");
  };
  check(duckdb_appender_create_ext(connection.get(), catalog.c_str(), schema.c_str(),
                                   table_.c_str(), appender.out()));
  for (std::size_t i = 0; i <= full_.size(); ++i) {
    duckdb_data_chunk chunk = this->chunk(i).handle.get();
    const idx_t rows = i < full_.size() ? capacity_ : size_;
    if (rows == 0) continue;
    duckdb_data_chunk_set_size(chunk, rows);
    check(duckdb_append_data_chunk(appender.get(), chunk));
  }
  check(duckdb_appender_flush(appender.get()));
  full_.clear();
  duckdb_data_chunk_reset(current_.handle.get());
  prepare(current_);
  size_ = 0;
}

}  // namespace litmus
