// SPDX-License-Identifier: Apache-2.0
#include "daemon/flight_ticket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "litmus/error.h"

namespace litmus {
namespace {

TEST(FlightTicket, IsSqlUnlessItIsAnObject) {
  EXPECT_EQ(std::get<SqlRequest>(parse_flight_ticket("SELECT 1")).statement, "SELECT 1");
  EXPECT_EQ(std::get<SqlRequest>(parse_flight_ticket("")).statement, "");
}

TEST(FlightTicket, NamesAQueryARunOrASubscription) {
  const auto query = std::get<NamedQueryRequest>(
      parse_flight_ticket(R"({"query":"runs.list","parameters":{"limit":3}})"));
  EXPECT_EQ(query.name, "runs.list");
  EXPECT_EQ(query.parameters, ValueMap({{"limit", 3}}));
  EXPECT_TRUE(std::get<NamedQueryRequest>(parse_flight_ticket(R"({"query":"runs.list"})"))
                  .parameters.empty());
  EXPECT_EQ(
      std::get<RunRowsRequest>(parse_flight_ticket(R"({"run_rows":"3f2a"})")).run_id_or_prefix,
      "3f2a");
  EXPECT_EQ(
      std::get<SubscribeRequest>(parse_flight_ticket(R"({"subscribe":{"role":"dmm"}})")).filter,
      ValueMap({{"role", "dmm"}}));
}

TEST(FlightTicket, SaysWhatIsWrongWithIt) {
  const auto problem_of = [](const char* ticket) -> std::string {
    try {
      parse_flight_ticket(ticket);
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kInvalidArgument);
      return error.what();
    }
  };
  using testing::HasSubstr;
  EXPECT_THAT(problem_of("{"), HasSubstr("expected SQL, or a JSON object"));
  EXPECT_THAT(problem_of("{}"), HasSubstr("no known key"));
  EXPECT_THAT(problem_of(R"({"query":3})"), HasSubstr("\"query\" is not a text"));
  EXPECT_THAT(problem_of(R"({"query":"x","limit":3})"), HasSubstr("unexpected key \"limit\""));
  EXPECT_THAT(problem_of(R"({"run_rows":"x","query":"y"})"), HasSubstr("unexpected key"));
  EXPECT_THAT(problem_of(R"({"subscribe":[]})"), HasSubstr("\"subscribe\" is not an object"));
}

}  // namespace
}  // namespace litmus
