// SPDX-License-Identifier: Apache-2.0
#include "reader/daemon_results.h"

#include <arrow/record_batch.h>
#include <arrow/table.h>

#include "reader/answer_rows.h"
#include "reader/daemon_client.h"

namespace litmus {

DaemonResults::DaemonResults(std::shared_ptr<DaemonClient> daemon)
    : daemon_(std::move(daemon)), runs_(daemon_) {}

std::vector<RunSummary> DaemonResults::list_runs(std::optional<std::int64_t> limit) {
  return runs_.list({}, {.limit = limit});
}

RunSummary DaemonResults::get_run(const std::string& id_or_prefix) {
  return runs_.get(id_or_prefix);
}

std::shared_ptr<arrow::Table> DaemonResults::run_rows(const RunSummary& run) {
  return read_all(*daemon_->run_rows(run.run_id));
}

std::vector<std::string> DaemonResults::warnings() const { return daemon_->warnings(); }

}  // namespace litmus
