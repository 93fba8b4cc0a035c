// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "index/duckdb_handle.h"

namespace arrow {
class RecordBatchReader;
}

namespace litmus {

// The rows of a query, whole in memory.
class DuckResult {
 public:
  DuckResult() = default;
  explicit DuckResult(const duckdb_result& result) : result_(result), owned_(true) {}
  ~DuckResult();
  DuckResult(DuckResult&& other) noexcept;
  DuckResult& operator=(DuckResult&& other) = delete;

  // To be used once, and instead of next_row(). Error(kUnavailable) beyond `most_rows`.
  std::shared_ptr<arrow::RecordBatchReader> to_arrow(std::int64_t most_rows);

  // Row by row, for our own queries, whose column types are known. Texts are valid until the next
  // call of next_row().
  bool next_row();
  bool is_null(idx_t column) const;
  std::int64_t integer(idx_t column) const;  // of BIGINT, UBIGINT, INTEGER and BOOLEAN columns
  std::string_view text(idx_t column) const;

 private:
  bool next_chunk();

  duckdb_result result_{};
  bool owned_ = false;
  DuckChunk chunk_;
  idx_t row_ = 0;
  idx_t size_ = 0;
};

}  // namespace litmus
