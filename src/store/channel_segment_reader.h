// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/type_fwd.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "store/channel_segment_header.h"
#include "store/event_file_reader.h"

namespace litmus {

using ChannelDamage = EventDamage;  // a place where what was written cannot be read

struct ChannelSegmentReport {
  std::optional<ChannelSegmentHeader> header;  // absent if damaged
  std::shared_ptr<arrow::Schema> schema;       // absent if damaged
  std::int64_t rows = 0;                       // good ones, all given to the caller
  std::optional<std::int64_t> last_seq;
  bool closed = false;
  std::uint64_t good_end = 0;  // byte after the last good message
  std::vector<ChannelDamage> damages;
};

// What a writer is in the middle of, or was when it died: not damage, it was never acknowledged.
bool is_torn_tail(const ChannelSegmentReport& report, const ChannelDamage& damage);

// Intact rows in file order, in batches that refer to the file's content.
using OnChannelRows = std::function<void(const std::shared_ptr<arrow::RecordBatch>& rows)>;

// Reads the segment, gives every intact row to `on_rows` once, and tells what is missing. Nothing
// that fails its checksum is given; where the stream ends early the rest is searched for further
// messages. Without the schema at its beginning nothing of a segment can be read.
ChannelSegmentReport scan_channel_segment(const std::shared_ptr<FileContent>& content,
                                          const OnChannelRows& on_rows);

// Reads a segment while it is written, from where the last look ended.
class ChannelSegmentTail {
 public:
  // Behind `last_seq`, where it is given.
  explicit ChannelSegmentTail(std::optional<std::int64_t> last_seq = std::nullopt);
  ~ChannelSegmentTail();
  ChannelSegmentTail(ChannelSegmentTail&&) noexcept;

  // The rows that are new since the last call. What a writer is in the middle of comes next time;
  // a segment that was compacted meanwhile is read again, and gives no row twice.
  const ChannelSegmentReport& read(FileSystem& files, const std::string& path,
                                   const OnChannelRows& on_rows);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Only what stands at its beginning; reads a few kilobytes. Nothing if it is no channel segment or
// the header is damaged.
struct ChannelSegmentHead {
  ChannelSegmentHeader header;
  std::shared_ptr<arrow::Schema> schema;
};
std::optional<ChannelSegmentHead> read_channel_head(FileSystem& files, const std::string& path);

}  // namespace litmus
