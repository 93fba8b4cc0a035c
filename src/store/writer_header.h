// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/process.h"
#include "litmus/ids.h"
#include "litmus/time.h"

namespace litmus {

class HeaderMetadata;
class HeaderTexts;

// A range of seq, both ends included.
struct SeqRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
  friend bool operator==(const SeqRange&, const SeqRange&) = default;
};

// What every file of numbered rows says about who wrote it.
struct WriterHeader {
  Uuid writer_id;  // random per writer: a pid comes back, this does not
  Uuid session_id;
  std::int64_t pid = 0;
  std::string host;
  std::optional<Timestamp> process_started_at;
  std::string process_start_key = {};  // base/process.h
  std::int64_t segment = 0;
  std::int64_t first_seq = 0;
  // Rows that an earlier repair could not save: a gap in seq here is known, not new damage.
  std::vector<SeqRange> lost;

  // Whether all of these were lost before a repair.
  bool knows_as_lost(std::int64_t first, std::int64_t last) const;

  friend bool operator==(const WriterHeader&, const WriterHeader&) = default;
};

// The process that writes the file.
inline ProcessIdentity writer_of(const WriterHeader& header) {
  return {header.host, header.pid, header.process_started_at, header.process_start_key};
}

inline void set_writer(WriterHeader& header, const ProcessIdentity& process) {
  header.host = process.host;
  header.pid = process.pid;
  header.process_started_at = process.started_at;
  header.process_start_key = process.start_key;
}

void add_writer(HeaderMetadata& metadata, const WriterHeader& header);
// False if something is missing or malformed.
bool read_writer(const HeaderTexts& texts, WriterHeader& header);

}  // namespace litmus
