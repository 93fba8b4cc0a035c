// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/type_fwd.h>

#include <array>
#include <memory>
#include <span>
#include <string>

#include "base/file_system.h"
#include "store/channel_batch.h"
#include "store/channel_rows.h"
#include "store/channel_segment_header.h"

namespace litmus {

// Appends batches of rows to one segment while it is written. An append is one write, so that a
// returned append() survives the death of the process. The file is open only while it is written
// to unless `stays_open`, so that a process can write more channels than it may have files open.
// Owned by one writer, which serialises the calls.
class ChannelSegmentWriter {
 public:
  // Creates the file with its header; Error(kConflict) if the name is taken. A writer that is named
  // in headers creates one at a time.
  ChannelSegmentWriter(FileSystem& files, std::string path, const ChannelSegmentHeader& header,
                       const std::shared_ptr<arrow::Schema>& schema, bool stays_open);
  // Goes on behind the last good message of a segment that another process has left. Its texts are
  // written again.
  ChannelSegmentWriter(FileSystem& files, std::string path, const Uuid& session_id,
                       std::shared_ptr<arrow::Schema> schema);
  ~ChannelSegmentWriter();

  // Error(kIo) if it could not be written; the file then ends where it ended before.
  void append(const ChannelRows& rows, std::span<const RowTexts> texts);
  void sync();
  void finish();  // writes the end marker

  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  const std::shared_ptr<arrow::Schema>& schema() const { return batches_.schema(); }

 private:
  WritableFile& file();
  void done();

  FileSystem& files_;
  std::string path_;
  ChannelBatchMaker batches_;
  bool stays_open_;
  std::unique_ptr<WritableFile> file_;
  std::uint64_t size_ = 0;
  std::array<std::size_t, kTextColumns> texts_written_{};  // of each dictionary; at first none
};

}  // namespace litmus
