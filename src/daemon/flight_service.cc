// SPDX-License-Identifier: Apache-2.0
#include "daemon/flight_service.h"

#include <arrow/buffer.h>
#include <arrow/flight/server.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "base/json_writer.h"
#include "daemon/channel_flights.h"
#include "daemon/channel_intake.h"
#include "daemon/channel_ticket.h"
#include "daemon/feed.h"
#include "daemon/flight_hooks.h"
#include "daemon/flight_status.h"
#include "daemon/flight_ticket.h"
#include "daemon/query_slots.h"
#include "daemon/run_rows.h"
#include "index/index.h"
#include "store/arrow_status.h"
#include "store/channel_registry.h"

namespace litmus {
namespace {

namespace fl = arrow::flight;
using Clock = std::chrono::steady_clock;

constexpr int kQueriesAtOnce = 4;
constexpr std::int64_t kRowsPerBatch = 65536;  // of a channel

// The calls that are going on, and since when there are none.
class Activity {
 public:
  class Call {
   public:
    explicit Call(Activity& activity) : activity_(activity) { ++activity_.calls_; }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() {
      activity_.last_ = Clock::now();
      --activity_.calls_;
    }

   private:
    Activity& activity_;
  };

  std::int64_t calls() const { return calls_; }
  std::chrono::milliseconds idle_time() const {
    if (calls_ > 0) return {};
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - last_.load());
  }

 private:
  std::atomic<int> calls_ = 0;
  std::atomic<Clock::time_point> last_ = Clock::now();
};

// A stream counts as a call until it is sent.
class CountedStream final : public fl::FlightDataStream {
 public:
  CountedStream(std::unique_ptr<fl::FlightDataStream> stream, Activity& activity)
      : call_(activity), stream_(std::move(stream)) {}

  std::shared_ptr<arrow::Schema> schema() override { return stream_->schema(); }
  arrow::Result<fl::FlightPayload> GetSchemaPayload() override {
    return stream_->GetSchemaPayload();
  }
  arrow::Result<fl::FlightPayload> Next() override { return stream_->Next(); }
  arrow::Status Close() override { return stream_->Close(); }

 private:
  Activity::Call call_;
  std::unique_ptr<fl::FlightDataStream> stream_;
};

// The same rows; the schema says what the client should know about them.
class ReaderWithWarnings final : public arrow::RecordBatchReader {
 public:
  ReaderWithWarnings(std::shared_ptr<arrow::RecordBatchReader> reader, const ValueList& warnings)
      : reader_(std::move(reader)) {
    std::string json;
    JsonWriter(json).value(warnings);
    auto metadata = reader_->schema()->metadata() == nullptr
                        ? std::make_shared<arrow::KeyValueMetadata>()
                        : reader_->schema()->metadata()->Copy();
    metadata->Append("litmus.warnings", json);
    schema_ = reader_->schema()->WithMetadata(metadata);
  }

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    return reader_->ReadNext(batch);
  }

 private:
  std::shared_ptr<arrow::RecordBatchReader> reader_;
  std::shared_ptr<arrow::Schema> schema_;
};

std::shared_ptr<arrow::RecordBatchReader> with_warnings(
    std::shared_ptr<arrow::RecordBatchReader> reader, const ValueList& warnings) {
  if (warnings.empty()) return reader;
  return std::make_shared<ReaderWithWarnings>(std::move(reader), warnings);
}

ValueList warnings_of(const FeedState& state) {
  ValueList warnings;
  if (!state.caught_up) {
    warnings.emplace_back(fmt::format("the index is being built: {} of {} files so far",
                                      state.files_indexed,
                                      state.files_indexed + state.files_to_index));
  }
  if (state.index_incomplete) {
    warnings.emplace_back(
        "the index could not be written: what was recorded since then is missing here, and will be "
        "read again in a minute; `litmus daemon status` names the log that says why");
  }
  if (state.broken_files > 0) {
    warnings.emplace_back(fmt::format("{} {} cannot be read and left out; `litmus doctor` says why",
                                      state.broken_files,
                                      state.broken_files == 1 ? "file" : "files"));
  }
  return warnings;
}

std::shared_ptr<arrow::Buffer> json_buffer(const ValueMap& map) {
  std::string json;
  JsonWriter(json).value(map);
  return arrow::Buffer::FromString(std::move(json));
}

const std::vector<fl::ActionType>& action_types() {
  static const std::vector<fl::ActionType> types = {
      {"status", "what the daemon is and does, as a JSON object"},
      {"sync", "returns when everything that was written before is seen by queries"},
      {"reindex", "ends the daemon and drops the index; it is built anew at the next start"},
      {"shutdown", "ends the daemon in good order"}};
  return types;
}

constexpr std::array kRelations = {"runs", "steps", "measurements", "events", "sessions"};

}  // namespace

class FlightService::Server final : public fl::FlightServerBase {
 public:
  explicit Server(Parts parts) : parts_(std::move(parts)) {}

  void start(const std::string& socket_file) {
    socket_file_ = socket_file;
    address_ = "grpc+unix://" + socket_file;
    std::filesystem::remove(socket_file);  // of a daemon that was killed
    const auto location = value_or_throw(fl::Location::Parse(address_), "use " + address_);
    throw_if_failed(Init(fl::FlightServerOptions(location)), "listen on " + address_);
    using std::filesystem::perms;
    std::filesystem::permissions(socket_file, perms::owner_read | perms::owner_write);
  }

  void stop(std::chrono::milliseconds patience) {
    if (stopped_) return;
    stopped_ = true;
    const auto deadline = std::chrono::system_clock::now() + patience;
    (void)Shutdown(&deadline);
    std::error_code ignored;
    std::filesystem::remove(socket_file_, ignored);
  }

  const std::string& address() const { return address_; }
  const Activity& activity() const { return activity_; }

  arrow::Status DoGet(const fl::ServerCallContext& context, const fl::Ticket& ticket,
                      std::unique_ptr<fl::FlightDataStream>* stream) override {
    const Activity::Call call(activity_);
    return as_flight_status([&] {
      const FlightRequest request = parse_flight_ticket(ticket.ticket);
      std::unique_ptr<fl::FlightDataStream> answer;
      if (const auto* subscribe = std::get_if<SubscribeRequest>(&request)) {
        answer = parts_.subscriptions.subscribe(subscribe->filter,
                                                [&context] { return context.is_cancelled(); });
      } else if (const auto* follow = std::get_if<ChannelFollowRequest>(&request)) {
        answer = parts_.channels.follow(*follow, [&context] { return context.is_cancelled(); });
      } else {
        answer = std::make_unique<fl::RecordBatchStream>(answer_to(request, context));
      }
      *stream = std::make_unique<CountedStream>(std::move(answer), activity_);
      return arrow::Status::OK();
    });
  }

  arrow::Status DoPut(const fl::ServerCallContext&, std::unique_ptr<fl::FlightMessageReader> reader,
                      std::unique_ptr<fl::FlightMetadataWriter> writer) override {
    const Activity::Call call(activity_);
    return as_flight_status([&] {
      const fl::FlightDescriptor& descriptor = reader->descriptor();
      if (descriptor.type == fl::FlightDescriptor::CMD) {
        parts_.channel_intake.take_samples(descriptor.cmd, *reader, *writer);
      } else {
        parts_.intake.take_events(*reader, *writer);
      }
      return arrow::Status::OK();
    });
  }

  arrow::Status GetFlightInfo(const fl::ServerCallContext& context,
                              const fl::FlightDescriptor& descriptor,
                              std::unique_ptr<fl::FlightInfo>* info) override {
    const Activity::Call call(activity_);
    return as_flight_status([&] {
      if (descriptor.type != fl::FlightDescriptor::CMD) {
        throw Error(Code::kInvalidArgument,
                    "a flight is named by a command: SQL, or what a ticket may hold");
      }
      *info =
          std::make_unique<fl::FlightInfo>(info_of(descriptor, schema_of(descriptor.cmd, context)));
      return arrow::Status::OK();
    });
  }

  arrow::Status ListFlights(const fl::ServerCallContext& context, const fl::Criteria* criteria,
                            std::unique_ptr<fl::FlightListing>* listing) override {
    const Activity::Call call(activity_);
    return as_flight_status([&] {
      std::vector<fl::FlightInfo> flights;
      const bool only_channels = criteria != nullptr && criteria->expression == "channels";
      for (const char* relation : kRelations) {
        if (only_channels) break;
        const std::string sql = std::string("SELECT * FROM ") + relation;
        flights.push_back(info_of(fl::FlightDescriptor::Command(sql), schema_of(sql, context)));
      }
      for (const auto& [descriptor, schema] : parts_.channels.list()) {
        std::string json;
        JsonWriter writer(json);
        write_json(writer, descriptor);
        flights.push_back(
            info_of(fl::FlightDescriptor::Command(history_ticket(descriptor.channel_id)), schema,
                    std::move(json)));
      }
      *listing = std::make_unique<fl::SimpleFlightListing>(std::move(flights));
      return arrow::Status::OK();
    });
  }

  arrow::Status ListActions(const fl::ServerCallContext&,
                            std::vector<fl::ActionType>* actions) override {
    *actions = action_types();
    return arrow::Status::OK();
  }

  arrow::Status DoAction(const fl::ServerCallContext&, const fl::Action& action,
                         std::unique_ptr<fl::ResultStream>* results) override {
    const Activity::Call call(activity_);
    return as_flight_status([&] {
      std::vector<fl::Result> answers;
      if (action.type == "status") {
        answers.emplace_back(json_buffer(parts_.status()));
      } else if (action.type == "sync") {
        parts_.feed.sync();
      } else if (action.type == "shutdown" || action.type == "reindex") {
        parts_.log(action.type + " was asked for");
        parts_.stop(action.type == "reindex");
      } else {
        throw Error(Code::kInvalidArgument, "there is no action \"" + action.type +
                                                "\"; expected status, sync, reindex or shutdown");
      }
      *results = std::make_unique<fl::SimpleResultStream>(std::move(answers));
      return arrow::Status::OK();
    });
  }

 private:
  std::shared_ptr<arrow::RecordBatchReader> answer_to(const FlightRequest& request,
                                                      const fl::ServerCallContext& context) {
    const auto slot = slots_.take([&] { return context.is_cancelled(); });
    if (const auto* channel = std::get_if<ChannelHistoryRequest>(&request)) {
      auto [table, damages] = parts_.channels.history(channel->query);
      const ValueList damaged(damages.begin(), damages.end());
      auto rows = std::make_shared<arrow::TableBatchReader>(std::move(table));
      rows->set_chunksize(kRowsPerBatch);
      return with_warnings(std::move(rows), damaged);
    }
    parts_.feed.sync();
    const ValueList warnings = warnings_of(parts_.feed.state());
    std::shared_ptr<arrow::RecordBatchReader> answer;
    if (const auto* sql = std::get_if<SqlRequest>(&request)) {
      answer = parts_.index.sql(sql->statement,
                                {.is_cancelled = [&context] { return context.is_cancelled(); }});
    } else if (const auto* named = std::get_if<NamedQueryRequest>(&request)) {
      answer = parts_.index.query(named->name, named->parameters);
    } else {
      const auto& run = std::get<RunRowsRequest>(request);
      answer = read_run_rows(run.run_id_or_prefix, parts_.index, parts_.feed);
    }
    return with_warnings(std::move(answer), warnings);
  }

  std::shared_ptr<arrow::Schema> schema_of(const std::string& command,
                                           const fl::ServerCallContext& context) {
    const FlightRequest request = parse_flight_ticket(command);
    const auto* sql = std::get_if<SqlRequest>(&request);
    if (std::holds_alternative<SubscribeRequest>(request) ||
        std::holds_alternative<ChannelFollowRequest>(request)) {
      throw Error(Code::kInvalidArgument, "a subscription is opened with its ticket");
    }
    if (sql == nullptr) return answer_to(request, context)->schema();
    const auto slot = slots_.take([&] { return context.is_cancelled(); });
    return parts_.index.sql("SELECT * FROM (" + sql->statement + "\n) LIMIT 0")->schema();
  }

  static fl::FlightInfo info_of(const fl::FlightDescriptor& descriptor,
                                const std::shared_ptr<arrow::Schema>& schema,
                                std::string app_metadata = "") {
    // No location: where the information came from.
    const fl::FlightEndpoint endpoint{fl::Ticket{descriptor.cmd}, {}, std::nullopt, ""};
    constexpr std::int64_t kUnknown = -1;
    return value_or_throw(fl::FlightInfo::Make(schema, descriptor, {endpoint}, kUnknown, kUnknown,
                                               /*ordered=*/false, std::move(app_metadata)),
                          "describe the flight");
  }

  Parts parts_;
  std::string socket_file_;
  std::string address_;
  Activity activity_;
  QuerySlots slots_{kQueriesAtOnce};
  bool stopped_ = false;
};

FlightService::FlightService(Parts parts, const std::string& socket_file)
    : server_(std::make_unique<Server>(std::move(parts))) {
  server_->start(socket_file);
}

FlightService::~FlightService() { stop(std::chrono::milliseconds(0)); }

const std::string& FlightService::address() const { return server_->address(); }

std::int64_t FlightService::running_calls() const { return server_->activity().calls(); }

std::chrono::milliseconds FlightService::idle_time() const {
  return server_->activity().idle_time();
}

void FlightService::stop(std::chrono::milliseconds patience) { server_->stop(patience); }

}  // namespace litmus
