// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/type_fwd.h>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/file_system.h"
#include "base/folder_watcher.h"
#include "channels/channel_cursor.h"
#include "litmus/channel_store.h"
#include "store/channel_segment_reader.h"

namespace litmus {

// New rows of a segment.
struct FollowedRows {
  const ChannelSegmentHeader& header;
  const std::string& recording;  // `{date}/{stem}`, as a cursor names it
  const std::shared_ptr<arrow::RecordBatch>& rows;
};

// Follows the segments that all processes of this machine are writing. What is not read yet waits
// in the files, so a slow reader is late, but misses nothing. One owner, one thread.
class ChannelFollower {
 public:
  using OnRows = std::function<void(const FollowedRows& rows)>;

  // Gives the samples behind `after` (an empty cursor: all that are stored); without one those that
  // are put into segments from now on.
  ChannelFollower(FileSystem& files, std::string data_dir, ChannelSelection selection,
                  std::optional<ChannelCursor> after = std::nullopt);

  // What is new, about 65,536 rows at most. Waits for it as long as `patience`; true if there was
  // something.
  bool read(const OnRows& on_rows, std::chrono::milliseconds patience);

  // Where it began.
  const ChannelCursor& start() const { return start_; }

 private:
  struct Followed {
    std::string recording;
    std::optional<ChannelSegmentTail> tail;  // once the header is known
    std::optional<ChannelSegmentHeader> header;
    bool is_wanted = true;  // false: of another channel, or complete
    bool is_waiting = false;
  };

  void begin_at_the_ends();
  void look_through(const std::string& folder);
  void look_at(const std::string& path);
  void take_changes(bool poll_now);
  bool read_waiting(const OnRows& on_rows);
  std::int64_t read_segment(const std::string& path, const OnRows& on_rows);
  bool open(const std::string& path, Followed& segment);

  FileSystem& files_;
  std::string data_dir_;
  ChannelSelection selection_;
  ChannelCursor start_;
  FolderWatcher watcher_;
  std::map<std::string, Followed> segments_;  // by path
  std::deque<std::string> waiting_;           // segments that may have grown
};

}  // namespace litmus
