// SPDX-License-Identifier: Apache-2.0
#include "config/generators.h"

#include <gmock/gmock.h>

#include "litmus/error.h"

namespace litmus {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* name;
  ValueList arguments;
  ValueList values;  // worked by hand
};

TEST(Generators, EachMakesTheListOfItsDescription) {
  const std::vector<Case> cases{
      {"linspace", {10.8, 13.2, 5}, {10.8, 11.4, 12.0, 12.6, 13.2}},
      {"linspace", {1, 2, 1}, {1.0}},
      {"arange", {0, 1, 0.25}, {0.0, 0.25, 0.5, 0.75}},
      {"arange", {0, 6, 2}, {0, 2, 4}},
      {"arange", {3, 0, -1}, {3, 2, 1}},
      {"logspace", {0, 2, 3}, {1.0, 10.0, 100.0}},
      {"geomspace", {1, 8, 4}, {1.0, 2.0, 4.0, 8.0}},
      {"geomspace", {-1, -4, 3}, {-1.0, -2.0, -4.0}},
      {"repeat", {"on", 2}, {"on", "on"}},
      {"range", {1, 4}, {1, 2, 3}},
      {"range", {0, 10, 5}, {0, 5}},
      {"linspace", {0, 1, 0}, {}},
      {"geomspace", {1, 8, 0}, {}},
      {"arange", {1, 0}, {}},
      {"repeat", {"on", 0}, {}},
  };
  for (const Case& one : cases)
    EXPECT_EQ(generate(one.name, one.arguments), one.values) << one.name;
}

TEST(Generators, StepsOfATenthPrintCleanly) {
  EXPECT_EQ(generate("arange", {0, 0.5, 0.1}), (ValueList{0.0, 0.1, 0.2, 0.3, 0.4}));
  EXPECT_EQ(generate("linspace", {0, 1, 11})[3], Value(0.3));
}

TEST(Generators, BadArgumentsAreRefusedByNameAndValue) {
  const std::vector<std::pair<const char*, ValueList>> cases{
      {"linspace", {0, 1}},       {"linspace", {0, 1, -1}},      {"linspace", {0, "1", 3}},
      {"linspace", {0, 1, 2.5}},  {"linspace", {0, 1, 1 << 30}}, {"arange", {0, 1, 0}},
      {"arange", {0, 1e9, 1}},    {"geomspace", {0, 1, 3}},      {"geomspace", {-1, 1, 3}},
      {"logspace", {0, 9999, 2}}, {"repeat", {1, -1}},           {"repeat", {1}},
      {"range", {0, 2.5}},        {"range", {0, 1, 1, 1}}};
  for (const auto& [name, arguments] : cases) {
    try {
      generate(name, arguments);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(std::string(name) + ": expected "));
      EXPECT_THAT(error.what(), HasSubstr(", found ["));
    }
  }
}

TEST(Generators, OnlyAMapWithOneGeneratorStandsForAList) {
  EXPECT_EQ(generated(ValueMap{{"range", ValueList{0, 2}}}), (ValueList{0, 1}));
  EXPECT_EQ(generated(ValueMap{{"range", 5}}), std::nullopt);
  EXPECT_EQ(generated(ValueMap{{"voltage", ValueList{0, 2}}}), std::nullopt);
  EXPECT_EQ(generated(3), std::nullopt);
}

}  // namespace
}  // namespace litmus
