// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "litmus/run_summary.h"

namespace litmus {

// What every reader says of a run id or the beginning of one, in the same words.

// In lower case, as ids are stored. Error(kInvalidArgument) for an empty text.
std::string run_id_prefix(const std::string& id_or_prefix);

// `where`: the place that was searched, and what it may have missed.
[[noreturn]] void throw_no_run(const std::string& id_or_prefix, const std::string& where);

// `candidates`: some of the runs, `total` all that fit.
[[noreturn]] void throw_ambiguous(const std::string& id_or_prefix,
                                  std::vector<RunSummary> candidates, std::size_t total);

// The order of lists: the newest first, ties by id.
bool is_newer(const RunSummary& a, const RunSummary& b);

}  // namespace litmus
