// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "litmus/ids.h"
#include "litmus/time.h"
#include "store/channel_name.h"

namespace arrow {
class KeyValueMetadata;
}

namespace litmus {

// What a channel segment says about itself: key/value metadata of its Arrow schema, protected by a
// checksum of its own.
struct ChannelSegmentHeader {
  Uuid writer_id;  // random per writer: a pid comes back, this does not
  Uuid session_id;
  std::int64_t pid = 0;
  std::string host;
  std::optional<Timestamp> process_started_at;
  std::string channel_id;
  std::string data_type;  // scalar, scalar_bool, scalar_str, waveform, struct
  std::string instrument_role;
  std::string resource;
  std::optional<std::string> units;
  std::string writer;  // as in the file's name; empty: the first of the session
  std::int64_t segment = 0;
  std::int64_t first_seq = 0;

  // Only in segments that were compacted after they were closed.
  struct Sealed {
    std::int64_t rows = 0;
    std::int64_t last_seq = -1;
    Timestamp first_time;  // the earliest and the latest
    Timestamp last_time;
    friend bool operator==(const Sealed&, const Sealed&) = default;
  };
  std::optional<Sealed> sealed;

  ChannelFileName file_name() const;

  friend bool operator==(const ChannelSegmentHeader&, const ChannelSegmentHeader&) = default;
};

std::shared_ptr<arrow::KeyValueMetadata> to_metadata(const ChannelSegmentHeader& header);

// Nothing if a key is missing, malformed, or the checksum does not hold.
std::optional<ChannelSegmentHeader> channel_header_from(const arrow::KeyValueMetadata& metadata);

}  // namespace litmus
