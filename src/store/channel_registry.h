// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
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

// As read_channel_registry; from the segments where it is missing or damaged.
ChannelRegistry known_channels(FileSystem& files, const std::string& data_dir);

// What a process has written itself: its segments do not hold all of it yet.
struct WrittenChannels {
  std::set<std::string> stems;            // of the names of its segments
  std::vector<ChannelDescriptor> totals;  // everything in them, and what is to come
};

// Adds what is new: counts are added, `first_seen` never moves forward, and what a newer write says
// about role, resource and units counts. Other processes may do the same at the same time. A file
// that is missing or damaged is made again from the segments of others and from `written`.
void merge_into_channel_registry(FileSystem& files, const std::string& data_dir,
                                 const std::vector<ChannelDescriptor>& updates,
                                 const WrittenChannels& written = {});

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
