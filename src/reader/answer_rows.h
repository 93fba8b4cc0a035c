// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "litmus/queries.h"

namespace arrow {
class RecordBatchReader;
class Table;
}  // namespace arrow

namespace litmus {

// An answer of the daemon, whole; and its rows in the types of queries.h.
std::shared_ptr<arrow::Table> read_all(arrow::RecordBatchReader& answer);

std::vector<RunSummary> to_runs(const arrow::Table& rows);              // of the relation `runs`
std::vector<StepRow> to_steps(const arrow::Table& rows);                // of `steps`
std::vector<MeasurementRow> to_measurements(const arrow::Table& rows);  // of `measurements`
std::vector<ValueMap> to_maps(const arrow::Table& rows);                // of any

}  // namespace litmus
