// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "litmus/run_summary.h"
#include "store/run_file_reader.h"

namespace litmus {

// What lists show of a run, from its file; columns that the file lacks are absent.
// Error(kCorrupt) if its first row names no run.
RunSummary read_summary(const RunFileReader& file);

}  // namespace litmus
