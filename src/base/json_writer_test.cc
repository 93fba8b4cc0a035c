// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace litmus {
namespace {

std::string json(const Value& value, int indent = 0) {
  std::string out;
  JsonWriter(out, indent).value(value);
  return out;
}

TEST(JsonWriter, EveryKindOfValueIsStrictJson) {
  EXPECT_EQ(json(Value()), "null");
  EXPECT_EQ(json(true), "true");
  EXPECT_EQ(json(std::int64_t{-9'223'372'036'854'775'807}), "-9223372036854775807");
  EXPECT_EQ(json(0.1), "0.1");
  EXPECT_EQ(json(3.0), "3.0");
  EXPECT_EQ(json(1e300), "1e+300");
  EXPECT_EQ(json(-0.0), "-0.0");
  EXPECT_EQ(json(std::numeric_limits<double>::quiet_NaN()), R"("NaN")");
  EXPECT_EQ(json(-std::numeric_limits<double>::infinity()), R"("-Infinity")");
  EXPECT_EQ(json(ValueMap{{"a", 1}, {"b", ValueList{true, Value()}}}),
            R"({"a":1,"b":[true,null]})");
  EXPECT_EQ(json(ValueMap{{"a", ValueMap{}}}), R"({"a":{}})");
}

TEST(JsonWriter, TextIsEscapedAndAlwaysValidUtf8) {
  EXPECT_EQ(json("a\"b\\c\n\t\x01"), R"("a\"b\\c\n\t\u0001")");
  EXPECT_EQ(json("5 Ω °C 🔧"), "\"5 Ω °C 🔧\"");
  const std::string replaced = "\"\xEF\xBF\xBD\"";
  EXPECT_EQ(json(std::string("\xFF")), replaced);
  EXPECT_EQ(json(std::string("\xC3")), replaced) << "cut off";
  EXPECT_EQ(json(std::string("\xC0\x80")), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"") << "overlong";
  EXPECT_EQ(json(std::string("\xED\xA0\x80")), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"")
      << "surrogate";
}

TEST(JsonWriter, IndentationIsForPeople) {
  EXPECT_EQ(json(ValueMap{{"a", 1}, {"b", ValueList{1, 2}}}, 2),
            "{\n  \"a\": 1,\n  \"b\": [\n    1,\n    2\n  ]\n}");
}

}  // namespace
}  // namespace litmus
