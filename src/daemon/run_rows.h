// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

namespace arrow {
class RecordBatchReader;
}

namespace litmus {

class Feed;
class Index;

// All rows of a run, running or sealed, in the columns and order of a run file. Error(kNotFound),
// or Error(kConflict) with the candidates where the prefix fits several.
std::shared_ptr<arrow::RecordBatchReader> read_run_rows(const std::string& run_id_or_prefix,
                                                        const Index& index, Feed& feed);

}  // namespace litmus
