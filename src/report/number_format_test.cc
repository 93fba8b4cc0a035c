// SPDX-License-Identifier: Apache-2.0
#include "report/number_format.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <limits>

namespace litmus {
namespace {

TEST(NumberFormat, DecimalsFollowTheMagnitude) {
  EXPECT_EQ(format_number(12345.678), "12345.7");
  EXPECT_EQ(format_number(-3.3), "-3.300");
  EXPECT_EQ(format_number(0.0125), "0.012500");
  EXPECT_EQ(format_number(0), "0");
  EXPECT_EQ(format_number(-0.0), "0");
}

TEST(NumberFormat, SmallNumbersNeverReadAsZero) {
  EXPECT_EQ(format_number(1.23456e-12), "1.23456e-12");
  EXPECT_EQ(format_number(-0.00099), "-9.90000e-04");
}

TEST(NumberFormat, NonFiniteNumbersAreWords) {
  EXPECT_EQ(format_number(std::nan("")), "NaN");
  EXPECT_EQ(format_number(-std::numeric_limits<double>::infinity()), "-Infinity");
}

TEST(NumberFormat, ValueAndTheLimitThatItBreaksNeverLookEqual) {
  const NumberFormat format(3.3000004, {3.0, 3.3});
  EXPECT_EQ(format.value(3.3000004), "3.3000004");
  EXPECT_EQ(format.limit(3.3), "3.3");
  for (const double limit : {3.3, 1e-9, 1234.5, 1e16, 0.0011}) {
    const double value = std::nextafter(limit, INFINITY);
    const NumberFormat tight(value, {limit});
    EXPECT_NE(tight.value(value), tight.value(limit)) << limit;
  }
}

TEST(NumberFormat, ValueOnItsLimitStaysShort) {
  const NumberFormat format(3.3, {3.3});
  EXPECT_EQ(format.value(3.3), "3.300");
}

TEST(NumberFormat, LimitsReadAsTheyWereTyped) {
  const NumberFormat format(3.3, {});
  EXPECT_EQ(format.limit(3.465), "3.465");
  EXPECT_EQ(format.limit(5), "5");
  EXPECT_EQ(format.limit(1234.56), "1234.56");
  EXPECT_EQ(format.limit(1000), "1000");
  EXPECT_EQ(format.limit(0), "0");
  EXPECT_EQ(format.limit(2e-6), "2e-06");
  EXPECT_EQ(format.limit(3.3 * 1.05), "3.465") << "computed: 3.4650000000000003";
}

TEST(NumberFormat, ExactNumberReadsBackEqual) {
  for (const double number : {0.1, 1.0 / 3, 6.02214076e23, -5e-324, 3.0}) {
    const std::string text = exact_number(number);
    double back = 0;
    std::from_chars(text.data(), text.data() + text.size(), back);
    EXPECT_EQ(back, number) << text;
  }
}

TEST(NumberFormat, DurationsHaveTheUnitThatFits) {
  EXPECT_EQ(format_duration(0.00042), "420 µs");
  EXPECT_EQ(format_duration(0.00154), "1.5 ms");
  EXPECT_EQ(format_duration(0.123), "123 ms");
  EXPECT_EQ(format_duration(0.9999), "1.00 s");
  EXPECT_EQ(format_duration(3.214), "3.21 s");
  EXPECT_EQ(format_duration(59.999), "1 min 00 s");
  EXPECT_EQ(format_duration(125), "2 min 05 s");
  EXPECT_EQ(format_duration(3599.9), "1 h 00 min");
  EXPECT_EQ(format_duration(3720), "1 h 02 min");
}

}  // namespace
}  // namespace litmus
