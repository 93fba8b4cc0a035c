// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "index/index_storage.h"

namespace litmus {

// One statement that changes nothing and sees the index as of one commit: a run that is being
// sealed is there once, as running or as sealed.
class ReadTransaction {
 public:
  ReadTransaction(IndexStorage& storage, DuckConnection& connection)
      : storage_(storage), connection_(connection) {}
  ~ReadTransaction();
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;

  // What the statement sees is fixed when this returns. To be called once.
  DuckStatement prepare(const std::string& sql, std::string_view action);

 private:
  IndexStorage& storage_;
  DuckConnection& connection_;
};

}  // namespace litmus
