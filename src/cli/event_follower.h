// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/file_system.h"
#include "store/event_file_reader.h"

namespace litmus {

// Sees what is appended to the event files of a store, by looking at their sizes again and again:
// each time at those of the two newest date folders, and every two seconds at older ones, where a
// session that has run for days may still write. One owner, one thread.
class EventFollower {
 public:
  EventFollower(FileSystem& files, const std::string& data_dir);

  // Gives what is new since the last call, file by file; the first time all that the two newest
  // date folders hold.
  void poll(const std::function<void(const EventRow&)>& on_row);

 private:
  using Clock = std::chrono::steady_clock;
  struct File {
    std::uint64_t size = 0;
    bool old = false;                       // it was there, in an old folder, at the beginning
    std::optional<EventFileReport> report;  // absent: not read yet
  };

  void look_at_folder(const std::string& folder,
                      const std::function<void(const EventRow&)>& on_row);
  void read_new(const std::string& path, File& file,
                const std::function<void(const EventRow&)>& on_row);

  FileSystem& files_;
  std::string store_;
  Timestamp begin_ = now();
  std::map<std::string, File> seen_;
  Clock::time_point next_old_folders_;
};

}  // namespace litmus
