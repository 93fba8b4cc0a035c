// SPDX-License-Identifier: Apache-2.0
#include "report/report_terminal.h"

#include <gmock/gmock.h>

#include "report/report_fixture.h"
#include "report/text_width.h"

namespace litmus {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Canvas kFile;

Canvas canvas_of(std::size_t width) {
  Canvas canvas;
  canvas.width = width;
  return canvas;
}

TEST(ReportTerminal, SaysWhatWasTestedAndHowItEnded) {
  EXPECT_THAT(to_terminal(example_report(), kFile),
              HasSubstr("Test Run:      3f2a1b2c-0000-4000-8000-000000000001\n"
                        "DUT Serial:    SN001 (part PB-100)\n"
                        "Station:       bench_1\n"
                        "Project:       power_board\n"
                        "Outcome:       failed\n"
                        "Started:       2026-03-10T14:30:22Z\n"
                        "Ended:         2026-03-10T14:30:25Z (3.21 s)\n"
                        "Steps:         7 (2 failed, 1 errored, 1 skipped, 1 never ran)\n"
                        "Measurements:  5 (2 failed)\n"));
}

TEST(ReportTerminal, StepsAreIndentedBelowTheirParentWithErrorsBeneath) {
  EXPECT_THAT(
      to_terminal(example_report(), kFile),
      HasSubstr(" #  Step                   Outcome    Meas  Duration  Conditions  Location\n"
                "0.  Rails                  failed             120 ms\n"
                "0.    voltage [0]          passed        1    120 ms  vin=5       "
                "tests/test_power.py::test_voltage\n"
                "0.    voltage [1]          failed        1    120 ms  vin=12\n"
                "1.    ripple               errored            120 ms\n"
                "      TimeoutError: dmm: no answer\n"
                "      after 2 s\n"
                "1.  firmware (2 attempts)  passed        3    120 ms\n"
                "2.  radio                  skipped            120 ms\n"
                "      no antenna\n"
                "3.  burn_in                never_ran\n"));
}

TEST(ReportTerminal, WhatIsStillRunningHasNotFailedToEnd) {
  RunReport report = example_report();
  report.is_running = true;
  report.run.run_outcome.reset();
  report.steps[5].step.step_outcome.reset();
  const std::string text = to_terminal(report, kFile);
  EXPECT_THAT(text, HasSubstr("Outcome:       running\n"));
  EXPECT_THAT(text, HasSubstr("1 waiting)\n"));
  EXPECT_THAT(text, HasSubstr("2.  radio                  running "));
  EXPECT_THAT(text, HasSubstr("3.  burn_in                waiting\n"));
}

TEST(ReportTerminal, MeasurementsShowLimitsAndMarkThoseThatFailedForGood) {
  const std::string text = to_terminal(example_report(), kFile);
  EXPECT_THAT(text, HasSubstr("\n✗  Rails/voltage [1]  output "));
  EXPECT_THAT(text, HasSubstr("3.4650000004 V  3.135 ≤ x ≤ 3.465  failed   vin=12\n"));
  EXPECT_THAT(text, HasSubstr("\n   firmware           version (attempt 1)")) << "made good later";
}

TEST(ReportTerminal, EveryLineFitsTheTerminal) {
  for (const std::size_t width : {70U, 80U, 100U, 200U}) {
    std::string text = to_terminal(example_report(), canvas_of(width));
    while (!text.empty()) {
      const auto end = text.find('\n');
      EXPECT_LE(display_width(text.substr(0, end)), width) << text.substr(0, end);
      text.erase(0, end + 1);
    }
  }
}

TEST(ReportTerminal, StepIsNamedOnceOnATerminalAndInEachLineOfAFile) {
  EXPECT_THAT(to_terminal(example_report(), canvas_of(120)),
              HasSubstr("\n                      version (attempt 2)"));
  EXPECT_THAT(to_terminal(example_report(), kFile),
              HasSubstr("\n   firmware           version (attempt 2)"));
}

TEST(ReportTerminal, StepWhoseParentIsElsewhereHasItsWholePath) {
  RunReport report;
  report.steps.resize(2);
  report.steps[0].step.step_path = "radio";
  report.steps[0].step.step_name = "radio";
  report.steps[1].step.step_path = "Rails/noise";
  report.steps[1].step.step_name = "noise";
  report.steps[1].step.parent_path = "Rails";
  EXPECT_THAT(to_terminal(report, kFile), HasSubstr("0.  Rails/noise"));
}

TEST(ReportTerminal, RunWithLostEventsSaysSo) {
  RunReport report;
  EXPECT_THAT(to_terminal(report, kFile), Not(HasSubstr("Events lost")));
  report.run.events_lost = 3;
  EXPECT_THAT(to_terminal(report, kFile), HasSubstr("Events lost:   3: this run is not complete"));
}

TEST(ReportTerminal, EnvironmentTakesThePlaceOfTheSteps) {
  const std::string text = environment_to_terminal(example_report(), kFile);
  EXPECT_THAT(text, HasSubstr("Python:        3.11.2\n"
                              "OS:            Linux 6.1\n"
                              "Machine:       x86_64\n"
                              "Litmus:        0.1.0\n"
                              "Lock file:     0123456789abcdef\n"
                              "Dependencies:  2\n"
                              "  numpy==2.0\n"));
  EXPECT_THAT(text, Not(HasSubstr("Step Results")));
  EXPECT_THAT(environment_to_terminal(RunReport{}, kFile), HasSubstr("was not captured"));
}

}  // namespace
}  // namespace litmus
