// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_scalar.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace litmus {
namespace {

TEST(YamlScalar, WordsOfEngineersMeanWhatTheyExpect) {
  for (const char* text :
       {"on", "off", "yes", "no", "inf", "nan", "1_000", "12:30", "-", "+", "."}) {
    EXPECT_EQ(plain_scalar(text), Value(text)) << text;
  }
  EXPECT_EQ(plain_scalar("true"), Value(true));
  EXPECT_EQ(plain_scalar("False"), Value(false));
  for (const char* text : {"", "~", "null"}) EXPECT_TRUE(plain_scalar(text).is_null()) << text;
}

TEST(YamlScalar, NumbersAreNumbers) {
  EXPECT_EQ(plain_scalar("42"), Value(42));
  EXPECT_EQ(plain_scalar("-007"), Value(-7));
  EXPECT_EQ(plain_scalar("+3"), Value(3));
  EXPECT_EQ(plain_scalar("0x1F"), Value(31));
  EXPECT_EQ(plain_scalar("0o17"), Value(15));
  EXPECT_EQ(plain_scalar("1e3"), Value(1000.0));
  EXPECT_EQ(plain_scalar("-.5"), Value(-0.5));
  EXPECT_EQ(plain_scalar("3.30"), Value(3.3));
  EXPECT_EQ(plain_scalar("-.inf"), Value(-std::numeric_limits<double>::infinity()));
  EXPECT_TRUE(std::isnan(*plain_scalar(".nan").get_if<double>()));
  EXPECT_EQ(plain_scalar("99999999999999999999"), Value(1e20));
}

}  // namespace
}  // namespace litmus
