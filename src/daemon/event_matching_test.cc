// SPDX-License-Identifier: Apache-2.0
#include "daemon/event_matching.h"

#include <gtest/gtest.h>

namespace litmus {
namespace {

StreamedEvent event(std::string type, std::string json = "{}") {
  StreamedEvent event;
  event.received_at = parse_iso8601("2026-03-10T12:00:00Z");
  event.event_type = std::move(type);
  event.session_id = "session";
  event.run_id = "run";
  event.json = std::move(json);
  return event;
}

TEST(EventMatching, AllThatIsGivenMustFit) {
  EventSelection selection;
  EXPECT_TRUE(matches(selection, event("run.ended")));
  selection.session_id = "session";
  selection.run_id = "run";
  selection.event_types = {"run.started", "run.ended"};
  EXPECT_TRUE(matches(selection, event("run.ended")));
  EXPECT_FALSE(matches(selection, event("run.materialized")));
  selection.run_id = "other";
  EXPECT_FALSE(matches(selection, event("run.ended")));
}

TEST(EventMatching, TypeWithStarIsAPrefix) {
  const EventSelection selection{.event_types = {"test.*"}};
  EXPECT_TRUE(matches(selection, event("test.measurement")));
  EXPECT_FALSE(matches(selection, event("testing")));
}

TEST(EventMatching, SinceIncludesItsMoment) {
  const StreamedEvent noon = event("run.ended");
  EXPECT_TRUE(matches({.since = noon.received_at}, noon));
  EXPECT_FALSE(matches({.since = noon.received_at + std::chrono::microseconds(1)}, noon));
}

TEST(EventMatching, RoleIsThatOfTheEventOfItsInstrumentOrOfItsChannel) {
  const EventSelection dmm{.role = "dmm"};
  EXPECT_TRUE(matches(dmm, event("fixture.dut_scanned", R"({"role":"dmm"})")));
  EXPECT_TRUE(matches(dmm, event("instrument.read", R"({"instrument_role":"dmm"})")));
  EXPECT_TRUE(matches(dmm, event("instrument.read", R"({"channel_id":"dmm.voltage"})")));
  EXPECT_FALSE(matches(dmm, event("instrument.read", R"({"channel_id":"dmm2.voltage"})")));
  EXPECT_FALSE(matches(dmm, event("test.record", R"({"value":"dmm"})")));
  EXPECT_FALSE(matches(dmm, event("test.record", "dmm, but no JSON")));
}

}  // namespace
}  // namespace litmus
