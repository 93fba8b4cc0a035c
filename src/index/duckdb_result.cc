// SPDX-License-Identifier: Apache-2.0
#include "index/duckdb_result.h"

#include <arrow/c/abi.h>
#include <arrow/c/bridge.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <utility>
#include <vector>

#include "litmus/error.h"
#include "store/arrow_status.h"

namespace litmus {
namespace {

constexpr const char* kAction = "hand over the rows of a query";

using DuckArrowOptions = DuckHandle<duckdb_arrow_options, duckdb_destroy_arrow_options>;

void throw_if_failed(duckdb_error_data raw) {
  const DuckHandle<duckdb_error_data, duckdb_destroy_error_data> error(raw);
  if (error && duckdb_error_data_has_error(error.get())) {
    throw Error(Code::kIo,
                fmt::format("cannot {}: {}", kAction, duckdb_error_data_message(error.get())));
  }
}

std::shared_ptr<arrow::Schema> schema_of(duckdb_result& result, duckdb_arrow_options options) {
  const idx_t count = duckdb_column_count(&result);
  std::vector<DuckType> types;
  std::vector<duckdb_logical_type> raw_types;
  std::vector<const char*> names;
  for (idx_t i = 0; i < count; ++i) {
    types.emplace_back(duckdb_column_logical_type(&result, i));
    raw_types.push_back(types.back().get());
    names.push_back(duckdb_column_name(&result, i));
  }
  ArrowSchema schema{};
  throw_if_failed(duckdb_to_arrow_schema(options, raw_types.data(), names.data(), count, &schema));
  return value_or_throw(arrow::ImportSchema(&schema), kAction);
}

}  // namespace

DuckResult::~DuckResult() {
  chunk_.reset();
  if (owned_) duckdb_destroy_result(&result_);
}

DuckResult::DuckResult(DuckResult&& other) noexcept
    : result_(other.result_),
      owned_(std::exchange(other.owned_, false)),
      chunk_(std::move(other.chunk_)),
      row_(other.row_),
      size_(other.size_) {}

std::shared_ptr<arrow::RecordBatchReader> DuckResult::to_arrow(std::int64_t most_rows) {
  const DuckArrowOptions options(duckdb_result_get_arrow_options(&result_));
  const std::shared_ptr<arrow::Schema> schema = schema_of(result_, options.get());
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  std::int64_t rows = 0;
  while (next_chunk()) {
    rows += static_cast<std::int64_t>(size_);
    if (rows > most_rows) {
      throw Error(Code::kUnavailable,
                  fmt::format("the query gives more than the {} rows that are allowed; add a LIMIT "
                              "or aggregate",
                              most_rows));
    }
    ArrowArray array{};
    throw_if_failed(duckdb_data_chunk_to_arrow(options.get(), chunk_.get(), &array));
    batches.push_back(value_or_throw(arrow::ImportRecordBatch(&array, schema), kAction));
  }
  return value_or_throw(arrow::RecordBatchReader::Make(std::move(batches), schema), kAction);
}

bool DuckResult::next_chunk() {
  chunk_ = DuckChunk(duckdb_fetch_chunk(result_));
  row_ = 0;
  size_ = chunk_ ? duckdb_data_chunk_get_size(chunk_.get()) : 0;
  return size_ > 0;
}

bool DuckResult::next_row() {
  if (chunk_ && row_ + 1 < size_) {
    ++row_;
    return true;
  }
  return next_chunk();
}

bool DuckResult::is_null(idx_t column) const {
  std::uint64_t* validity =
      duckdb_vector_get_validity(duckdb_data_chunk_get_vector(chunk_.get(), column));
  return validity != nullptr && !duckdb_validity_row_is_valid(validity, row_);
}

std::int64_t DuckResult::integer(idx_t column) const {
  duckdb_vector vector = duckdb_data_chunk_get_vector(chunk_.get(), column);
  const DuckType type(duckdb_vector_get_column_type(vector));
  const void* data = duckdb_vector_get_data(vector);
  switch (duckdb_get_type_id(type.get())) {
    case DUCKDB_TYPE_BOOLEAN: return static_cast<const bool*>(data)[row_] ? 1 : 0;
    case DUCKDB_TYPE_INTEGER: return static_cast<const std::int32_t*>(data)[row_];
    default: return static_cast<const std::int64_t*>(data)[row_];
  }
}

std::string_view DuckResult::text(idx_t column) const {
  duckdb_vector vector = duckdb_data_chunk_get_vector(chunk_.get(), column);
  auto* texts = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
  return {duckdb_string_t_data(&texts[row_]), duckdb_string_t_length(texts[row_])};
}

}  // namespace litmus
