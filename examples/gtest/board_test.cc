// SPDX-License-Identifier: Apache-2.0
// GoogleTest tests of a simulated board; the line with install() records them.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>

#include "litmus/gtest.h"

namespace {

const bool kRecorded = litmus::gtest::install({.dut_serial = "BOARD001", .station_id = "bench_1"});

struct Board {
  double supply() const { return 5.02; }
  double drop(double amperes) const { return 0.045 * amperes; }
  std::string firmware() const { return "2.1.0"; }
};

class Power : public testing::Test {
 protected:
  Board board_;
};

// Recorded and judged: a value outside its limits fails the test.
TEST_F(Power, SupplyIsInRange) {
  litmus::gtest::measure("supply", board_.supply(), {.units = "V", .low = 4.85, .high = 5.15});
}

// An ordinary test: its step has an outcome, and what it says about itself.
TEST_F(Power, FirmwareIsCurrent) {
  RecordProperty("firmware", board_.firmware());
  EXPECT_EQ(board_.firmware(), "2.1.0");
}

TEST_F(Power, BatteryCharges) { GTEST_SKIP() << "no battery fitted"; }

// Each parameter is a step of its own, with the column `in_param`.
class Load : public testing::TestWithParam<double> {};
TEST_P(Load, DropIsSmall) {
  litmus::gtest::measure("drop", Board().drop(GetParam()), {.units = "V", .high = 0.15});
}
INSTANTIATE_TEST_SUITE_P(Amperes, Load, testing::Values(0.5, 1.0, 2.0));

}  // namespace
