// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "litmus/channel_store.h"
#include "store/channel_name.h"

namespace litmus {

class JsonWriter;

// What is known about all channels of a data directory: channels/_registry.json. It can be made
// again from the segments.
using ChannelRegistry = std::map<std::string, ChannelDescriptor, std::less<>>;

// An object with all that is known.
void write_json(JsonWriter& json, const ChannelDescriptor& channel);

// Empty where there is none; Error(kCorrupt) for a file that is none.
ChannelRegistry read_channel_registry(FileSystem& files, const std::string& data_dir);

// Adds what is new: counts are added, `first_seen` never moves forward, and what a newer write says
// about role, resource and units counts. Other processes may do the same at the same time. A
// damaged file is made again.
void merge_into_channel_registry(FileSystem& files, const std::string& data_dir,
                                 const std::vector<ChannelDescriptor>& updates);

// From the segments alone.
void rebuild_channel_registry(FileSystem& files, const std::string& data_dir);

struct ChannelSegmentPath {
  std::string path;
  ChannelFileName name;
};
// All segments of a data directory, by date and name; those of one channel or session where one is
// given (a session by its first 8 characters).
std::vector<ChannelSegmentPath> find_channel_segments(FileSystem& files,
                                                      const std::string& data_dir,
                                                      std::string_view channel_id = "",
                                                      std::string_view session8 = "");

}  // namespace litmus
