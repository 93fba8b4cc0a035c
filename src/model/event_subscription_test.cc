// SPDX-License-Identifier: Apache-2.0
#include "model/event_subscription.h"

#include <gmock/gmock.h>

#include "litmus/error.h"
#include "model/value_json.h"

namespace litmus {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

const Uuid kFirst = Uuid::parse("6f1c2b4e-0d3a-4a57-9a11-7f0c5ad0e001");
const Uuid kSecond = Uuid::parse("0b7e7f3c-64bd-4d0e-8a6b-3c8f6d2a9001");
const Timestamp kNoon = parse_iso8601("2026-03-10T12:00:00Z");

ValueMap map_of(const std::string& json) { return *parse_value(json).get_if<ValueMap>(); }

TEST(EventSubscription, IsReadBackAsItWasWritten) {
  EventSubscription written;
  written.selection = {.event_types = {"test.*", "run.ended"},
                       .role = "dmm",
                       .session_id = kFirst.to_string(),
                       .run_id = kSecond.to_string(),
                       .since = kNoon};
  written.replay = Replay::kUnmaterializedRuns;
  written.cursor = EventCursor{kNoon, {{kFirst, 7}, {kSecond, 0}}};
  const EventSubscription read = parse_subscription(map_of(to_json(written)));
  EXPECT_EQ(read.selection.event_types, written.selection.event_types);
  EXPECT_EQ(read.selection.role, "dmm");
  EXPECT_EQ(read.selection.session_id, kFirst.to_string());
  EXPECT_EQ(read.selection.run_id, kSecond.to_string());
  EXPECT_EQ(read.selection.since, kNoon);
  EXPECT_EQ(read.replay, Replay::kUnmaterializedRuns);
  EXPECT_EQ(read.cursor, written.cursor);
}

TEST(EventSubscription, TypeMayBeOneText) {
  EXPECT_EQ(parse_subscription(map_of(R"({"event_type":"run.ended"})")).selection.event_types,
            std::vector<std::string>{"run.ended"});
}

TEST(EventSubscription, WhatCannotBeUsedIsNamed) {
  const auto parse = [](const char* json) { return [json] { parse_subscription(map_of(json)); }; };
  EXPECT_THAT(parse(R"({"sesion_id":"x"})"),
              ThrowsMessage<Error>(HasSubstr("sesion_id: expected event_type, role")));
  EXPECT_THAT(parse(R"({"role":7})"), ThrowsMessage<Error>(HasSubstr("role: expected a text")));
  EXPECT_THAT(parse(R"({"since":"noon"})"), ThrowsMessage<Error>(HasSubstr("since: expected")));
  EXPECT_THAT(parse(R"({"replay":"all"})"), ThrowsMessage<Error>(HasSubstr("matching, unmat")));
  EXPECT_THAT(parse(R"({"cursor":{"version":2,"writers":{}}})"),
              ThrowsMessage<Error>(HasSubstr(R"("version": 1)")));
}

TEST(EventCursor, HasWhatItListsAndWhatIsOlderThanItsTime) {
  const EventCursor cursor{kNoon, {{kFirst, 7}}};
  EXPECT_TRUE(cursor.has(kFirst, 7, kNoon + std::chrono::hours(1)));
  EXPECT_FALSE(cursor.has(kFirst, 8, kNoon - std::chrono::hours(1)));
  EXPECT_TRUE(cursor.has(kSecond, 99, kNoon - std::chrono::microseconds(1)));
  EXPECT_FALSE(cursor.has(kSecond, 0, kNoon));
  EXPECT_FALSE(EventCursor{}.has(kSecond, 0, {}));
  EXPECT_EQ(EventCursor::from_json(cursor.to_json()), cursor);
}

}  // namespace
}  // namespace litmus
