// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/file_system.h"

namespace litmus {

// Rewrites closed, undamaged segments into few large batches, compressed where it helps: same rows,
// seq and crc, and the range of their times in the header. What is read back is compared before the
// original is replaced; the new files are synced before they are renamed. Segments that are sealed
// already, not closed, damaged or very large stay as they are.
void seal_channel_segments(FileSystem& files, const std::vector<std::string>& paths);

// Encodes, seals and reads a row in memory. Arrow makes objects at first use and destroys them
// while the process exits, in reverse order; what writes during the exit needs to have made them
// before its exit handler was registered.
void prepare_channel_sealing();

}  // namespace litmus
