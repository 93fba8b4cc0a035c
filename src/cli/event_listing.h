// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "cli/event_filter.h"
#include "store/event_file_reader.h"

namespace litmus {

// A stored event that owns its texts.
struct ListedEvent {
  std::int64_t seq;
  Timestamp received_at;
  std::string event_type;
  std::string session_id;
  std::string json;

  explicit ListedEvent(const EventRow& row);
};

struct EventListing {
  std::function<void(const ListedEvent&)> on_event;  // in the order of receipt
  std::function<void(const std::string& path, const EventDamage&)> on_damage;
  std::function<void(std::size_t done, std::size_t total)> on_progress;
};

// The matching events of these files, or only the newest `limit` of them. Holds in memory the files
// whose times overlap, not all of them.
void list_events(FileSystem& files, const std::vector<std::string>& paths,
                 const EventMatcher& matcher, std::optional<std::int64_t> limit,
                 const EventListing& listing);

// The files that a command was given, or all of the store. Error(kNotFound) for one that is
// missing.
std::vector<std::string> event_files(FileSystem& files, const std::vector<std::string>& given,
                                     const std::string& data_dir);

}  // namespace litmus
