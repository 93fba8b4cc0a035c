// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <duckdb.h>

#include <utility>

namespace litmus {

// Owns one object of DuckDB's C API.
template <class Raw, void (*destroy)(Raw*)>
class DuckHandle {
 public:
  DuckHandle() = default;
  explicit DuckHandle(Raw raw) : raw_(raw) {}
  ~DuckHandle() { reset(); }
  DuckHandle(DuckHandle&& other) noexcept : raw_(std::exchange(other.raw_, Raw{})) {}
  DuckHandle& operator=(DuckHandle&& other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }

  Raw get() const { return raw_; }
  explicit operator bool() const { return raw_ != Raw{}; }
  // For the functions that return an object through a pointer.
  Raw* out() {
    reset();
    return &raw_;
  }
  void reset() {
    if (raw_ != Raw{}) destroy(&raw_);
    raw_ = Raw{};
  }

 private:
  Raw raw_{};
};

using DuckChunk = DuckHandle<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using DuckType = DuckHandle<duckdb_logical_type, duckdb_destroy_logical_type>;
using DuckValue = DuckHandle<duckdb_value, duckdb_destroy_value>;

}  // namespace litmus
