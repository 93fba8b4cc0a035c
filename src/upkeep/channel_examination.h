// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/file_system.h"
#include "upkeep/finding.h"

namespace litmus {

// Looks at every byte of the channel segments, at journals that dead processes have left, and at
// the registry. With `fix` the journals are put into the segments, damaged segments are repaired,
// and the registry is made again.
std::vector<Finding> examine_channels(FileSystem& files, const std::string& data_dir, bool fix);

}  // namespace litmus
