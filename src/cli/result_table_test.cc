// SPDX-License-Identifier: Apache-2.0
#include "cli/result_table.h"

#include <arrow/table.h>
#include <gmock/gmock.h>

#include "results/run_file_fixture.h"

namespace litmus {
namespace {

using enum CellKind;
using ::testing::HasSubstr;
using ::testing::Not;

std::string text_of(const std::vector<ShownColumn>& columns, const std::vector<Row>& rows,
                    std::string_view period = {}) {
  return ResultTable(columns, *table_of(rows), {}, period).text();
}

std::string cell(CellKind kind, const Value& value) {
  const std::string text = text_of({{.title = "T", .field = "x", .kind = kind}}, {{{"x", value}}});
  return text.substr(text.find('\n') + 1);
}

TEST(ResultTable, EachKindReadsAsPeopleWriteIt) {
  EXPECT_EQ(cell(kText, "bench_1"), "bench_1\n");
  EXPECT_EQ(cell(kShortId, "3f2a1b2c-0000-4000-8000-000000000001"), "3f2a1b2c\n");
  EXPECT_EQ(cell(kCount, 1200), "1200\n");
  EXPECT_EQ(cell(kSeconds, 12.345678), "12.35\n");
  EXPECT_EQ(cell(kDuration, 0.25), "250 ms\n");
  EXPECT_EQ(cell(kPercent, 94.117), "94.1\n");
  EXPECT_EQ(cell(kShare, 94.117), "94.12\n");
  EXPECT_EQ(cell(kRatio, -0.0415), "-0.042\n");
  EXPECT_EQ(cell(kNumber, 1.23456789e-9), "1.23457e-09\n");
  EXPECT_EQ(cell(kConditions, R"({"vin":5,"mode":"fast"})"), "vin=5, mode=fast\n");
  EXPECT_EQ(cell(kOutcome, Value()), "\n") << "a value that nobody has judged";
}

TEST(ResultTable, FirstVectorNeedsNoNumber) {
  const std::vector<ShownColumn> columns{
      {.title = "Vec", .field = "vector_index", .kind = kVector}};
  EXPECT_EQ(text_of(columns, {{{"vector_index", 0}}, {{"vector_index", 2}}}), "Vec\n\n[2]\n");
}

TEST(ResultTable, RateThatIsNotThereIsADash) { EXPECT_EQ(cell(kPercent, Value()), "—\n"); }

TEST(ResultTable, PeriodIsNamedAfterItsKind) {
  const std::vector<ShownColumn> columns{{.title = "Period", .field = "period", .kind = kPeriod}};
  const auto named = [&](const char* key, std::string_view period) {
    return text_of(columns, {{{"period", key}}}, period).substr(7);
  };
  EXPECT_EQ(named("2026-03-09", "day"), "2026-03-09\n");
  EXPECT_EQ(named("2026-03-09", "week"), "2026-W11\n");
  EXPECT_EQ(named("2024-12-30", "week"), "2025-W01\n") << "the year of the ISO week";
  EXPECT_EQ(named("2026-03-01", "month"), "2026-03\n");
  EXPECT_EQ(named("2026-03-09T14:00:00.000000+00:00", "hour"), "2026-03-09 14:00\n");
}

TEST(ResultTable, IntervalStandsBesideItsRate) {
  const std::string text =
      text_of({{.title = "FPY %", .field = "fpy", .kind = kPercent},
               {.title = "95 %", .field = "fpy", .kind = kPercentInterval}},
              {{{"fpy", 94.1}, {"fpy_ci_low", 91.02}, {"fpy_ci_high", 96.25}},
               {{"fpy", Value()}, {"fpy_ci_low", Value()}, {"fpy_ci_high", Value()}}});
  EXPECT_EQ(text, "FPY %  95 %\n 94.1  (91.0–96.2)\n    —\n");
}

TEST(ResultTable, ColumnsThatTheAnswerLacksAreNotShown) {
  EXPECT_EQ(text_of({{.title = "A", .field = "a"},
                     {.title = "B", .field = "b"},
                     {.title = "95 %", .field = "a", .kind = kPercentInterval}},
                    {{{"a", "x"}}}),
            "A\nx\n");
}

TEST(ResultTable, GroupThatIsTheSameEverywhereNeedsNoColumn) {
  const std::vector<ShownColumn> columns{
      {.title = "Name", .field = "name"},
      {.title = "Station", .field = "station", .only_if_varied = true}};
  const Row one{{"name", "a"}, {"station", "bench_1"}};
  const Row other{{"name", "b"}, {"station", "bench_2"}};
  EXPECT_THAT(text_of(columns, {one, one}), Not(HasSubstr("Station")));
  EXPECT_THAT(text_of(columns, {one, other}), HasSubstr("Station"));
}

TEST(ResultTable, TotalIsTheLastLineAndBelongsToNoGroup) {
  const std::vector<ShownColumn> columns{{.title = "Period", .field = "period", .kind = kPeriod},
                                         {.title = "Product", .field = "product"},
                                         {.title = "Runs", .field = "runs", .kind = kCount}};
  ResultTable table(columns,
                    *table_of({{{"period", "2026-03-09"}, {"product", "A"}, {"runs", 2}},
                               {{"period", "2026-03-10"}, {"product", "B"}, {"runs", 3}}}),
                    {});
  table.add_total(*table_of({{{"runs", 5}}}));
  EXPECT_EQ(table.text(),
            "Period      Product  Runs\n"
            "2026-03-09  A           2\n"
            "2026-03-10  B           3\n"
            "All                     5\n");
}

TEST(ResultTable, StepWithoutOutcomeSaysWhy) {
  const std::vector<ShownColumn> columns{{.title = "T", .field = "outcome", .kind = kStepOutcome}};
  const char* const time = "2026-03-10T14:30:22Z";
  const auto outcome = [&](const Value& started, const Value& run_ended) {
    return text_of(columns, {{{"outcome", Value()},
                              {"step_name", "a"},
                              {"started_at", started},
                              {"run_ended_at", run_ended},
                              {"run_started_at", time}}})
        .substr(2);
  };
  EXPECT_EQ(outcome(Value(), time), "never_ran\n");
  EXPECT_EQ(outcome(Value(), Value()), "waiting\n");
}

TEST(ResultTable, MeasurementHasItsUnitsLimitsAndConditions) {
  EXPECT_EQ(text_of({{.title = "Value", .field = "measurement_value", .kind = kMeasured},
                     {.title = "Limits", .field = "limit_low", .kind = kLimits},
                     {.title = "Conditions", .kind = kInputs}},
                    {{{"measurement_value", 3.3},
                      {"measurement_units", "V"},
                      {"limit_low", 3.0},
                      {"limit_high", 3.6},
                      {"limit_comparator", "GELE"},
                      {"in_vin", 5}}}),
            "Value    Limits       Conditions\n"
            "3.300 V  3 ≤ x ≤ 3.6  vin=5\n");
}

}  // namespace
}  // namespace litmus
