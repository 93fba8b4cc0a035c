// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/type_fwd.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/file_system.h"
#include "base/folder_watcher.h"
#include "litmus/channel_store.h"
#include "store/channel_segment_reader.h"

namespace litmus {

// Follows the segments that all processes of this machine are writing. What is not read yet waits
// in the files, so a slow reader is late, but misses nothing. One owner, one thread.
class ChannelFollower {
 public:
  using OnRows = std::function<void(const ChannelSegmentHeader& header,
                                    const std::shared_ptr<arrow::RecordBatch>& rows)>;

  // From the samples on that are split from now on; `with_stored`: those that are stored first.
  ChannelFollower(FileSystem& files, std::string data_dir, ChannelSelection selection,
                  bool with_stored = false);

  // What is new. Waits for it as long as `patience`; true if there was something.
  bool read(const OnRows& on_rows, std::chrono::milliseconds patience);

 private:
  struct Followed {
    ChannelSegmentTail tail;
    std::optional<ChannelSegmentHeader> header;
    bool is_wanted = true;  // false: of another channel, or complete
  };

  void look_through(const std::string& folder, const OnRows* on_rows);
  bool look_at(const std::string& path, const OnRows* on_rows);
  bool take_changes(const OnRows& on_rows, bool poll_now);

  FileSystem& files_;
  std::string data_dir_;
  ChannelSelection selection_;
  FolderWatcher watcher_;
  bool is_first_ = true;
  bool with_stored_;
  std::map<std::string, Followed> segments_;  // by path
};

}  // namespace litmus
