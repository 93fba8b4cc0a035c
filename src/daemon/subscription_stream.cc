// SPDX-License-Identifier: Apache-2.0
#include "daemon/subscription_stream.h"

#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/buffer.h>
#include <arrow/flight/server.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <future>
#include <unordered_map>
#include <utility>

#include "daemon/flight_status.h"
#include "litmus/error.h"
#include "store/arrow_status.h"

namespace litmus {
namespace {

using Clock = std::chrono::steady_clock;

// How long a subscriber that has left may go unnoticed.
constexpr auto kPatience = std::chrono::milliseconds(250);
constexpr auto kCheckpointPatience = std::chrono::milliseconds(5);
constexpr auto kCheckpoints = std::chrono::minutes(1);
// Longer than any clock of a bench is wrong, and than a writer's events wait to be read.
constexpr auto kCursorReach = std::chrono::hours(24);

const std::shared_ptr<arrow::Schema>& stream_schema() {
  static const auto schema = [] {
    const auto time = arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
    return arrow::schema({
        arrow::field("event_number", arrow::int64()),
        arrow::field("writer_id", arrow::utf8()),
        arrow::field("seq", arrow::int64()),
        arrow::field("occurred_at", time),
        arrow::field("received_at", time),
        arrow::field("id", arrow::utf8()),
        arrow::field("event_type", arrow::utf8()),
        arrow::field("session_id", arrow::utf8()),
        arrow::field("run_id", arrow::utf8()),
        arrow::field("json", arrow::utf8()),
    });
  }();
  return schema;
}

template <class Builder, class Get>
std::shared_ptr<arrow::Array> column(const StreamedEvents& events, Builder builder, Get get) {
  constexpr const char* kAction = "build a batch of events";
  throw_if_failed(builder.Reserve(std::ssize(events)), kAction);
  for (const auto& event : events) throw_if_failed(get(builder, *event), kAction);
  return value_or_throw(builder.Finish(), kAction);
}

std::shared_ptr<arrow::RecordBatch> to_batch(const StreamedEvents& events) {
  using arrow::Int64Builder;
  using arrow::StringBuilder;
  const auto integers = [&](auto member) {
    return column(events, Int64Builder(), [member](Int64Builder& builder, const auto& event) {
      return builder.Append(event.*member);
    });
  };
  const auto texts = [&](auto member) {
    return column(events, StringBuilder(), [member](StringBuilder& builder, const auto& event) {
      return builder.Append(event.*member);
    });
  };
  const auto times = [&](auto member) {
    arrow::TimestampBuilder builder(stream_schema()->field(3)->type(),
                                    arrow::default_memory_pool());
    return column(events, std::move(builder), [member](auto& times, const auto& event) {
      return times.Append((event.*member).time_since_epoch().count());
    });
  };
  const auto writers =
      column(events, StringBuilder(), [](StringBuilder& builder, const StreamedEvent& event) {
        return builder.Append(event.writer_id.to_string());
      });
  const auto runs =
      column(events, StringBuilder(), [](StringBuilder& builder, const StreamedEvent& event) {
        return event.run_id ? builder.Append(*event.run_id) : builder.AppendNull();
      });
  return arrow::RecordBatch::Make(
      stream_schema(), std::ssize(events),
      {integers(&StreamedEvent::event_number), writers, integers(&StreamedEvent::seq),
       times(&StreamedEvent::occurred_at), times(&StreamedEvent::received_at),
       texts(&StreamedEvent::id), texts(&StreamedEvent::event_type),
       texts(&StreamedEvent::session_id), runs, texts(&StreamedEvent::json)});
}

// Works out the cursor of a subscriber on a thread of its own, since that has to wait for the
// index; events are delivered meanwhile.
class Checkpoint {
 public:
  explicit Checkpoint(EventHistory& history) : history_(history) {}

  bool is_due() const { return !cursor_.valid() && Clock::now() >= next_; }
  bool is_pending() const { return cursor_.valid(); }

  // All events up to this number are delivered.
  void begin(std::int64_t position) {
    delivered_.clear();
    cursor_ = std::async(std::launch::async, [&history = history_, position] {
      return history.checkpoint(position, now() - kCursorReach);
    });
    next_ = Clock::now() + kCheckpoints;
  }
  void add(const StreamedEvents& events) {
    if (!is_pending()) return;
    for (const auto& event : events) delivered_[event->writer_id] = event->seq;
  }
  // Has all that was delivered up to now.
  std::optional<EventCursor> take() {
    if (!is_pending() || cursor_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
      return std::nullopt;
    }
    EventCursor cursor = cursor_.get();
    for (const auto& [writer, seq] : delivered_) cursor.writers[writer] = seq;
    return cursor;
  }

 private:
  EventHistory& history_;
  std::future<EventCursor> cursor_;
  std::unordered_map<Uuid, std::int64_t> delivered_;  // since begin()
  Clock::time_point next_ = Clock::now();
};

class SubscriptionStream final : public arrow::flight::FlightDataStream {
 public:
  SubscriptionStream(std::unique_ptr<Subscriber> subscriber, EventHistory& history,
                     std::function<bool()> is_cancelled)
      : subscriber_(std::move(subscriber)),
        checkpoint_(history),
        is_cancelled_(std::move(is_cancelled)) {}

  std::shared_ptr<arrow::Schema> schema() override { return stream_schema(); }

  arrow::Result<arrow::flight::FlightPayload> GetSchemaPayload() override {
    arrow::flight::FlightPayload payload;
    ARROW_RETURN_NOT_OK(arrow::ipc::GetSchemaPayload(
        *stream_schema(), options_, arrow::ipc::DictionaryFieldMapper(*stream_schema()),
        &payload.ipc_message));
    return payload;
  }

  arrow::Result<arrow::flight::FlightPayload> Next() override {
    try {
      while (!is_cancelled_() && !subscriber_->is_closed()) {
        const StreamedEvents events =
            subscriber_->next(checkpoint_.is_pending() ? kCheckpointPatience : kPatience);
        checkpoint_.add(events);
        const std::optional<EventCursor> cursor = checkpoint_.take();
        if (subscriber_->is_caught_up() && checkpoint_.is_due()) {
          checkpoint_.begin(subscriber_->position());
        }
        if (!events.empty() || cursor) return payload_of(events, cursor);
      }
    } catch (const Error& error) {
      return to_flight_status(error);
    } catch (const std::exception& error) {
      return arrow::Status::UnknownError("the subscription failed: ", error.what());
    }
    return arrow::flight::FlightPayload{};  // without metadata: the end
  }

 private:
  arrow::flight::FlightPayload payload_of(const StreamedEvents& events,
                                          const std::optional<EventCursor>& cursor) {
    arrow::flight::FlightPayload payload;
    throw_if_failed(
        arrow::ipc::GetRecordBatchPayload(*to_batch(events), options_, &payload.ipc_message),
        "encode a batch of events");
    if (cursor) {
      payload.app_metadata =
          arrow::Buffer::FromString(R"({"caught_up":true,"cursor":)" + cursor->to_json() + "}");
    }
    return payload;
  }

  const std::unique_ptr<Subscriber> subscriber_;
  Checkpoint checkpoint_;
  const std::function<bool()> is_cancelled_;
  const arrow::ipc::IpcWriteOptions options_ = arrow::ipc::IpcWriteOptions::Defaults();
};

}  // namespace

std::unique_ptr<arrow::flight::FlightDataStream> FlightSubscriptions::subscribe(
    const ValueMap& request, std::function<bool()> is_cancelled) {
  return std::make_unique<SubscriptionStream>(hub_.subscribe(parse_subscription(request), history_),
                                              history_, std::move(is_cancelled));
}

}  // namespace litmus
