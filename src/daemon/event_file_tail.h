// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "store/event_file_reader.h"

namespace litmus {

// How far one event file was read. Goes on where it stopped, also after the writer closed the file
// and put the compressed one in its place. A record that is only half there, because it is being
// written at this moment, waits for its rest. One owner, one thread.
class EventFileTail {
 public:
  explicit EventFileTail(std::string path) : path_(std::move(path)) {}

  // Gives each row that was not given before. Rows of a file without an intact header are not
  // given: nobody could tell whose they are. Error(kNotFound) when the file is gone.
  void read(FileSystem& files, const std::function<void(const EventRow&)>& on_row);

  // Another file has taken the name.
  void look_from_the_beginning() { replaced_ = true; }

  const std::string& path() const { return path_; }
  const std::optional<EventFileHeader>& header() const { return header_; }
  bool closed() const { return report_.closed; }
  bool torn() const { return torn_; }  // ends in the middle of a record
  bool damaged() const { return damaged_; }
  std::optional<std::int64_t> last_seq() const { return report_.last_seq; }
  std::uint64_t size() const { return report_.good_end; }

  // What was found damaged since the last call, each place once.
  std::vector<std::string> take_damages();

 private:
  void read_all(FileSystem& files, const std::function<void(const EventRow&)>& on_row);
  void set_torn_end_aside(EventFileReport& report, std::uint64_t end);
  void tell(const std::vector<EventDamage>& damages);

  std::string path_;
  std::optional<EventFileHeader> header_;
  EventFileReport report_;
  bool replaced_ = true;
  bool torn_ = false;
  bool damaged_ = false;
  std::set<std::string> told_;
  std::vector<std::string> damages_;
};

}  // namespace litmus
