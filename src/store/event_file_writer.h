// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/file_system.h"
#include "store/event_file_header.h"
#include "store/event_row.h"

namespace litmus {

// Appends events to one segment while the session runs: one row = one record batch = one write, so
// that a returned append() survives the death of the process. Owned by one EventLog, which
// serialises the calls; sync() may run beside append().
class EventFileWriter {
 public:
  // Creates the file and writes its header; Error(kConflict) if the name is taken.
  EventFileWriter(FileSystem& files, const std::string& path, const EventFileHeader& header);

  // Error(kIo) if it could not be written; the file then ends where it ended before.
  void append(const EventRow& row);
  void sync() { file_->sync(); }
  // Writes the end marker. The file itself is closed by the destructor, so that a sync() that is
  // still going on in another thread never meets a closed file.
  void finish();

  const std::string& path() const { return file_->path(); }
  std::int64_t rows() const { return rows_; }

 private:
  std::unique_ptr<WritableFile> file_;
  std::string buffer_;
  std::int64_t rows_ = 0;
};

}  // namespace litmus
