// SPDX-License-Identifier: Apache-2.0
#include "index/read_transaction.h"

#include <shared_mutex>

#include "litmus/error.h"

namespace litmus {

ReadTransaction::~ReadTransaction() {
  try {
    connection_.execute("ROLLBACK", "end a query");
  } catch (const Error&) {  // there is none any more
  }
}

// DuckDB fixes what is seen of each database when a statement first looks into its catalog, so
// nothing else may run between the two.
DuckStatement ReadTransaction::prepare(const std::string& sql, std::string_view action) {
  const std::shared_lock lock(storage_.snapshot());
  connection_.execute("BEGIN TRANSACTION READ ONLY", action);
  return connection_.prepare(sql, action);
}

}  // namespace litmus
