// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "litmus/channel_store.h"

namespace litmus {

// The rows of a channel as they are stored: batches with all columns of their segments.
struct StoredRows {
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;  // of each writer in order of seq
  std::vector<std::shared_ptr<arrow::Schema>> schemas;       // of all segments of the channel
  std::vector<std::string> damages;
};

// Those that the query's channel, session, row and times select.
StoredRows read_stored_rows(FileSystem& files, const std::string& data_dir,
                            const ChannelQuery& query);

}  // namespace litmus
