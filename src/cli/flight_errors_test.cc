// SPDX-License-Identifier: Apache-2.0
// Both halves of the way of an error from the daemon to its client meet here first.
#include <arrow/flight/client.h>
#include <arrow/flight/server.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_codes.h"
#include "base/temporary_folder.h"
#include "daemon/flight_status.h"
#include "reader/flight_error.h"

namespace litmus {
namespace {

namespace fl = arrow::flight;

// Throws the error whose code the ticket names.
class FailingServer final : public fl::FlightServerBase {
 public:
  arrow::Status DoGet(const fl::ServerCallContext&, const fl::Ticket& ticket,
                      std::unique_ptr<fl::FlightDataStream>*) override {
    return as_flight_status([&]() -> arrow::Status {
      for (const CodeMapping& mapping : kCodeMappings) {
        if (mapping.name == ticket.ticket) throw Error(mapping.code, text_of(mapping));
      }
      throw std::runtime_error("nothing that was foreseen");
    });
  }
  static std::string text_of(const CodeMapping& mapping) {
    return "line 2, column 7: µ\n" + std::string(mapping.name) + ". Detail: none.";
  }
};

class FlightErrors : public testing::Test {
 protected:
  FlightErrors() {
    const auto location = *fl::Location::Parse("grpc+unix://" + (folder_ / "socket"));
    EXPECT_TRUE(server_.Init(fl::FlightServerOptions(location)).ok());
    client_ = *fl::FlightClient::Connect(location);
  }

  arrow::Status status_of(std::string_view ticket) {
    return client_->DoGet(fl::Ticket{std::string(ticket)}).status();
  }

  TemporaryFolder folder_;
  FailingServer server_;
  std::unique_ptr<fl::FlightClient> client_;
};

TEST_F(FlightErrors, KeepTheirCodeAndText) {
  for (const CodeMapping& mapping : kCodeMappings) {
    const arrow::Status status = status_of(mapping.name);
    const Error error = to_error(status);
    EXPECT_EQ(error.code(), mapping.code) << mapping.name;
    EXPECT_EQ(error.what(), FailingServer::text_of(mapping));
    EXPECT_FALSE(is_connection_failure(status)) << mapping.name;
  }
}

TEST_F(FlightErrors, InsideTheDaemonAreNoReasonToAskAnother) {
  const arrow::Status status = status_of("?");
  EXPECT_FALSE(is_connection_failure(status));
  EXPECT_EQ(to_error(status).code(), Code::kIo);
  EXPECT_THAT(to_error(status).what(), testing::HasSubstr("nothing that was foreseen"));
}

TEST_F(FlightErrors, OfTheConnectionAreAReasonToAskAnother) {
  EXPECT_TRUE(server_.Shutdown().ok());
  const arrow::Status status = status_of("io");
  EXPECT_TRUE(is_connection_failure(status)) << status.ToString();
  EXPECT_EQ(to_error(status).code(), Code::kUnavailable);
}

}  // namespace
}  // namespace litmus
