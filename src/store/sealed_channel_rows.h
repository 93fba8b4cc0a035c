// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "store/channel_segment_header.h"

namespace litmus {

class FileContent;

// Encodes the rows of a segment into few large batches, compressed where it helps: same rows, seq
// and crc.
class SealedChannelRows {
 public:
  void add(std::shared_ptr<arrow::RecordBatch> rows);

  bool is_empty() const { return batches_.empty(); }
  std::int64_t first_seq() const;  // of the rows that there are
  std::int64_t last_seq() const;
  // What is missing between the rows, and before the first.
  std::vector<SeqRange> missing_from(std::int64_t first_seq) const;
  // The session that the first row names; empty if that is none.
  std::string session_id() const;

  // The whole file, with the ranges of numbers and times in its header. What reads back otherwise
  // than it was given is an Error(kCorrupt) that names the path.
  std::shared_ptr<arrow::Buffer> finish(const std::string& path, ChannelSegmentHeader header,
                                        const arrow::Schema& schema) const;

 private:
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches_;
};

// Bytes in memory as the content of a file.
std::shared_ptr<FileContent> content_of(std::shared_ptr<arrow::Buffer> buffer);

}  // namespace litmus
