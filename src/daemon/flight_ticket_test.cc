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

TEST(FlightTicket, IsAChannelIfItHasNothingThatAChannelHasNot) {
  const auto live = [](const char* ticket) {
    return std::get<ChannelFollowRequest>(parse_flight_ticket(ticket)).selection.channel_id;
  };
  EXPECT_EQ(live("dmm.voltage"), "dmm.voltage");
  EXPECT_EQ(live("*"), "*");
  EXPECT_EQ(live("psu[1].*"), "psu[1].*");
  EXPECT_EQ(live("ch%201%2F%25"), "ch 1/%");
  for (const char* sql : {"SELECT*FROM(runs)", "SELECT 1", " runs", "*.*", "dmm. ?"}) {
    EXPECT_TRUE(std::holds_alternative<SqlRequest>(parse_flight_ticket(sql))) << sql;
  }
  const auto query = std::get<ChannelHistoryRequest>(
                         parse_flight_ticket("dmm%201?session_id=3fcca080&start=2026-03-10T12:00:"
                                             "00%2B00:00&last_n=5&max_points=3&mode=minmax&order="
                                             "desc&expand=true&columns=value,units&limit=7&"
                                             "cursor=12+3"))
                         .query;
  EXPECT_EQ(query.channel_id, "dmm 1");
  EXPECT_EQ(query.session_id, "3fcca080");
  EXPECT_EQ(query.start, parse_iso8601("2026-03-10T12:00:00Z"));
  EXPECT_FALSE(query.end);
  EXPECT_EQ(query.last_n, 5);
  EXPECT_EQ(query.max_points, 3);
  EXPECT_EQ(query.thinning, ChannelQuery::Thinning::kMinMax);
  EXPECT_TRUE(query.descending && query.expand);
  EXPECT_EQ(query.columns, (std::vector<std::string>{"value", "units"}));
  EXPECT_EQ(query.limit, 7);
  EXPECT_EQ(query.cursor, "12+3");
}

TEST(FlightTicket, FollowsChannelsFromNowOnFromTheBeginningOrFromACursor) {
  const auto follow = [](const char* ticket) {
    return std::get<ChannelFollowRequest>(parse_flight_ticket(ticket));
  };
  const auto now = follow(R"({"follow":{"role":"dmm","session_id":"3fcca080"}})");
  EXPECT_EQ(now.selection.role, "dmm");
  EXPECT_EQ(now.selection.session_id, "3fcca080");
  EXPECT_FALSE(now.after);
  const auto all = follow(R"({"follow":{"with_stored":true}})");
  EXPECT_TRUE(all.after && !all.after->from && all.after->recordings.empty());
  const ChannelCursor cursor{parse_iso8601("2026-03-10T12:00:00Z"), {{"2026-03-10/dmm_3f", 4}}};
  const auto on = follow((R"({"follow":{"cursor":)" + cursor.to_json() + "}}").c_str());
  EXPECT_EQ(on.after->from, cursor.from);
  EXPECT_EQ(on.after->recordings, cursor.recordings);
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
  EXPECT_THAT(problem_of("SELECT '\xff'"), HasSubstr("not UTF-8"));
}

}  // namespace
}  // namespace litmus
