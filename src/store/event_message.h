// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "store/event_file_header.h"
#include "store/event_row.h"

namespace arrow {
class RecordBatch;
}

namespace litmus {

// One Arrow IPC message of an event file, of any shape that an Arrow writer may give it. Damaged
// bytes are an ordinary case here: every failure is a value, nothing throws.
struct EventMessage {
  enum class Kind { kHeader, kRows, kEnd };
  Kind kind = Kind::kEnd;
  std::size_t size = 0;  // of the whole message

  std::optional<EventFileHeader> header;  // kHeader, if its checksum holds

  struct Row {
    EventRow row;
    bool checksum_holds = false;
  };
  std::vector<Row> rows;                      // kRows; texts live in `batch`
  std::shared_ptr<arrow::RecordBatch> batch;  // keeps them alive
};

// Its rows in the columns of event_schema(); their texts live in the batch.
std::vector<EventMessage::Row> rows_of(const arrow::RecordBatch& batch);

struct EventMessageResult {
  std::optional<EventMessage> message;
  std::string problem;      // why there is none
  bool incomplete = false;  // the bytes end before the message does
};

// The message at the start of `bytes`.
EventMessageResult read_event_message(Bytes bytes);

}  // namespace litmus
