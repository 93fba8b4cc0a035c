// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "base/file_system.h"
#include "litmus/ids.h"
#include "store/event_file_header.h"
#include "store/event_message.h"

namespace litmus {

// Writes events that come from elsewhere to event files of their writers, where the feed finds them
// like any other. Any thread may call it; a writer may come by several connections at once. What is
// acknowledged is on stable storage; the files alone say what is known, so that the same events may
// be sent again to another process.
class ReceivedEvents {
 public:
  explicit ReceivedEvents(std::string data_dir, FileSystem& files = posix_file_system());
  ~ReceivedEvents();  // ends the open files
  ReceivedEvents(const ReceivedEvents&) = delete;
  ReceivedEvents& operator=(const ReceivedEvents&) = delete;

  // Passes over what is known; returns the last seq of the writer, which is on stable storage with
  // all before it. Error(kInvalidArgument) names the seq that is expected if some are missing,
  // Error(kCorrupt) a row whose checksum does not hold; nothing of the batch is stored then.
  std::int64_t append(const EventFileHeader& header, std::span<const EventMessage::Row> rows);

  // The writer is done, or at least this connection: its file gets the end marker and is
  // compressed. More may follow, in another segment.
  void finish(const EventFileHeader& header);

 private:
  class Writer;
  std::shared_ptr<Writer> writer_of(const EventFileHeader& header);

  const std::string data_dir_;
  FileSystem& files_;
  std::mutex mutex_;
  std::map<Uuid, std::shared_ptr<Writer>> writers_;  // all since the start: two would disagree
};

}  // namespace litmus
