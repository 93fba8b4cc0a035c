// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daemon/flight_hooks.h"
#include "daemon/received_events.h"

namespace litmus {

// Takes what an event file holds by DoPut: its columns, its schema metadata, any number of batches.
// Each is answered with `{"writer_id": ..., "last_seq": ...}` when it is on stable storage.
class FlightEventIntake final : public EventIntake {
 public:
  explicit FlightEventIntake(std::string data_dir) : events_(std::move(data_dir)) {}

  void take_events(arrow::flight::FlightMessageReader& reader,
                   arrow::flight::FlightMetadataWriter& writer) override;

 private:
  ReceivedEvents events_;
};

}  // namespace litmus
