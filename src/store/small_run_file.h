// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/run_file.h"

namespace arrow {
class RecordBatch;
}

namespace litmus {

constexpr std::int64_t kMostSmallRunRows = 1024;
// How the name begins by which such a file says who wrote it.
constexpr std::string_view kSmallRunFileWriter = "litmus version ";

// The same file as encode_run_file makes with Arrow's writer, for runs of up to about a thousand
// rows: one row group with one page in each column, so without an index of pages. With a hundred
// columns and few rows nearly all work of the general writer is per column, and takes five times as
// long. Nothing if the rows are too many, or of types that run files do not have.
std::optional<std::string> encode_small_run_file(const arrow::RecordBatch& rows,
                                                 const RunFileMetadata& metadata);

}  // namespace litmus
