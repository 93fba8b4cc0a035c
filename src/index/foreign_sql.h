// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "index/index.h"
#include "index/index_storage.h"

namespace litmus {

// Index::sql().
std::shared_ptr<arrow::RecordBatchReader> run_foreign_sql(IndexStorage& storage,
                                                          std::string_view sql,
                                                          const SqlLimits& limits);

}  // namespace litmus
