// SPDX-License-Identifier: Apache-2.0
#include "report/measurement_text.h"

#include <gtest/gtest.h>

namespace litmus {
namespace {

std::string limits(const char* comparator, std::optional<double> low, std::optional<double> high,
                   std::optional<double> nominal = std::nullopt) {
  MeasurementColumns measurement;
  measurement.limit_comparator = comparator;
  measurement.limit_low = low;
  measurement.limit_high = high;
  measurement.limit_nominal = nominal;
  return text_of(measurement).limits;
}

TEST(MeasurementText, EveryComparatorReadsAsItJudges) {
  EXPECT_EQ(limits("GELE", 1, 2), "1 ≤ x ≤ 2");
  EXPECT_EQ(limits("GELT", 1, 2), "1 ≤ x < 2");
  EXPECT_EQ(limits("GTLE", 1, 2), "1 < x ≤ 2");
  EXPECT_EQ(limits("GTLT", 1, 2), "1 < x < 2");
  EXPECT_EQ(limits("GE", 1, 2), "x ≥ 1");
  EXPECT_EQ(limits("GT", 1, 2), "x > 1");
  EXPECT_EQ(limits("LE", 1, 2), "x ≤ 2");
  EXPECT_EQ(limits("LT", 1, 2), "x < 2");
  EXPECT_EQ(limits("EQ", 1, 2, 1.5), "= 1.5");
  EXPECT_EQ(limits("NE", 1, 2, 1.5), "≠ 1.5");
}

TEST(MeasurementText, OpenBoundIsLeftOut) {
  EXPECT_EQ(limits("GELE", 1, std::nullopt), "x ≥ 1");
  EXPECT_EQ(limits("GTLT", std::nullopt, 2), "x < 2");
  EXPECT_EQ(limits("GELE", std::nullopt, std::nullopt, 1.5), "");
  EXPECT_EQ(text_of(MeasurementColumns{}).limits, "");
}

TEST(MeasurementText, ValueHasItsUnits) {
  MeasurementColumns measurement;
  EXPECT_EQ(text_of(measurement).value, "—");
  measurement.measurement_value = 3.3;
  EXPECT_EQ(text_of(measurement).value, "3.300");
  measurement.measurement_units = "V";
  EXPECT_EQ(text_of(measurement).value, "3.300 V");
}

TEST(MeasurementText, TextsAndBooleansAreShownWithWhatTheyShouldBe) {
  MeasurementColumns measurement;
  measurement.limit_comparator = "EQ";
  measurement.measurement_text = "1.3.9";
  measurement.limit_nominal_text = "1.4.0";
  EXPECT_EQ(text_of(measurement).value, "\"1.3.9\"");
  EXPECT_EQ(text_of(measurement).limits, "= \"1.4.0\"");

  MeasurementColumns flag;
  flag.limit_comparator = "NE";
  flag.measurement_value = 1;
  flag.measurement_bool = true;
  flag.limit_nominal_bool = false;
  EXPECT_EQ(text_of(flag).value, "true");
  EXPECT_EQ(text_of(flag).limits, "≠ false");
}

TEST(MeasurementText, ConditionsAreNamedValues) {
  EXPECT_EQ(text_of(ValueMap{{"vin", 5.0}, {"mode", "fast"}, {"on", true}}),
            "vin=5, mode=fast, on=true");
}

}  // namespace
}  // namespace litmus
