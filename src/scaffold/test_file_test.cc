// SPDX-License-Identifier: Apache-2.0
#include "scaffold/test_file.h"

#include <gmock/gmock.h>

#include "litmus/error.h"

namespace litmus {
namespace {

using ::testing::HasSubstr;

TEST(TestFile, ThePrefixAndTheSuffixOfTheFileMayBeGiven) {
  EXPECT_EQ(test_name("ripple"), "ripple");
  EXPECT_EQ(test_name("test_ripple.py"), "ripple");
  EXPECT_THROW(test_name("no good"), Error);
  EXPECT_THROW(test_name("test_"), Error);
  EXPECT_THROW(test_name("../ripple"), Error);
}

TEST(TestFile, SetsOneInstrumentAndMeasuresWithAnotherThatTheStationSimulates) {
  const std::vector<TestRole> roles{
      {"psu", ValueMap{{"set_voltage", Value()}, {"measure_voltage", 12.0}}},
      {"dmm", ValueMap{{"measure_dc_current", 0.2}}}};
  const std::string text = test_file_text("idle_current", roles);
  EXPECT_THAT(text, HasSubstr("def test_idle_current(context, psu, dmm, verify):"));
  EXPECT_THAT(text, HasSubstr("psu.set_voltage(voltage)"));
  EXPECT_THAT(text, HasSubstr("value = float(dmm.measure_dc_current())"));
  EXPECT_THAT(text, HasSubstr(R"({"low": 0.19, "high": 0.21, "units": "A"})"));
}

TEST(TestFile, WithoutInstrumentsItIsStillATest) {
  const std::string text = test_file_text("ripple", {});
  EXPECT_THAT(text, HasSubstr("def test_ripple(context, verify):"));
  EXPECT_THAT(text, HasSubstr("verify(\"ripple\", value, limit=limit)"));
}

}  // namespace
}  // namespace litmus
