// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "store/writer_header.h"

namespace litmus {

// What an event file says about itself: key/value metadata of its Arrow schema, protected by a
// checksum of its own.
struct EventFileHeader : WriterHeader {
  // Only in files that were rewritten after their session ended.
  struct Sealed {
    std::int64_t rows = 0;
    std::int64_t last_seq = -1;
    friend bool operator==(const Sealed&, const Sealed&) = default;
  };
  std::optional<Sealed> sealed;

  friend bool operator==(const EventFileHeader&, const EventFileHeader&) = default;
};

inline constexpr std::int64_t kRowsPerSegment = 10'000;
// Beside the first segment while it is written: disk space for the events that end run and session.
inline constexpr char kReserveSuffix[] = ".reserve";

// The Arrow schema message that opens a file with this header.
std::string encode_event_file_header(const EventFileHeader& header);

}  // namespace litmus
