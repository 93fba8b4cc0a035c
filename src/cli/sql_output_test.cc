// SPDX-License-Identifier: Apache-2.0
#include "cli/sql_output.h"

#include <gtest/gtest.h>

namespace litmus {
namespace {

TEST(SqlPosition, IsMarkedBelowTheLine) {
  EXPECT_EQ(marked_line("SELECT x FROM runs", "column x not found: line 1, column 8"),
            "  SELECT x FROM runs\n"
            "         ^\n");
}

TEST(SqlPosition, LineIsThatOfTheError) {
  EXPECT_EQ(marked_line("SELECT *\nFORM runs\nLIMIT 1", "syntax error at line 2, column 1"),
            "  FORM runs\n"
            "  ^\n");
}

TEST(SqlPosition, ColumnsAreCharactersAndWideOnesTakeTwoPlaces) {
  EXPECT_EQ(marked_line("SELECT '電µ', x", "line 1, column 14"),
            "  SELECT '電µ', x\n"
            "                ^\n");
}

TEST(SqlPosition, TabsAndControlCharactersCannotMoveIt) {
  EXPECT_EQ(marked_line("\tSELECT x", "line 1, column 9"),
            "   SELECT x\n"
            "          ^\n");
}

TEST(SqlPosition, BeyondTheEndIsAfterTheLine) {
  EXPECT_EQ(marked_line("SELECT", "line 1, column 99"),
            "  SELECT\n"
            "        ^\n");
}

TEST(SqlPosition, NoneWhereTheErrorNamesNone) {
  EXPECT_EQ(marked_line("SELECT 1", "not allowed: INSERT"), std::nullopt);
  EXPECT_EQ(marked_line("SELECT 1", "line 7, column 1"), std::nullopt);
  EXPECT_EQ(marked_line("SELECT 1", "line 0, column 0"), std::nullopt);
}

}  // namespace
}  // namespace litmus
