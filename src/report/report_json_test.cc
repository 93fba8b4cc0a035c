// SPDX-License-Identifier: Apache-2.0
#include "report/report_json.h"

#include <gtest/gtest.h>

#include "model/value_json.h"
#include "report/report_fixture.h"

namespace litmus {
namespace {

const Value& at(const Value& value, std::string_view key) {
  const Value* found = value.get_if<ValueMap>()->find(key);
  if (found == nullptr) throw std::out_of_range(std::string(key));
  return *found;
}

const Value& at(const Value& value, std::size_t index) {
  return value.get_if<ValueList>()->at(index);
}

TEST(ReportJson, IsOneDocumentWithALineBreakAtItsEnd) {
  const std::string json = to_json(example_report());
  EXPECT_TRUE(json.ends_with("}\n"));
  const Value report = parse_value(json);
  EXPECT_EQ(at(report, "outcome"), Value("failed"));
  EXPECT_EQ(at(at(report, "dut"), "part_number"), Value("PB-100"));
  EXPECT_EQ(at(at(report, "environment"), "os_name"), Value("Linux"));
}

TEST(ReportJson, AbsentTextsAreEmptyOtherAbsentValuesNull) {
  const Value report = parse_value(to_json(example_report()));
  EXPECT_EQ(at(report, "operator_id"), Value(""));
  EXPECT_EQ(at(at(report, "station"), "location"), Value(""));
  const Value& text = at(at(report, "measurements"), 2);
  EXPECT_TRUE(at(text, "value").is_null());
  EXPECT_EQ(at(text, "value_text"), Value("1.3.9"));
  EXPECT_TRUE(at(at(at(report, "steps"), 6), "outcome").is_null());
  EXPECT_EQ(at(at(at(report, "steps"), 6), "never_ran"), Value(true));
}

TEST(ReportJson, SummaryCountsMeasurementsByOutcome) {
  const Value report = parse_value(to_json(example_report()));
  const Value& summary = at(report, "summary");
  EXPECT_EQ(at(summary, "total"), Value(5));
  EXPECT_EQ(at(summary, "passed"), Value(2));
  EXPECT_EQ(at(summary, "failed"), Value(2));
  EXPECT_EQ(at(summary, "pass_rate"), Value(50.0));
  EXPECT_TRUE(at(at(parse_value(to_json(RunReport{})), "summary"), "pass_rate").is_null());
}

TEST(ReportJson, MeasurementKeepsItsValueExactlyAndKnowsItsPlace) {
  const Value report = parse_value(to_json(example_report()));
  const Value& measurement = at(at(report, "measurements"), 1);
  EXPECT_EQ(at(measurement, "value"), Value(3.4650000004));
  EXPECT_EQ(at(measurement, "step_path"), Value("Rails/voltage"));
  EXPECT_EQ(at(measurement, "vector_index"), Value(1));
  EXPECT_EQ(at(measurement, "vector_retry"), Value(0));
  EXPECT_EQ(at(at(measurement, "inputs"), "vin"), Value(12.0));
}

}  // namespace
}  // namespace litmus
