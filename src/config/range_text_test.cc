// SPDX-License-Identifier: Apache-2.0
#include "config/range_text.h"

#include <gmock/gmock.h>

#include "litmus/error.h"

namespace litmus {
namespace {

using ::testing::ElementsAre;

TEST(RangeText, RangesIncludeTheirEnds) {
  EXPECT_THAT(expand_range("1:4"), ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(expand_range("CH[1:4]"), ElementsAre("CH1", "CH2", "CH3", "CH4"));
  EXPECT_THAT(expand_range("GPIO[0,2,4:6]"),
              ElementsAre("GPIO0", "GPIO2", "GPIO4", "GPIO5", "GPIO6"));
  EXPECT_THAT(expand_range("1,3, 5"), ElementsAre("1", "3", "5"));
  EXPECT_THAT(expand_range("3:1"), ElementsAre("3", "2", "1"));
  EXPECT_THAT(expand_range("VOUT"), ElementsAre("VOUT"));
  EXPECT_THAT(expand_ranges(ValueList{"A", "B[1:2]"}), ElementsAre("A", "B1", "B2"));
}

TEST(RangeText, WhatIsNoRangeIsRefused) {
  for (const char* text : {"", "1:", "a:b", "CH[1:4", "1,,2", "1:99999999", "CH[]"}) {
    EXPECT_THROW(expand_range(text), Error) << text;
  }
}

}  // namespace
}  // namespace litmus
