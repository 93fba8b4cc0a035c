// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/file_system.h"
#include "base/process.h"
#include "litmus/ids.h"
#include "litmus/time.h"
#include "store/channel_batch.h"

namespace litmus {

// Whose journal it is.
struct JournalOwner {
  Uuid writer_id;
  Uuid session_id;
  ProcessIdentity process;
};

// The segments that rows of a channel belong to: `{date}/{stem}.arrow`, `{stem}_001.arrow`, ….
struct JournalChannel {
  std::uint32_t channel = 0;  // its number within the journal
  std::string date;
  std::string stem;
};

// How many rows of a channel the registry of channels knows.
struct JournalAnnounced {
  std::uint32_t channel = 0;
  std::int64_t rows = 0;
};

struct JournalTexts {
  std::uint32_t channel = 0;
  std::uint8_t number = 0;
  RowTexts texts;
};

// Samples of one channel. Booleans are 0 and 1.
struct JournalRows {
  std::uint32_t channel = 0;
  std::uint8_t texts = 0;
  bool are_missing = false;  // a gap row: no value
  std::int64_t first_seq = 0;
  std::span<const std::int64_t> timestamps;
  std::span<const double> values;
};

using JournalRecord =
    std::variant<JournalOwner, JournalChannel, JournalTexts, JournalRows, JournalAnnounced>;

// What a file of a journal is named by until it says whose it is.
inline constexpr char kNewSuffix[] = ".new";

// One file of a process's journal while it is written: memory that survives the process. A record
// is complete or not there. Owned by one writer; bytes below written() do not change any more.
class JournalWriter {
 public:
  static constexpr std::uint64_t kFileSize = 8 * 1024 * 1024;

  // Error(kIo) when there is no space for the whole file.
  JournalWriter(FileSystem& files, std::string path, const JournalOwner& owner);
  JournalWriter(JournalWriter&&) noexcept = default;
  ~JournalWriter();

  // False: it does not fit any more. Error(kIo) only where files cannot be mapped.
  bool append(const JournalChannel& channel);
  bool append(const JournalTexts& record);
  bool append(const JournalAnnounced& announced);
  bool append(const JournalRows& rows);

  const std::string& path() const { return path_; }
  std::size_t written() const { return written_; }
  Bytes bytes() const { return memory_; }
  void sync();

 private:
  bool put(std::uint32_t kind, std::span<const Bytes> payload);

  std::string path_;
  std::unique_ptr<MappedFile> mapped_;
  std::vector<std::uint8_t> copy_;  // where it cannot be mapped: what was written to file_
  std::unique_ptr<WritableFile> file_;
  std::span<std::uint8_t> memory_;
  std::size_t written_ = 0;
};

// Goes through the records of a journal.
class JournalScan {
 public:
  enum class Trust {
    kWritten,  // our own memory, complete up to its end
    kLive,     // another process is writing it: it ends at the first record that is not complete
    kLeft,     // its process has ended: what cannot be read is damage, and there may be more behind
  };
  JournalScan(Bytes bytes, Trust trust, std::size_t begin = 0)
      : bytes_(bytes), trust_(trust), at_(begin) {}

  // The next record; its spans refer to the bytes.
  std::optional<JournalRecord> next();
  std::size_t position() const { return at_; }
  std::uint64_t damaged_bytes() const { return damaged_; }

 private:
  std::optional<std::size_t> payload_size_at(std::size_t at) const;

  Bytes bytes_;
  Trust trust_;
  std::size_t at_;
  std::uint64_t damaged_ = 0;
};

}  // namespace litmus
