// SPDX-License-Identifier: Apache-2.0
#include "base/blanks.h"

#include <gtest/gtest.h>

namespace litmus {
namespace {

TEST(Blanks, GoAtBothEndsAndStayInside) {
  EXPECT_EQ(without_outer_blanks("SN001"), "SN001");
  EXPECT_EQ(without_outer_blanks(" \t SN 001\r\n"), "SN 001");
  EXPECT_EQ(without_outer_blanks(" \t\n"), "");
  EXPECT_EQ(without_outer_blanks(""), "");
}

}  // namespace
}  // namespace litmus
