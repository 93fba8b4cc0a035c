// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "store/channel_name.h"
#include "store/writer_header.h"

namespace arrow {
class Schema;
}

namespace litmus {

// What a channel segment says about itself: key/value metadata of its Arrow schema, protected by a
// checksum of its own.
struct ChannelSegmentHeader : WriterHeader {
  std::string channel_id;
  std::string data_type;  // scalar, scalar_bool, scalar_str, waveform, struct
  std::string instrument_role;
  std::string resource;
  std::optional<std::string> units;
  std::string writer;  // as in the file's name; empty: the first of the session

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

// The schema with the header in its metadata, and there once more the names of its columns, which
// no checksum covers otherwise.
std::shared_ptr<arrow::Schema> with_header(const arrow::Schema& schema,
                                           const ChannelSegmentHeader& header);

// Nothing if a key is missing, malformed, or the checksum does not hold.
std::optional<ChannelSegmentHeader> channel_header_from(const arrow::Schema& schema);

// False if the columns have other names than the header says.
bool has_columns_of_header(const arrow::Schema& schema);

}  // namespace litmus
