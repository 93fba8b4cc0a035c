// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "litmus/time.h"

namespace litmus {

// A date folder older than the cutoff.
struct PrunedFolder {
  std::string name;  // `events/2026-01-02`
  std::int64_t files = 0;
  std::uint64_t bytes = 0;
  std::string kept_because;  // empty: removed, or would be
};

// Removes the date folders of events that are older than the cutoff (its whole day lies before it),
// oldest first. A folder stays as it is when anything in it is not sealed yet: a session that is
// being written, a run without its file. Run files are never touched. With `dry_run` it only tells.
std::vector<PrunedFolder> prune_events(FileSystem& files, const std::string& data_dir,
                                       Timestamp cutoff, bool dry_run);

// The same for the date folders of channels. A folder stays when a run refers to samples in it, or
// somebody may still be writing there.
std::vector<PrunedFolder> prune_channels(FileSystem& files, const std::string& data_dir,
                                         Timestamp cutoff, bool dry_run);

// What both are made of.
void count_files(FileSystem& files, const std::string& folder, PrunedFolder& result);
void remove_pruned_folder(FileSystem& files, const std::string& folder);

}  // namespace litmus
