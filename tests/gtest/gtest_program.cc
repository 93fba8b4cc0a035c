// SPDX-License-Identifier: Apache-2.0
// Tests that pass, fail, skip, throw and crash, recorded; test_gtest.py picks some by filter and
// compares what was recorded with GoogleTest's own report.
//
//   gtest_program [GoogleTest's options] DATA_DIR
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>

#include "litmus/gtest.h"

namespace {

using litmus::gtest::measure;

TEST(Plain, Passes) { EXPECT_EQ(1 + 1, 2); }
TEST(Plain, Fails) {
  EXPECT_EQ(1 + 1, 3) << "first";
  EXPECT_TRUE(false) << "second";
}
TEST(Plain, Skips) { GTEST_SKIP() << "no fixture"; }
TEST(Plain, Throws) { throw std::runtime_error("cable off"); }
TEST(Plain, ThrowsANumber) { throw 5; }  // NOLINT(bugprone-std-exception-baseclass)
TEST(Plain, FailsInAThread) {
  std::thread([] { ADD_FAILURE() << "from a thread"; }).join();
}
TEST(Plain, HasProperties) {
  RecordProperty("firmware", "1.2.3");
  RecordProperty("boots", 7);
}

TEST(Measured, Passes) {
  measure("voltage", 3.31, {.units = "V", .low = 3.1, .high = 3.5});
  measure("note", "warm");
}
TEST(Measured, Fails) { measure("ripple", 0.25, {.units = "V", .high = 0.1}); }
TEST(Measured, IsNotANumber) { measure("gain", std::nan(""), {.low = 1.0}); }
TEST(Measured, Attaches) {
  const std::string text = "boot ok";
  litmus::gtest::attach("boot", std::as_bytes(std::span(text)));
}

class Swept : public testing::TestWithParam<double> {};
TEST_P(Swept, IsLow) { measure("current", GetParam() / 10, {.units = "A", .high = 0.2}); }
INSTANTIATE_TEST_SUITE_P(Volts, Swept, testing::Values(1.0, 2.0, 3.0));

template <class T>
class Typed : public testing::Test {};
using Types = testing::Types<int, double>;
TYPED_TEST_SUITE(Typed, Types);
TYPED_TEST(Typed, IsZero) { EXPECT_EQ(TypeParam(), TypeParam(0)); }

class SuiteSetUp : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    RecordProperty("fixture", "F7");
    ADD_FAILURE() << "fixture is open";
  }
};
TEST_F(SuiteSetUp, Passes) {}

TEST(Partly, Runs) {}
TEST(Partly, DISABLED_Waits) { measure("never", 1.0); }
TEST(DISABLED_Wholly, Waits) {}

TEST(Deadly, Exits) { EXPECT_EXIT(std::exit(3), testing::ExitedWithCode(3), ""); }
TEST(Deadly, MeasuresBeforeItDies) {
  EXPECT_DEATH(
      {
        measure("in_child", 1.0);
        std::abort();
      },
      "");
  measure("in_parent", 1.0);
}

TEST(Fatal, Crashes) {
  measure("before", 1.0);
  std::abort();
}
TEST(Fatal, Exits) { std::_Exit(0); }

class BrokenEnvironment : public testing::Environment {
 public:
  void SetUp() override { FAIL() << "no bench"; }
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc < 2) return 2;
  litmus::gtest::install({.dut_serial = "SN001", .station_id = "bench_1"}, {.data_dir = argv[1]});
  if (argc > 2) testing::AddGlobalTestEnvironment(new BrokenEnvironment);
  return RUN_ALL_TESTS();
}
