// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/console.h"

namespace arrow {
class RecordBatchReader;
class Table;
}  // namespace arrow

namespace litmus {

// Answers to SQL, batch by batch as they come; only the table needs all of it at once.
void print_csv(arrow::RecordBatchReader& answer, Console& console);
void print_json(arrow::RecordBatchReader& answer, Console& console);
void print_arrow(arrow::RecordBatchReader& answer, Console& console);  // an IPC stream
void print_parquet(const arrow::Table& rows, Console& console);
void print_sql_table(const arrow::Table& rows, Console& console);

// The line of the statement that an error names as `line 1, column 8`, and a caret below the
// column. Nothing if it names none.
std::optional<std::string> marked_line(std::string_view statement, std::string_view error);

}  // namespace litmus
