// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "litmus/event_store.h"
#include "model/event_subscription.h"

namespace arrow {
class Buffer;
template <class T>
class Result;
}  // namespace arrow
namespace arrow::flight {
class FlightClient;
class FlightStreamReader;
struct Ticket;
}  // namespace arrow::flight

namespace litmus {

// One subscription over one connection at a time, with the cursor to go on behind what was read.
// One thread, but for cancel().
class EventStream {
 public:
  EventStream(std::string data_dir, EventSubscription subscription);
  ~EventStream();

  // Opens it; again behind what was read. Error(kUnavailable) when there is no daemon.
  void connect();
  // Waits for events. Empty: nothing new, or it was cancelled. Error when the connection is lost;
  // connect() then goes on.
  std::vector<RecordedEvent> next();
  // What next() returned up to this one has been dealt with.
  void advance(const RecordedEvent& event);
  // next() returns soon, now and ever after; from any thread.
  void cancel();

  EventCursor cursor() const;  // from any thread

 private:
  arrow::Result<std::unique_ptr<arrow::flight::FlightStreamReader>> open(
      const arrow::flight::Ticket& ticket);
  void take_checkpoint(const arrow::Buffer& metadata);

  const std::string data_dir_;
  EventSubscription subscription_;
  bool connected_before_ = false;
  std::shared_ptr<arrow::flight::FlightClient> client_;
  // Counts when the events that came with it have been dealt with.
  std::optional<EventCursor> checkpoint_;

  mutable std::mutex mutex_;
  std::shared_ptr<arrow::flight::FlightStreamReader> reader_;
  EventCursor cursor_;
  bool cancelled_ = false;
};

}  // namespace litmus
