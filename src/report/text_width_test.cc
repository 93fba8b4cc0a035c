// SPDX-License-Identifier: Apache-2.0
#include "report/text_width.h"

#include <gtest/gtest.h>

namespace litmus {
namespace {

TEST(TextWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(display_width("volts"), 5U);
  EXPECT_EQ(display_width("µV/√Hz"), 6U);
  EXPECT_EQ(display_width("電圧"), 4U);
  EXPECT_EQ(display_width("e\xCC\x81"), 1U) << "letter and combining accent";
  EXPECT_EQ(display_width(""), 0U);
}

TEST(TextWidth, CutTextEndsInAnEllipsisAndFits) {
  EXPECT_EQ(cut_to_width("output_voltage", 14), "output_voltage");
  EXPECT_EQ(cut_to_width("output_voltage", 7), "output…");
  EXPECT_EQ(cut_to_width("output_voltage", 1), "…");
  EXPECT_EQ(cut_to_width("output_voltage", 0), "");
}

TEST(TextWidth, WideCharacterIsNeverCutInHalf) {
  EXPECT_EQ(cut_to_width("電圧計測", 8), "電圧計測");
  EXPECT_EQ(cut_to_width("電圧計測", 6), "電圧…");
  EXPECT_EQ(display_width(cut_to_width("電圧計測", 6)), 5U);
}

TEST(TextWidth, NothingInATextCanSteerTheTerminal) {
  EXPECT_EQ(printable("red\x1B[31m"), "red�[31m");
  EXPECT_EQ(printable("two\nlines\tand\rmore"), "two lines and more");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "�31m")
      << "the C1 form of the escape sequence";
  EXPECT_EQ(printable("Ωµ\xFF"), "Ωµ�");
}

TEST(TextWidth, TornCharacterAtTheEndIsOneColumn) {
  EXPECT_EQ(display_width("a\xE9\x9B"), 3U);
  EXPECT_EQ(printable("a\xE9"), "a�");
}

}  // namespace
}  // namespace litmus
