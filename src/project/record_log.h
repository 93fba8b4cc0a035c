// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"

namespace litmus {

// Byte records one after the other, found again by position. The first few megabytes stay in
// memory; once there are more, all but the end goes to a temporary file, so that memory does not
// grow with what is put in. Where there is no room for such a file it stays in memory. One writer;
// readers must not overlap with it.
class RecordLog {
 public:
  using Position = std::uint64_t;
  // What a run of some tens of thousands of measurements needs.
  static constexpr std::size_t kMemory = std::size_t{8} << 20U;

  explicit RecordLog(FileSystem& files, std::size_t memory = kMemory)
      : files_(files), memory_(memory) {}

  Position append(std::string_view record);
  Position end() const { return end_; }

  // Reads one record at a time. One owner each, any number at once.
  class Reader {
   public:
    explicit Reader(const RecordLog& log) : log_(log) {}

    // Valid until the next call, and until the log is appended to.
    std::string_view read(Position position);
    // Of the record after the one that was read.
    Position next() const { return next_; }

   private:
    std::string_view bytes_at(Position position, std::size_t size);

    const RecordLog& log_;
    Position next_ = 0;
    // What was read from the file, and from where: several records, for most come in turn.
    std::vector<std::uint8_t> window_;
    Position window_begin_ = 0;
  };

 private:
  struct Block {
    Position begin = 0;
    std::string bytes;  // never grows beyond its capacity: readers point into it
  };
  void begin_block(std::size_t size);
  void move_to_file();

  FileSystem& files_;
  const std::size_t memory_;
  Position end_ = 0;
  std::size_t in_memory_ = 0;
  std::deque<Block> blocks_;
  std::unique_ptr<ScratchFile> file_;  // from position 0 on
  bool file_failed_ = false;
};

}  // namespace litmus
