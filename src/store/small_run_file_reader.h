// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "base/file_system.h"

namespace arrow {
class RecordBatch;
}

namespace litmus {

// The wanted columns of a file that encode_small_run_file made, all rows of them; checksums of
// pages are verified. Opening a file of a hundred columns takes the general reader a dozen times as
// long as this. Null for every other file, and for a damaged one: RunFileReader says what is wrong
// with it.
std::shared_ptr<arrow::RecordBatch> read_small_run_file(Bytes file,
                                                        bool (*is_wanted)(std::string_view column));

}  // namespace litmus
