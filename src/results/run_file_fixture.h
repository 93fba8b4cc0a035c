// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "litmus/value.h"

namespace arrow {
class Table;
}

namespace litmus {

// Test data: rows by column name become a table, or a run file, with the columns that the rows name
// and no others: as an older version, or somebody else, would have written them. Columns that
// schema/run_columns.toml defines have its type (times are ISO 8601 texts here); others the type of
// their first value. Used by tests only.
using Row = ValueMap;
std::shared_ptr<arrow::Table> table_of(const std::vector<Row>& rows,
                                       const std::string& environment_json = "");
std::string parquet_of(const arrow::Table& table);

// A run row with the given id, start (`2026-03-10T14:30:22Z`) and serial, outcome passed.
Row run_row(const std::string& run_id, const std::string& started_at, const std::string& serial);

}  // namespace litmus
