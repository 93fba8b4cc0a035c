// SPDX-License-Identifier: Apache-2.0
#include "report/run_report.h"

#include <arrow/table.h>
#include <gtest/gtest.h>

#include "report/report_fixture.h"
#include "results/run_file_fixture.h"

namespace litmus {
namespace {

TEST(RunReport, HasStepsMeasurementsAndInstrumentsOfTheRun) {
  const RunReport report = example_report();
  EXPECT_EQ(report.run.dut_serial, "SN001");
  EXPECT_EQ(report.run.run_outcome, "failed");
  ASSERT_EQ(report.steps.size(), 7U);
  EXPECT_EQ(report.steps[1].step.step_path, "Rails/voltage");
  EXPECT_EQ(report.steps[1].inputs, (ValueMap{{"vin", 5.0}}));
  ASSERT_EQ(report.measurements.size(), 5U);
  EXPECT_EQ(report.measurements[0].custom, (ValueMap{{"note", "=1+1"}}));
  ASSERT_EQ(report.instruments.size(), 2U);
  EXPECT_EQ(report.instruments[1].name, "psu");
  EXPECT_EQ(report.instruments[1].model, std::nullopt);
  EXPECT_TRUE(report.instruments[1].mocked);
}

TEST(RunReport, MeasurementsAreCountedByStepAndVectorNotByIndex) {
  const RunReport report = example_report();
  EXPECT_EQ(report.steps[0].measurements, 0) << "the class shares its index with its first method";
  EXPECT_EQ(report.steps[1].measurements, 1);
  EXPECT_EQ(report.steps[2].measurements, 1);
  EXPECT_EQ(report.steps[4].measurements, 3) << "both attempts";
}

TEST(RunReport, StepWithoutStartAndOutcomeNeverRan) {
  const RunReport report = example_report();
  EXPECT_TRUE(report.steps[6].never_ran);
  EXPECT_FALSE(report.steps[5].never_ran) << "skipped is an outcome";
}

TEST(RunReport, CutOffStepIsNotOneThatNeverRan) {
  const RunReport report = make_report(*table_of({{{"record_type", "step"},
                                                   {"run_id", "a"},
                                                   {"step_path", "rails"},
                                                   {"step_started_at", "2026-03-10T14:30:22Z"}}}));
  EXPECT_FALSE(report.steps[0].never_ran);
}

TEST(RunReport, PassRateIsOfTheJudgedOnes) {
  EXPECT_EQ(example_report().counts().pass_rate(), 50.0) << "the recorded one does not lower it";
  EXPECT_EQ((MeasurementCounts{.total = 3, .passed = 2, .errored = 1}).pass_rate(), 66.7);
  EXPECT_EQ(MeasurementCounts{.total = 3}.pass_rate(), std::nullopt);
}

TEST(RunReport, MeasurementOfAnEarlierAttemptIsSuperseded) {
  RunReport report = example_report();
  EXPECT_FALSE(report.measurements[0].superseded());
  EXPECT_TRUE(report.measurements[2].superseded());
  EXPECT_FALSE(report.measurements[3].superseded());
  report.keep_last_attempts();
  EXPECT_EQ(report.measurements.size(), 4U);
  EXPECT_EQ(report.counts().failed, 1);
}

TEST(RunReport, LaterAttemptWithoutMeasurementsSupersedesToo) {
  const Row step{{"record_type", "step"}, {"step_path", "rails"}, {"step_attempts", 2}};
  const Row measurement{
      {"record_type", "measurement"}, {"step_path", "rails"}, {"vector_retry", 0}};
  EXPECT_TRUE(make_report(*table_of({measurement, step})).measurements[0].superseded());
}

TEST(RunReport, RowsComeInTheOrderOfTheirNumberNotOfTheFile) {
  const RunReport report = make_report(*table_of(
      {{{"record_type", "step"}, {"run_id", "a"}, {"step_path", "second"}, {"row_seq", 2}},
       {{"record_type", "step"}, {"run_id", "a"}, {"step_path", "first"}, {"row_seq", 1}},
       {{"record_type", "run"}, {"run_id", "a"}, {"row_seq", 0}, {"events_lost", 3}}}));
  EXPECT_EQ(report.steps[0].step.step_path, "first");
  EXPECT_EQ(report.run.events_lost, 3);
}

TEST(RunReport, InstrumentsOfAForeignFileAreThoseOfItsStepsOnceEach) {
  const Row step{{"record_type", "step"},
                 {"run_id", "a"},
                 {"step_instruments_name", ValueList{"dmm"}},
                 {"step_instruments_id", ValueList{"dmm_1"}}};
  EXPECT_EQ(make_report(*table_of({{{"record_type", "run"}, {"run_id", "a"}}, step, step}))
                .instruments.size(),
            1U);
}

TEST(RunReport, EnvironmentIsNullWhereItIsMissingOrBroken) {
  EXPECT_FALSE(example_report().environment.is_null());
  const std::vector<Row> rows{{{"record_type", "run"}, {"run_id", "a"}}};
  EXPECT_TRUE(make_report(*table_of(rows)).environment.is_null());
  EXPECT_TRUE(make_report(*table_of(rows, "{broken")).environment.is_null());
}

}  // namespace
}  // namespace litmus
