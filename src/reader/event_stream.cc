// SPDX-License-Identifier: Apache-2.0
#include "reader/event_stream.h"

#include <arrow/buffer.h>
#include <arrow/flight/client.h>
#include <arrow/record_batch.h>

#include <utility>

#include "base/json_writer.h"
#include "litmus/error.h"
#include "model/value_json.h"
#include "reader/flight_connection.h"
#include "reader/flight_error.h"
#include "reader/recorded_events.h"
#include "service/daemon_directory.h"

namespace litmus {

namespace fl = arrow::flight;

constexpr int kTries = 5;

EventStream::EventStream(std::string data_dir, EventSubscription subscription)
    : data_dir_(std::move(data_dir)), subscription_(std::move(subscription)) {
  if (subscription_.cursor) {
    cursor_ = *subscription_.cursor;
  } else if (subscription_.replay == Replay::kNone) {
    cursor_.from = now();  // in case the connection is lost before the daemon says where it is
  }
}

EventStream::~EventStream() {
  if (reader_) reader_->Cancel();
}

void EventStream::connect() {
  EventSubscription request = subscription_;
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_) return;
    if (reader_) reader_->Cancel();
    reader_.reset();
    if (connected_before_) request.cursor = cursor_;
  }
  checkpoint_.reset();
  const fl::Ticket ticket{R"({"subscribe":)" + to_json(request) + "}"};
  auto reader = open(ticket);
  for (int left = kTries - 1; !reader.ok(); --left) {
    if (left == 0 || !is_connection_failure(reader.status())) throw to_error(reader.status());
    reader = open(ticket);
  }
  connected_before_ = true;
  const std::lock_guard lock(mutex_);
  reader_ = std::move(*reader);
  if (cancelled_) reader_->Cancel();
}

arrow::Result<std::unique_ptr<fl::FlightStreamReader>> EventStream::open(const fl::Ticket& ticket) {
  client_ = connect_flight(ensure_daemon(data_dir_).address);
  return client_->DoGet(aligned_reading(), ticket);
}

std::vector<RecordedEvent> EventStream::next() {
  std::vector<RecordedEvent> events;
  std::shared_ptr<fl::FlightStreamReader> reader;
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_) return events;
    if (checkpoint_) cursor_ = *std::exchange(checkpoint_, std::nullopt);
    reader = reader_;
  }
  if (!reader) throw Error(Code::kUnavailable, "the subscription is not connected");
  auto chunk = reader->Next();
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_) return events;
  }
  if (!chunk.ok()) throw to_error(chunk.status());
  if (!chunk->data) throw Error(Code::kUnavailable, "the daemon has ended the subscription");
  if (chunk->app_metadata) take_checkpoint(*chunk->app_metadata);
  append_events(events, *chunk->data);
  return events;
}

void EventStream::advance(const RecordedEvent& event) {
  const std::lock_guard lock(mutex_);
  cursor_.writers[event.writer_id] = event.seq;
}

void EventStream::take_checkpoint(const arrow::Buffer& metadata) {
  const Value value = parse_value(metadata.ToString());
  const auto* map = value.get_if<ValueMap>();
  const Value* cursor = map != nullptr ? map->find("cursor") : nullptr;
  if (cursor == nullptr) return;
  std::string json;
  JsonWriter(json).value(*cursor);
  checkpoint_ = EventCursor::from_json(json);
}

void EventStream::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (reader_) reader_->Cancel();
}

EventCursor EventStream::cursor() const {
  const std::lock_guard lock(mutex_);
  return cursor_;
}

}  // namespace litmus
