// SPDX-License-Identifier: Apache-2.0
#include "daemon/run_rows.h"

#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <fmt/ranges.h>

#include "base/file_system.h"
#include "daemon/feed.h"
#include "index/index.h"
#include "litmus/error.h"
#include "litmus/ids.h"
#include "store/arrow_status.h"
#include "store/run_file_reader.h"

namespace litmus {
namespace {

Uuid find_run(const std::string& run_id_or_prefix, const Index& index) {
  const auto matches = index.query("runs.get", {{"id", run_id_or_prefix}});
  const auto table = value_or_throw(matches->ToTable(), "look for the run");
  const auto column = table->GetColumnByName("run_id");
  std::vector<std::string> ids;
  for (std::int64_t row = 0; column != nullptr && row < column->length(); ++row) {
    ids.push_back(value_or_throw(column->GetScalar(row), "read the run's id")->ToString());
  }
  if (ids.empty()) throw Error(Code::kNotFound, "no run with the id " + run_id_or_prefix);
  if (ids.size() > 1 && ids.front() != run_id_or_prefix) {
    throw Error(Code::kConflict, fmt::format("several runs begin with {}: {}; give more digits",
                                             run_id_or_prefix, fmt::join(ids, ", ")));
  }
  return Uuid::parse(ids.front());
}

}  // namespace

std::shared_ptr<arrow::RecordBatchReader> read_run_rows(const std::string& run_id_or_prefix,
                                                        const Index& index, Feed& feed) {
  const Uuid run_id = find_run(run_id_or_prefix, index);
  std::shared_ptr<arrow::Table> rows = feed.live_rows(run_id);
  if (rows == nullptr) {
    const auto file = index.file_of_run(run_id);
    if (!file) throw Error(Code::kNotFound, "the run " + run_id.to_string() + " is gone");
    rows = RunFileReader(posix_file_system(), *file).rows();
  }
  return std::make_shared<arrow::TableBatchReader>(std::move(rows));
}

}  // namespace litmus
