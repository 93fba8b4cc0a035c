// SPDX-License-Identifier: Apache-2.0
#include "report/csv_writer.h"

#include <gtest/gtest.h>

namespace litmus {
namespace {

TEST(CsvWriter, ExactTellsAnEmptyTextFromNothing) {
  CsvWriter csv;
  csv.exact(Value());
  csv.exact("");
  csv.exact("=1+1");
  csv.exact(0.1);
  csv.exact(7);
  csv.exact(true);
  csv.exact("a \"b\",\nc");
  csv.end_row();
  EXPECT_EQ(csv.take(), ",\"\",=1+1,0.1,7,true,\"a \"\"b\"\",\nc\"\n");
  EXPECT_EQ(csv.take(), "");
}

TEST(CsvWriter, TextIsNeverAFormula) {
  CsvWriter csv;
  csv.text(std::string_view("=1+1"));
  csv.text(std::string_view("plain"));
  csv.end_row();
  EXPECT_EQ(csv.take(), "'=1+1,plain\n");
}

}  // namespace
}  // namespace litmus
