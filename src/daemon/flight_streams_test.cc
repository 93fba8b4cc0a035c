// SPDX-License-Identifier: Apache-2.0
// Subscriptions and DoPut through Flight, with a client of the Arrow library.
#include <arrow/array/array_binary.h>
#include <arrow/array/array_primitive.h>
#include <arrow/buffer.h>
#include <arrow/flight/client.h>
#include <arrow/flight/server.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>
#include <gmock/gmock.h>

#include <thread>

#include "daemon/event_intake.h"
#include "daemon/flight_status.h"
#include "daemon/subscription_stream.h"
#include "model/value_json.h"
#include "store/data_layout.h"
#include "store/event_file_fixture.h"

namespace litmus {
namespace {

namespace fl = arrow::flight;
using testing::HasSubstr;

// Nothing is stored.
class NoHistory final : public EventHistory {
 public:
  void sync() override {}
  bool is_complete() const override { return true; }
  Page page(const EventSelection&, const RunIds*, std::int64_t, std::int64_t up_to) override {
    return {{}, up_to};
  }
  std::optional<std::int64_t> first_number_behind(const EventCursor&) override { return {}; }
  EventCursor cursor_at(std::int64_t event_number, Timestamp from) override {
    return {from, {{Uuid{}, event_number}}};
  }
  RunIds unmaterialized_runs() override { return {}; }
};

class Server final : public fl::FlightServerBase {
 public:
  explicit Server(const std::string& data_dir) : intake_(data_dir) {}

  arrow::Status DoGet(const fl::ServerCallContext& context, const fl::Ticket& ticket,
                      std::unique_ptr<fl::FlightDataStream>* stream) override {
    return as_flight_status([&] {
      const Value request = parse_value(ticket.ticket);
      *stream = subscriptions.subscribe(*request.get_if<ValueMap>(),
                                        [&context] { return context.is_cancelled(); });
      return arrow::Status::OK();
    });
  }
  arrow::Status DoPut(const fl::ServerCallContext& /*context*/,
                      std::unique_ptr<fl::FlightMessageReader> reader,
                      std::unique_ptr<fl::FlightMetadataWriter> writer) override {
    return as_flight_status([&] {
      intake_.take_events(*reader, *writer);
      return arrow::Status::OK();
    });
  }

  SubscriptionHub hub{0};
  NoHistory history;
  FlightSubscriptions subscriptions{hub, history};

 private:
  FlightEventIntake intake_;
};

class FlightStreams : public EventFileTest {
 protected:
  FlightStreams() : server_(path("data")) {
    const auto location = *fl::Location::Parse("grpc+unix://" + path("socket"));
    EXPECT_TRUE(server_.Init(fl::FlightServerOptions(location)).ok());
    client_ = *fl::FlightClient::Connect(location);
  }
  ~FlightStreams() override {
    server_.subscriptions.close();
    EXPECT_TRUE(server_.Shutdown().ok());
  }

  std::unique_ptr<fl::FlightStreamReader> subscribe(const std::string& request = "{}") {
    fl::FlightCallOptions options;
    options.read_options.ensure_alignment = arrow::ipc::Alignment::kDataTypeSpecificAlignment;
    return *client_->DoGet(options, fl::Ticket{request});
  }

  void give(std::int64_t number, const std::string& type) {
    StreamedEvent event;
    event.event_number = number;
    event.writer_id = header().writer_id;
    event.seq = number;
    event.received_at = event.occurred_at = parse_iso8601("2026-03-10T12:00:00Z");
    event.event_type = type;
    event.json = R"({"value":1})";
    server_.hub.on_event(std::make_shared<const StreamedEvent>(std::move(event)));
  }

  Server server_;
  std::unique_ptr<fl::FlightClient> client_;
};

std::vector<std::int64_t> integers(const arrow::RecordBatch& batch, const std::string& name) {
  const auto& column = static_cast<const arrow::Int64Array&>(*batch.GetColumnByName(name));
  return {column.raw_values(), column.raw_values() + column.length()};
}

TEST_F(FlightStreams, SubscriberIsToldWhereItIsAndGetsWhatComes) {
  const auto stream = subscribe(R"({"event_type":"test.*","replay":"none"})");
  const auto first = *stream->Next();
  EXPECT_EQ(first.data->num_rows(), 0);
  EXPECT_THAT(first.app_metadata->ToString(), HasSubstr(R"("caught_up":true)"));
  give(1, "run.started");
  give(2, "test.measurement");
  const auto next = *stream->Next();
  EXPECT_EQ(integers(*next.data, "event_number"), std::vector<std::int64_t>{2});
  EXPECT_EQ(integers(*next.data, "seq"), std::vector<std::int64_t>{2});
  EXPECT_TRUE(next.data->GetColumnByName("run_id")->IsNull(0));
  const auto& json = static_cast<const arrow::StringArray&>(*next.data->GetColumnByName("json"));
  EXPECT_EQ(json.GetString(0), R"({"value":1})");
  const auto& writer =
      static_cast<const arrow::StringArray&>(*next.data->GetColumnByName("writer_id"));
  EXPECT_EQ(writer.GetString(0), header().writer_id.to_string());
}

TEST_F(FlightStreams, WhatWaitsComesInOneBatch) {
  const auto stream = subscribe();
  for (int number = 1; number <= 1000; ++number) give(number, "test.measurement");
  std::int64_t rows = 0;
  int batches = 0;
  while (rows < 1000) {
    rows += stream->Next()->data->num_rows();
    ++batches;
  }
  EXPECT_LT(batches, 500);
}

TEST_F(FlightStreams, SubscriberThatHasLeftIsNoticed) {
  auto stream = subscribe();
  EXPECT_EQ(server_.hub.subscriber_count(), 1);
  stream->Cancel();
  stream.reset();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (server_.hub.subscriber_count() > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(server_.hub.subscriber_count(), 0);
}

TEST_F(FlightStreams, StreamsEndInGoodOrderWhenTheDaemonStops) {
  const auto stream = subscribe();
  EXPECT_EQ(stream->Next()->data->num_rows(), 0);
  server_.subscriptions.close();
  const auto end = stream->Next();
  ASSERT_TRUE(end.ok()) << end.status().ToString();
  EXPECT_EQ(end->data, nullptr);
}

TEST_F(FlightStreams, RequestThatCannotBeUsedIsAnError) {
  const auto stream = client_->DoGet(fl::Ticket{R"({"replay":"some"})"});
  EXPECT_TRUE(stream.status().IsInvalid());
  EXPECT_THAT(stream.status().message(), HasSubstr("replay: expected matching"));
}

// What lies in an event file, as a program elsewhere sends it.
std::shared_ptr<arrow::RecordBatchReader> open_file(const std::vector<std::uint8_t>& bytes) {
  const auto buffer = arrow::Buffer::FromString(std::string(bytes.begin(), bytes.end()));
  return *arrow::ipc::RecordBatchStreamReader::Open(
      std::make_shared<arrow::io::BufferReader>(buffer));
}

TEST_F(FlightStreams, BatchesAreAcknowledgedAndStored) {
  const auto recorded = write(path("sent.arrow"), 5);
  const auto file = open_file(bytes_of(path("sent.arrow")));
  const auto put = *client_->DoPut(fl::FlightDescriptor::Path({"events"}), file->schema());
  for (int seq = 0; seq < 5; ++seq) {
    ASSERT_TRUE(put.writer->WriteRecordBatch(**file->Next()).ok());
    std::shared_ptr<arrow::Buffer> answer;
    ASSERT_TRUE(put.reader->ReadMetadata(&answer).ok());
    EXPECT_EQ(answer->ToString(), R"({"writer_id":")" + header().writer_id.to_string() +
                                      R"(","last_seq":)" + std::to_string(seq) + "}");
  }
  ASSERT_TRUE(put.writer->Close().ok());
  const auto stored = find_event_files(posix_file_system(), path("data"));
  ASSERT_EQ(stored.size(), 1U);
  const auto content = bytes_of(stored[0]);
  const auto [events, report] = read_events(content);
  EXPECT_EQ(events, recorded);
  EXPECT_TRUE(report.closed);
}

TEST_F(FlightStreams, OtherColumnsThanThoseOfAnEventFileAreRefused) {
  const auto schema = arrow::schema({arrow::field("id", arrow::utf8())});
  const auto put = client_->DoPut(fl::FlightDescriptor::Path({"events"}), schema);
  EXPECT_TRUE(put.ok());
  const auto status = put->writer->Close();
  EXPECT_TRUE(status.IsInvalid()) << status.ToString();
  EXPECT_THAT(status.message(), HasSubstr("expected the columns of an event file"));
}

}  // namespace
}  // namespace litmus
