// SPDX-License-Identifier: Apache-2.0
#include "project/check_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "project/projection_fixture.h"

namespace litmus {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> problems_of(const std::string& lines) {
  const auto accumulator = accumulate(parse_events(lines));
  return check_rows(accumulator->rows());
}

TEST(CheckRows, RunsAsTheyAreWrittenHaveNoProblems) {
  for (const char* name : {"plain_run", "never_ran", "retries", "cut_off", "going_on", "roll_up",
                           "said_twice", "unannounced", "several_writers", "value_kinds"}) {
    const auto accumulator = accumulate(load_events(name));
    EXPECT_THAT(check_rows(accumulator->rows()), IsEmpty()) << name;
  }
}

TEST(CheckRows, AMeasurementNameMayOccurTwiceOnlyIfItIsSaid) {
  const std::string start = R"({"event_type": "run.started"})"
                            "\n";
  const std::string once =
      R"({"event_type": "test.measurement", "step_name": "s", "step_index": 0, "measurement_name": "v"})"
      "\n";
  const std::string again =
      R"({"event_type": "test.measurement", "step_name": "s", "step_index": 0, "measurement_name": "v", "allow_repeat": true})"
      "\n";
  const std::string retry =
      R"({"event_type": "test.measurement", "step_name": "s", "step_index": 0, "measurement_name": "v", "retry": 1})"
      "\n";
  EXPECT_THAT(problems_of(start + once + once),
              ElementsAre(HasSubstr("measurement v occurs twice in attempt 0")));
  EXPECT_THAT(problems_of(start + once + again), IsEmpty());
  EXPECT_THAT(problems_of(start + once + retry), IsEmpty());
}

TEST(CheckRows, AnEndBeforeItsStartIsTold) {
  EXPECT_THAT(problems_of(R"({"event_type": "run.started", "at": 5})"
                          "\n"
                          R"({"event_type": "run.ended", "at": 4})"),
              ElementsAre(HasSubstr("the run ended 2026-03-10T14:30:26")));
}

TEST(CheckRows, ARunMustNotClaimToBeBetterThanItsSteps) {
  const std::string steps =
      R"({"event_type": "run.started"})"
      "\n"
      R"({"event_type": "test.step_started", "step_name": "s", "step_index": 0})"
      "\n"
      R"({"event_type": "test.step_ended", "step_name": "s", "step_index": 0, "outcome": "failed"})"
      "\n";
  EXPECT_THAT(problems_of(steps + R"({"event_type": "run.ended", "outcome": "passed"})"),
              ElementsAre("the run ended passed, but its steps make it failed"));
  // An interrupt, or a failure outside of any step.
  EXPECT_THAT(problems_of(steps + R"({"event_type": "run.ended", "outcome": "terminated"})"),
              IsEmpty());
}

TEST(CheckRows, NamesThatAreNoOutcomeOrComparatorAreTold) {
  const auto accumulator = accumulate(load_events("retries"));
  RunRows rows = accumulator->rows();
  rows.run.run_outcome = "fine";
  rows.steps.front().columns.step_outcome = "ok";
  EXPECT_THAT(check_rows(rows), ElementsAre(HasSubstr("run_outcome is \"fine\""),
                                            HasSubstr("step_outcome is \"ok\"")));
}

}  // namespace
}  // namespace litmus
