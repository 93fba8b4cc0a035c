// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "litmus/ids.h"
#include "litmus/time.h"

namespace litmus {

// A range of seq, both ends included.
struct SeqRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
  friend bool operator==(const SeqRange&, const SeqRange&) = default;
};

// What an event file says about itself: key/value metadata of its Arrow schema, protected by a
// checksum of its own.
struct EventFileHeader {
  Uuid writer_id;  // random per writer: a pid comes back, this does not
  Uuid session_id;
  std::int64_t pid = 0;
  std::string host;
  std::optional<Timestamp> process_started_at;
  std::int64_t segment = 0;
  std::int64_t first_seq = 0;

  // Only in files that were rewritten after their session ended.
  struct Sealed {
    std::int64_t rows = 0;
    std::int64_t last_seq = -1;
    friend bool operator==(const Sealed&, const Sealed&) = default;
  };
  std::optional<Sealed> sealed;
  // Events that an earlier repair could not save: a gap in seq here is known, not new damage.
  std::vector<SeqRange> lost;

  friend bool operator==(const EventFileHeader&, const EventFileHeader&) = default;
};

inline constexpr std::int64_t kRowsPerSegment = 10'000;
// Beside the first segment while it is written: disk space for the events that end run and session.
inline constexpr char kReserveSuffix[] = ".reserve";

// The Arrow schema message that opens a file with this header.
std::string encode_event_file_header(const EventFileHeader& header);

}  // namespace litmus
