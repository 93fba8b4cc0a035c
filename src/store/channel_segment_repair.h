// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "store/writer_header.h"

namespace litmus {

struct ChannelRepair {
  bool changed = false;   // false: nothing was wrong
  std::string original;   // where the damaged file was put aside
  std::int64_t rows = 0;  // that were kept
  std::vector<SeqRange> lost;
};

// Keeps every intact row, writes down in the header which numbers are lost, and puts the original
// aside as `{path}.damaged`; looking at the result finds nothing. Where the beginning of the file
// is damaged, columns and header are those of the channel's other segments, else what the file's
// name and rows tell; without a row that can be read nothing stays under the path. A segment that
// only lacks its end gets one. Error(kBusy) while the process that writes it is, or may be, alive.
ChannelRepair repair_channel_segment(FileSystem& files, const std::string& path);

}  // namespace litmus
