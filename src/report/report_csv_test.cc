// SPDX-License-Identifier: Apache-2.0
#include "report/report_csv.h"

#include <gmock/gmock.h>

#include "report/report_fixture.h"

namespace litmus {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string kHeader =
    "step_name,measurement_name,value,units,limit_low,limit_high,nominal,outcome,"
    "characteristic_id,dut_pin,instrument_name";

TEST(ReportCsv, RunWithoutMeasurementsHasTheHeaderLine) {
  EXPECT_EQ(to_csv(RunReport{}), kHeader + "\n");
}

TEST(ReportCsv, EachMeasurementIsALineWithExactNumbers) {
  EXPECT_EQ(to_csv(example_report()), kHeader +
                                          "\n"
                                          "voltage,output,3.3,V,3.135,3.465,3.3,passed,,,dmm\n"
                                          "voltage,output,3.4650000004,V,3.135,3.465,,failed,,,\n"
                                          "firmware,version,1.3.9,,,,1.4.0,failed,,,\n"
                                          "firmware,version,1.4.0,,,,1.4.0,passed,,,\n"
                                          "firmware,\"secure, boot\",1,,,,,done,,,\n");
}

TEST(ReportCsv, QuotesAreDoubledAndLineBreaksQuoted) {
  RunReport report;
  report.measurements.emplace_back().measurement.measurement_name = "a \"b\"\nc";
  EXPECT_THAT(to_csv(report), HasSubstr("\n,\"a \"\"b\"\"\nc\","));
}

TEST(ReportCsv, TextsThatASpreadsheetWouldCalculateGetAnApostrophe) {
  for (const char* text : {"=HYPERLINK(1)", "+1", "-12V_rail", "@SUM(A1)"}) {
    RunReport report;
    report.measurements.emplace_back().measurement.measurement_name = text;
    EXPECT_THAT(to_csv(report), HasSubstr(std::string("\n,'") + text + ","));
  }
}

TEST(ReportCsv, NegativeNumbersStayNumbers) {
  RunReport report;
  report.measurements.emplace_back().measurement.measurement_value = -12.5;
  EXPECT_THAT(to_csv(report), HasSubstr("\n,,-12.5,"));
}

TEST(ReportCsv, WideAddsPlaceTimeComparatorAndDynamicColumns) {
  const std::string csv = to_csv(example_report(), {.wide = true});
  EXPECT_THAT(csv, StartsWith(kHeader + ",step_path,vector_index,retry,measurement_timestamp,"
                                        "limit_comparator,in_vin,custom_note\n"));
  EXPECT_THAT(csv, HasSubstr(",dmm,Rails/voltage,0,0,,GELE,5,'=1+1\n"));
  EXPECT_THAT(csv, HasSubstr(",firmware,0,1,,EQ,,\n"));
}

TEST(ReportCsv, ExcelGetsAByteOrderMarkAndItsLineEnds) {
  const std::string csv = to_csv(RunReport{}, {.wide = false, .excel = true});
  EXPECT_THAT(csv, StartsWith("\xEF\xBB\xBFstep_name,"));
  EXPECT_THAT(csv, EndsWith("instrument_name\r\n"));
}

}  // namespace
}  // namespace litmus
