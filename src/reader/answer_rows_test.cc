// SPDX-License-Identifier: Apache-2.0
#include "reader/answer_rows.h"

#include <arrow/table.h>
#include <gmock/gmock.h>

#include "results/run_file_fixture.h"

namespace litmus {
namespace {

TEST(AnswerRows, RunThatIsGoingOnHasNoOutcomeAndNoFile) {
  const auto runs = to_runs(*table_of(
      {{{"run_id", "r1"}, {"session_id", "s1"}, {"outcome", Value()}, {"file_path", Value()}}}));
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].run_id, "r1");
  EXPECT_EQ(runs[0].outcome, std::nullopt);
  EXPECT_EQ(runs[0].file_path, std::nullopt);
}

TEST(AnswerRows, StepHasItsConditionsAsMaps) {
  const auto steps = to_steps(*table_of({{{"step_path", "rails/rail_3v3"},
                                          {"vector_index", 1},
                                          {"duration_s", 0.25},
                                          {"inputs", R"({"vin":4.5})"},
                                          {"outputs", Value()}}}));
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].step_path, "rails/rail_3v3");
  EXPECT_EQ(steps[0].vector_index, 1);
  EXPECT_EQ(steps[0].duration_s, 0.25);
  EXPECT_EQ(steps[0].inputs, (ValueMap{{"vin", 4.5}}));
  EXPECT_TRUE(steps[0].outputs.empty());
}

TEST(AnswerRows, MeasurementHasTheValueOfItsKind) {
  const auto rows = to_measurements(*table_of(
      {{{"measurement_name", "voltage"},
        {"measurement_value", 3.3},
        {"in_vin", 4.5},
        {"limit_low", 3.0},
        {"limit_nominal", Value()}},
       {{"measurement_name", "firmware"},
        {"measurement_text", "1.4"},
        {"limit_nominal_text", "1.4"}},
       {{"measurement_name", "sealed"}, {"measurement_bool", true}, {"measurement_value", 1.0}}}));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].value, Value(3.3));
  EXPECT_EQ(rows[0].limit_low, 3.0);
  EXPECT_EQ(rows[0].inputs, (ValueMap{{"vin", 4.5}}));
  EXPECT_EQ(rows[1].value, Value("1.4"));
  EXPECT_EQ(rows[1].limit_nominal, Value("1.4"));
  EXPECT_TRUE(rows[1].inputs.empty());
  EXPECT_EQ(rows[2].value, Value(true));
}

TEST(AnswerRows, AnyRowIsAMapByColumn) {
  EXPECT_THAT(to_maps(*table_of({{{"bucket", "PB-100"}, {"total", 7.0}}})),
              ::testing::ElementsAre(ValueMap{{"bucket", "PB-100"}, {"total", 7.0}}));
}

}  // namespace
}  // namespace litmus
