// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "litmus/value.h"

namespace arrow {
class RecordBatchReader;
}

namespace litmus {

struct RunningDaemon;

// Asks the daemon of a data directory over Arrow Flight; starts it when there is none and connects
// again when it was replaced or has died. One thread at a time. Errors are those that the daemon
// threw, with their code; Error(kUnavailable) when it cannot be reached.
class DaemonClient {
 public:
  explicit DaemonClient(std::string data_dir);  // does nothing yet
  ~DaemonClient();
  DaemonClient(const DaemonClient&) = delete;
  DaemonClient& operator=(const DaemonClient&) = delete;

  // Answers come in pieces while they are read, and outlive the client.

  // A named query of the catalogue (src/index/query_catalogue.h).
  std::shared_ptr<arrow::RecordBatchReader> query(std::string_view name,
                                                  const ValueMap& parameters);
  // Foreign SQL: one SELECT over the relations.
  std::shared_ptr<arrow::RecordBatchReader> sql(std::string_view statement);
  // All rows of a run, sealed or running, in the columns and order of a run file.
  std::shared_ptr<arrow::RecordBatchReader> run_rows(std::string_view run_id_or_prefix);

  // What `litmus daemon status` shows.
  ValueMap status();
  // Returns when everything that was written before can be seen by queries.
  void sync();
  // The daemon drops the index and ends; the next call starts one that builds it anew.
  void reindex();

  // Warnings that came with the last answer: index being built, files left out.
  const std::vector<std::string>& warnings() const;

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

// Asks this daemon and starts none.
ValueMap status_of(const RunningDaemon& daemon);

}  // namespace litmus
