// SPDX-License-Identifier: Apache-2.0
#include "reader/daemon_client.h"

#include <arrow/buffer.h>
#include <arrow/flight/client.h>
#include <arrow/record_batch.h>
#include <arrow/util/key_value_metadata.h>

#include "base/json_writer.h"
#include "model/value_json.h"
#include "reader/flight_connection.h"
#include "reader/flight_error.h"
#include "service/daemon_directory.h"

namespace litmus {
namespace {

namespace fl = arrow::flight;
using Client = std::shared_ptr<fl::FlightClient>;

constexpr int kTries = 3;

// The rows of an answer; keeps the connection that they come through.
class AnswerReader final : public arrow::RecordBatchReader {
 public:
  AnswerReader(Client client, std::unique_ptr<fl::FlightStreamReader> stream,
               std::shared_ptr<arrow::Schema> schema)
      : client_(std::move(client)), stream_(std::move(stream)), schema_(std::move(schema)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    auto chunk = stream_->Next();
    if (!chunk.ok()) return chunk.status().WithMessage(to_error(chunk.status()).what());
    *batch = chunk->data;
    return arrow::Status::OK();
  }

 private:
  Client client_;
  std::unique_ptr<fl::FlightStreamReader> stream_;
  std::shared_ptr<arrow::Schema> schema_;
};

std::vector<std::string> warnings_in(const arrow::Schema& schema) {
  std::vector<std::string> warnings;
  if (schema.metadata() == nullptr) return warnings;
  const auto json = schema.metadata()->Get("litmus.warnings");
  if (!json.ok()) return warnings;
  const Value value = parse_value(*json);
  if (const auto* list = value.get_if<ValueList>()) {
    for (const Value& text : *list) {
      if (const auto* warning = text.get_if<std::string>()) warnings.push_back(*warning);
    }
  }
  return warnings;
}

arrow::Result<std::string> act(fl::FlightClient& client, const char* action) {
  ARROW_ASSIGN_OR_RAISE(auto results,
                        client.DoAction(fl::Action{action, arrow::Buffer::FromString("")}));
  std::string answer;
  while (true) {
    ARROW_ASSIGN_OR_RAISE(const auto result, results->Next());
    if (result == nullptr) return answer;
    answer = result->body->ToString();
  }
}

ValueMap parse_status(const std::string& json) {
  const Value value = parse_value(json);
  const auto* map = value.get_if<ValueMap>();
  return map == nullptr ? ValueMap{} : *map;
}

std::string ticket_of(const ValueMap& request) {
  std::string json;
  JsonWriter(json).value(request);
  return json;
}

}  // namespace

class DaemonClient::Connection {
 public:
  explicit Connection(std::string data_dir) : data_dir_(std::move(data_dir)) {}

  // `ask` returns an arrow::Result; a daemon that is not there any more is replaced.
  template <class Ask>
  auto call(const Ask& ask) {
    for (int left = kTries - 1;; --left) {
      if (client_ == nullptr) client_ = connect_flight(ensure_daemon(data_dir_).address);
      auto answer = ask(client_);
      if (answer.ok()) return std::move(answer).ValueUnsafe();
      const bool is_lost = is_connection_failure(answer.status());
      if (is_lost) client_.reset();
      if (!is_lost || left == 0) throw to_error(answer.status());
    }
  }

  std::shared_ptr<arrow::RecordBatchReader> get(const std::string& ticket) {
    warnings.clear();
    auto reader = call([&](const Client& client) -> arrow::Result<std::shared_ptr<AnswerReader>> {
      ARROW_ASSIGN_OR_RAISE(auto stream, client->DoGet(aligned_reading(), fl::Ticket{ticket}));
      ARROW_ASSIGN_OR_RAISE(auto schema, stream->GetSchema());
      return std::make_shared<AnswerReader>(client, std::move(stream), std::move(schema));
    });
    warnings = warnings_in(*reader->schema());
    return reader;
  }

  std::string act(const char* action) {
    return call([&](const Client& client) { return litmus::act(*client, action); });
  }
  void disconnect() { client_.reset(); }

  std::vector<std::string> warnings;

 private:
  std::string data_dir_;
  Client client_;
};

DaemonClient::DaemonClient(std::string data_dir)
    : connection_(std::make_unique<Connection>(std::move(data_dir))) {}
DaemonClient::~DaemonClient() = default;

std::shared_ptr<arrow::RecordBatchReader> DaemonClient::query(std::string_view name,
                                                              const ValueMap& parameters) {
  return connection_->get(ticket_of({{"query", name}, {"parameters", parameters}}));
}

std::shared_ptr<arrow::RecordBatchReader> DaemonClient::sql(std::string_view statement) {
  // A space, so that nothing that a user types is taken for another kind of ticket; at the end, if
  // that is enough, so that places in errors are those of the statement.
  const auto mark = statement.find_first_of("? \t\n");
  const bool looks_different =
      statement.starts_with('{') || (mark != std::string_view::npos && statement[mark] == '?');
  const std::string sql(statement);
  return connection_->get(looks_different ? " " + sql : sql + " ");
}

std::shared_ptr<arrow::RecordBatchReader> DaemonClient::run_rows(
    std::string_view run_id_or_prefix) {
  return connection_->get(ticket_of({{"run_rows", run_id_or_prefix}}));
}

ValueMap DaemonClient::status() { return parse_status(connection_->act("status")); }

void DaemonClient::sync() { connection_->act("sync"); }

void DaemonClient::reindex() {
  connection_->act("reindex");
  connection_->disconnect();
}

const std::vector<std::string>& DaemonClient::warnings() const { return connection_->warnings; }

ValueMap status_of(const RunningDaemon& daemon) {
  const auto client = connect_flight(daemon.address);
  const auto answer = act(*client, "status");
  if (!answer.ok()) throw to_error(answer.status());
  return parse_status(*answer);
}

}  // namespace litmus
