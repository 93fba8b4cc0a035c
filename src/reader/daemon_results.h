// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "litmus/queries.h"
#include "results/results_reader.h"

namespace litmus {

// Results by way of the daemon: running runs, too, and no file is opened for a list.
class DaemonResults final : public ResultsReader {
 public:
  explicit DaemonResults(std::shared_ptr<DaemonClient> daemon);

  std::vector<RunSummary> list_runs(std::optional<std::int64_t> limit) override;
  RunSummary get_run(const std::string& id_or_prefix) override;
  std::shared_ptr<arrow::Table> run_rows(const RunSummary& run) override;
  std::vector<std::string> warnings() const override;

 private:
  std::shared_ptr<DaemonClient> daemon_;
  RunsQuery runs_;
};

}  // namespace litmus
