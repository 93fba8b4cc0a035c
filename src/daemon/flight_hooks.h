// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "litmus/value.h"

namespace arrow::flight {
class FlightDataStream;
class FlightMessageReader;
class FlightMetadataWriter;
}  // namespace arrow::flight

namespace litmus {

// What the Flight service hands on, so that it need not know how it is done. Calls come from any
// number of threads at once, one thread for each open stream.

// Answers tickets with `subscribe`.
class SubscriptionService {
 public:
  virtual ~SubscriptionService() = default;
  // `request` is the value of `subscribe`. The stream's Next() waits for events and ends the stream
  // soon after `is_cancelled` says that the subscriber has left (ask it at least twice a second) or
  // close() was called. Error(kInvalidArgument) names the key that cannot be used.
  virtual std::unique_ptr<arrow::flight::FlightDataStream> subscribe(
      const ValueMap& request, std::function<bool()> is_cancelled) = 0;
  virtual std::int64_t subscriber_count() const = 0;
  // Ends all streams in good order and refuses new ones: the daemon stops.
  virtual void close() = 0;
};

// Answers DoPut: events of writers on other machines.
class EventIntake {
 public:
  virtual ~EventIntake() = default;
  // Reads batches until the writer ends the stream; acknowledges each.
  virtual void take_events(arrow::flight::FlightMessageReader& reader,
                           arrow::flight::FlightMetadataWriter& writer) = 0;
};

}  // namespace litmus
