// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "index/index.h"
#include "litmus/value.h"

namespace arrow {
class RecordBatchReader;
}

namespace litmus {

// What the tests of the index share: run rows written as JSON, and answers as text.

inline constexpr std::string_view kRunA = "7d3b1f52-2c61-4f0e-b7ef-9f1fb1f6c001";
inline constexpr std::string_view kRunB = "7d3b1f52-2c61-4f0e-b7ef-9f1fb1f6c002";
inline constexpr std::string_view kSessionA = "0b7e7f3c-64bd-4d0e-8a6b-3c8f6d2a9001";

// One JSON object per row. The type of a column follows from its name: times are ISO texts in
// columns that end with `_at` or `_timestamp`, else from the first value that is not null.
std::shared_ptr<arrow::RecordBatchReader> run_rows(const std::vector<std::string>& rows);

std::shared_ptr<arrow::RecordBatchReader> run_rows(const std::vector<ValueMap>& maps);

// A run with one step and its measurements 5.1 and 5.2 of `v`, the first one retried.
std::vector<std::string> small_run(std::string_view run_id, std::string_view serial);

IndexedFile indexed_file(const std::string& path);

// Lines of cells joined by `|`; null is `-`.
std::string answer(const Index& index, const std::string& sql);

}  // namespace litmus
