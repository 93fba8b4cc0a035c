// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "litmus/run_summary.h"

namespace arrow {
class Table;
}

namespace litmus {

// How every front end (command line, Python, reports) asks for results, whoever answers.
class ResultsReader {
 public:
  virtual ~ResultsReader() = default;

  // Newest first; ties by run id. `limit` absent: all.
  virtual std::vector<RunSummary> list_runs(std::optional<std::int64_t> limit) = 0;
  // A full run id or a unique prefix of it (the whole given text is matched). Error(kNotFound), or
  // Error(kConflict) that lists the candidates.
  virtual RunSummary get_run(const std::string& id_or_prefix) = 0;
  // All rows of the run file, all columns, in file order.
  virtual std::shared_ptr<arrow::Table> run_rows(const RunSummary& run) = 0;

  // What the last call had to leave out, or could not know: a line each.
  virtual std::vector<std::string> warnings() const = 0;
};

}  // namespace litmus
