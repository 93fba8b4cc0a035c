// SPDX-License-Identifier: Apache-2.0
#include "plan/units.h"

#include <gtest/gtest.h>

#include "litmus/error.h"

namespace litmus {
namespace {

TEST(Units, OfOneDimensionConvertByAFactor) {
  struct Case {
    const char* units;
    const char* wanted;
    double factor;
  };
  for (const Case& one :
       {Case{"mV", "V", 1e-3}, {"V", "mV", 1e3},   {"V", "V", 1},        {"uA", "mA", 1e-3},
        {"µA", "A", 1e-6},     {"μs", "s", 1e-6},  {"kΩ", "ohm", 1e3},   {"kOhm", "Ω", 1e3},
        {"MHz", "kHz", 1e3},   {"Hz", "1/s", 1},   {"V/us", "V/s", 1e6}, {"V/A", "ohm", 1},
        {"V*A", "W", 1},       {"A·h", "C", 3600}, {"mm^2", "m²", 1e-6}, {"kg", "g", 1e3},
        {"min", "s", 60},      {"%", "ppm", 1e4},  {"mbar", "Pa", 100},  {" V ", "V", 1},
        {"Vpp", "Vpp", 1},     {"", "", 1}}) {
    EXPECT_DOUBLE_EQ(unit_factor(one.units, one.wanted), one.factor) << one.units << one.wanted;
  }
}

TEST(Units, OfUnlikeDimensionsAreRefused) {
  for (const auto& [units, wanted] : {std::pair("V", "A"),
                                      {"V", "Vpp"},
                                      {"dB", "dBm"},
                                      {"dBm", "W"},
                                      {"degC", "K"},
                                      {"Hz", "s"},
                                      {"counts", "V"},
                                      {"V", ""},
                                      {"m", "min"},
                                      {"V^x", "V"}}) {
    EXPECT_THROW(unit_factor(units, wanted), Error) << units << " " << wanted;
  }
}

}  // namespace
}  // namespace litmus
