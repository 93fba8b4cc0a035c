// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/run_file_reader.h"

namespace litmus {

// Something that a run file and the one made again from the events do not have in common.
struct RowDifference {
  std::string row;      // `run`, `step boot[0]`, `measurement boot[0] vout, attempt 0`; `file`
  std::string column;   // or the key of the footer; empty where the whole row or column differs
  std::string in_file;  // values as text; `null`, or `missing`
  std::string rebuilt;
};

struct RunFileComparison {
  static constexpr std::size_t kMostListed = 1000;
  std::vector<RowDifference> differences;  // the first kMostListed
  std::int64_t count = 0;                  // all of them
};

// Cell by cell, rows matched by their keys, one column in memory at a time. What says who wrote the
// file, and with which version, may differ. A column that one of them lacks counts if it holds
// anything in the other.
RunFileComparison compare_run_files(const RunFileReader& file, const RunFileReader& rebuilt);

}  // namespace litmus
