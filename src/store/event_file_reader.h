// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "store/event_file_header.h"
#include "store/event_row.h"

namespace litmus {

// A place in an event file where what was written cannot be read.
struct EventDamage {
  std::uint64_t begin = 0;  // bytes [begin, end); equal where bytes are missing, not wrong
  std::uint64_t end = 0;
  std::optional<SeqRange> seqs;  // events lost, where their numbers can be told
  std::string what;
};

struct EventFileReport {
  std::optional<EventFileHeader> header;  // absent if damaged
  std::int64_t rows = 0;                  // good ones, all given to the caller
  std::optional<std::int64_t> last_seq;
  bool closed = false;         // ends with the end marker; a file that is being written does not
  std::uint64_t good_end = 0;  // byte after the last good message: where a follower goes on
  std::vector<EventDamage> damages;
};

// Reads the event file's bytes, gives every intact row to `on_row` in file order, once, and tells
// what is missing. Nothing that fails its checksum is given; where the stream ends early the rest
// is searched for further messages. A row's texts are valid during the call only.
EventFileReport scan_event_file(Bytes bytes, const std::function<void(const EventRow&)>& on_row);

// Goes on behind `good_end` of an earlier report over the same file, whose new bytes these are.
EventFileReport follow_event_file(Bytes new_bytes, const EventFileReport& earlier,
                                  const std::function<void(const EventRow&)>& on_row);

// `events/….arrow: byte 120-848: seq 3-3: checksum does not match`, as verify prints it.
std::string describe(const std::string& path, const EventDamage& damage);

}  // namespace litmus
