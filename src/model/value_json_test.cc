// SPDX-License-Identifier: Apache-2.0
#include "model/value_json.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "base/json_writer.h"
#include "litmus/error.h"

namespace litmus {
namespace {

TEST(ValueJson, EveryKindIsReadBackAsItWas) {
  const Value value = ValueMap{
      {"null", {}},
      {"true", true},
      {"least", std::numeric_limits<std::int64_t>::min()},
      {"most", std::numeric_limits<std::int64_t>::max()},
      {"whole", 3.0},
      {"small", 5e-324},
      {"text", "line\nquote\" \xC3\xA9 \xF0\x9F\x94\xA7"},
      {"list", ValueList{1, 2.5, "x", ValueList{}, ValueMap{}}},
      {"map", ValueMap{{"", 1}, {"z", 2}, {"a", 3}}},
  };
  std::string json;
  JsonWriter(json).value(value);
  EXPECT_EQ(parse_value(json), value) << json;
}

TEST(ValueJson, IntegersBeyondTheirRangeBecomeNumbers) {
  EXPECT_EQ(parse_value("9223372036854775807"), Value(9223372036854775807));
  EXPECT_EQ(parse_value("9223372036854775808"), Value(9223372036854775808.0));
}

TEST(ValueJson, TextThatIsNotJsonIsCorrupt) {
  for (const std::string_view text :
       {"", " ", "{", "{\"a\":}", "nan", "1 2", "\"\xFF\"", "[1,]", "'a'"}) {
    try {
      parse_value(text);
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kCorrupt) << text;
    }
  }
}

TEST(ValueJson, NestingWithoutEndIsCorruptAndNoCrash) {
  EXPECT_THROW(parse_value(std::string(100'000, '[')), Error);
}

}  // namespace
}  // namespace litmus
