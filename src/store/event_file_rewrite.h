// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "store/event_file_reader.h"

namespace litmus {

// Rewrites a closed, undamaged segment into compressed batches: same rows, seq and crc, a tenth of
// the size. Write, sync, rename, sync of the folder, so that at every moment one whole version is
// there. False if there is nothing to do: sealed already, damaged, or not closed.
bool seal_event_file(FileSystem& files, const std::string& path);

// Seals two rows in memory, once per process. Arrow makes objects at first use and destroys them
// while the process exits, in reverse order; what seals during the exit needs to have made them
// before its exit handler was registered.
void prepare_sealing();

struct RepairResult {
  bool changed = false;  // false: nothing was wrong
  std::string original;  // where the damaged file was put aside
  std::int64_t rows_kept = 0;
  EventFileReport found;  // what was wrong
};

// Keeps every intact row, writes down in the header which numbers are lost, and puts the original
// aside as `{path}.damaged`; verifying the result finds nothing. A file that only lacks its end
// marker gets one. Error(kBusy) while the process that writes it is alive, Error(kInvalidArgument)
// for a file that is none of ours, by its name and its content.
RepairResult repair_event_file(FileSystem& files, const std::string& path);

}  // namespace litmus
