// SPDX-License-Identifier: Apache-2.0
#include "project/accumulator.h"

#include <arrow/table.h>
#include <gtest/gtest.h>

#include "litmus/error.h"
#include "model/event.h"
#include "project/check_rows.h"
#include "project/projection_fixture.h"

namespace litmus {
namespace {

TEST(Accumulator, AStepRowIsFollowedByItsMeasurementsAndCarriesTheContextOfTheRun) {
  expect_rows("plain_run");
}

TEST(Accumulator, WhatWasPlannedButNeverRanHasRowsWithoutOutcomeAfterTheOthersContainersToo) {
  expect_rows("never_ran");
}

TEST(Accumulator, TheStepRowShowsTheLastAttemptAndEachMeasurementItsOwn) { expect_rows("retries"); }

TEST(Accumulator, TheStepInProgressWhenTheProcessDiedHasAStartAndNoOutcome) {
  expect_rows("cut_off");
}

TEST(Accumulator, ARunThatGoesOnHasNoOutcomeAndShowsWhatIsStillPlanned) { expect_rows("going_on"); }

TEST(Accumulator, OutcomesLeftOpenRollUpFromMeasurementsThroughContainersToTheRun) {
  expect_rows("roll_up");
}

TEST(Accumulator, ARunThatEndsWithNothingInItIsDone) { expect_rows("empty_run"); }

TEST(Accumulator, VectorsThatShareATestIdAreNotRetriesOfEachOther) { expect_rows("same_test_id"); }

TEST(Accumulator, ARepeatedStartMergesAndALaterEndReplacesTheOutcome) { expect_rows("said_twice"); }

TEST(Accumulator, AMeasurementWhoseStepNeverStartedStillHasAStepRow) { expect_rows("unannounced"); }

TEST(Accumulator, WritersMayBeReadInAnyOrderAndARealEndBeatsASyntheticOne) {
  expect_rows("several_writers");
}

TEST(Accumulator, EachDynamicColumnGetsOneTypeThatHoldsAllItsValues) {
  expect_rows("column_types");
}

TEST(Accumulator, AMeasurementHasTheOuterParametersOfItsStepTooAndItsOwnWin) {
  expect_rows("stimulus_path");
}

TEST(Accumulator, AStepListsTheInstrumentsItUsedAndTheRunAllOnceEach) {
  expect_rows("instruments");
}

TEST(Accumulator, TextsBooleansAndNonFiniteNumbersAreKeptAsMeasured) { expect_rows("value_kinds"); }

TEST(Accumulator, RowsDoNotDependOnHowTheWritersInterleave) {
  const auto events = load_events("several_writers");
  std::vector<WrittenEvent> other_order;
  for (const std::uint32_t writer : {1U, 2U}) {
    for (const WrittenEvent& event : events) {
      if (event.writer == writer) other_order.push_back(event);
    }
  }
  const auto one = accumulate(events);
  const auto other = accumulate(other_order);
  EXPECT_TRUE(to_table(one->rows())->Equals(*to_table(other->rows())));
}

TEST(Accumulator, EveryPrefixOfARunHasConsistentRows) {
  for (const char* name : {"plain_run", "never_ran", "retries", "instruments", "roll_up"}) {
    auto events = load_events(name);
    std::int64_t rows = 0;
    RunAccumulator accumulator(Uuid::parse(kSession), Uuid::parse(kRun));
    for (const WrittenEvent& written : events) {
      accumulator.apply(written.event, written.writer);
      if (!accumulator.started()) continue;
      EXPECT_EQ(check_rows(accumulator.rows()), std::vector<std::string>{}) << name;
      const std::int64_t now = to_table(accumulator.rows())->num_rows();
      EXPECT_GE(now, rows) << name << ": a row vanished";
      rows = now;
    }
    EXPECT_GT(rows, 1) << name;
  }
}

TEST(Accumulator, TakesOnlyEventTypesThatItReads) {
  for (const char* name : {"plain_run", "never_ran", "instruments"}) {
    RunAccumulator accumulator(Uuid::parse(kSession), Uuid::parse(kRun));
    for (const WrittenEvent& written : load_events(name)) {
      if (accumulator.apply(written.event)) {
        EXPECT_TRUE(RunAccumulator::reads(tag_of(written.event))) << tag_of(written.event);
      }
    }
  }
  EXPECT_FALSE(RunAccumulator::reads("run.materialized"));
  EXPECT_FALSE(RunAccumulator::reads("test.record"));
}

TEST(Accumulator, IgnoresOtherRunsAndOtherSessions) {
  RunAccumulator accumulator(Uuid::parse(kSession), Uuid::parse(kRun));
  RunStarted started;
  started.session_id = Uuid::parse(kSession);
  started.run_id = Uuid::random();
  EXPECT_FALSE(accumulator.apply(started));
  started.run_id = Uuid::parse(kRun);
  started.session_id = Uuid::random();
  EXPECT_FALSE(accumulator.apply(started));
  EXPECT_FALSE(accumulator.started());
}

TEST(Accumulator, WithoutARunStartThereAreNoRows) {
  auto events = load_events("plain_run");
  events.erase(events.begin());
  const auto accumulator = accumulate(events);
  EXPECT_TRUE(accumulator->ended());
  EXPECT_THROW(accumulator->rows(), Error);
}

}  // namespace
}  // namespace litmus
