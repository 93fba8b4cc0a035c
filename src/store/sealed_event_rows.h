// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "store/event_file_header.h"
#include "store/event_row.h"

namespace arrow {
class Buffer;
}

namespace litmus {

// The content of a sealed event file: rows in compressed batches, in memory. The header says how
// many there are, so it is known before. One owner, no locking.
class SealedEventRows {
 public:
  explicit SealedEventRows(const EventFileHeader& header);
  ~SealedEventRows();
  SealedEventRows(const SealedEventRows&) = delete;
  SealedEventRows& operator=(const SealedEventRows&) = delete;

  void add(const EventRow& row);
  std::shared_ptr<arrow::Buffer> finish();  // the whole file

 private:
  class Batches;
  std::unique_ptr<Batches> batches_;
};

}  // namespace litmus
