// SPDX-License-Identifier: Apache-2.0
#include "plan/conditions.h"

#include <gmock/gmock.h>

namespace litmus {
namespace {

const ConfigSource kSource = ConfigSource::marker("when").at("when");

bool met(const ValueMap& when, const ValueMap& parameters) {
  return Conditions(when, kSource, [](auto) { return std::nullopt; }).met_by(parameters);
}

TEST(Conditions, RangesIncludeTheirEndsAndEitherMayBeOpen) {
  const ValueMap when{{"load", ValueMap{{"min", 0.1}, {"max", 0.3}}}};
  EXPECT_TRUE(met(when, {{"load", 0.1}}));
  EXPECT_TRUE(met(when, {{"load", 0.3}}));
  EXPECT_FALSE(met(when, {{"load", 0.31}}));
  EXPECT_TRUE(met({{"load", ValueMap{{"min", 1}}}}, {{"load", 1e9}}));
  EXPECT_FALSE(met({{"load", ValueMap{{"max", 1}}}}, {{"load", 1e9}}));
}

TEST(Conditions, AValueAListAndValuesMeanEquality) {
  for (const Value& written :
       {Value(5), Value(5.0), Value(ValueMap{{"value", 5}, {"units", "V"}}), Value(ValueList{4, 5}),
        Value(ValueMap{{"values", ValueList{4, 5}}})}) {
    EXPECT_TRUE(met({{"vin", written}}, {{"vin", 5}}));
    EXPECT_TRUE(met({{"vin", written}}, {{"vin", 5.0}}));
    EXPECT_FALSE(met({{"vin", written}}, {{"vin", 6}}));
  }
  EXPECT_TRUE(met({{"mode", "fast"}}, {{"mode", "fast"}}));
  EXPECT_TRUE(met({{"on", true}}, {{"on", true}}));
}

TEST(Conditions, AllMustBeMetAndAMissingParameterMeetsNone) {
  const ValueMap when{{"vin", 5}, {"mode", "fast"}};
  EXPECT_TRUE(met(when, {{"vin", 5}, {"mode", "fast"}, {"other", 1}}));
  EXPECT_FALSE(met(when, {{"vin", 5}, {"mode", "slow"}}));
  EXPECT_FALSE(met(when, {{"vin", 5}}));
  EXPECT_FALSE(met({{"vin", ValueMap{{"min", 0}}}}, {}));
}

TEST(Conditions, TextAgainstANumericRangeIsNoMatch) {
  EXPECT_FALSE(met({{"vin", ValueMap{{"min", 0}}}}, {{"vin", "5"}}));
  EXPECT_FALSE(met({{"vin", 5}}, {{"vin", "5"}}));
  EXPECT_FALSE(met({{"vin", ValueMap{{"min", 0}}}}, {{"vin", true}}));
  EXPECT_FALSE(met({{"vin", 1}}, {{"vin", true}}));
  EXPECT_FALSE(met({{"vin", ValueMap{{"min", 0}}}}, {{"vin", Value()}}));
}

TEST(Conditions, NoneAreAlwaysMet) { EXPECT_TRUE(met({}, {{"vin", 5}})); }

TEST(Conditions, StepsOfATenthMeetTheirValue) {
  EXPECT_TRUE(met({{"load", 0.3}}, {{"load", 0.1 * 3}}));
  EXPECT_TRUE(met({{"load", ValueMap{{"max", 0.3}}}}, {{"load", 0.1 * 3}}));
}

TEST(Conditions, UnitsAreConvertedToThoseOfTheParameter) {
  const auto in_ampere = [](std::string_view) { return std::optional<std::string>("A"); };
  const Conditions range({{"load", ValueMap{{"min", 100}, {"max", 300}, {"units", "mA"}}}}, kSource,
                         in_ampere);
  EXPECT_TRUE(range.met_by({{"load", 0.3}}));
  EXPECT_FALSE(range.met_by({{"load", 200}}));
  const Conditions point({{"load", ValueMap{{"value", 300}, {"units", "mA"}}}}, kSource, in_ampere);
  EXPECT_TRUE(point.met_by({{"load", 0.3}}));
  EXPECT_THROW(Conditions({{"load", ValueMap{{"min", 1}, {"units", "V"}}}}, kSource, in_ampere),
               Error);
}

TEST(Conditions, WhatIsNeitherRangeNorValueIsRefused) {
  for (const ValueMap& written :
       {ValueMap{}, ValueMap{{"units", "V"}}, ValueMap{{"min", 1}, {"value", 1}},
        ValueMap{{"min", 2}, {"max", 1}}}) {
    EXPECT_THROW(met({{"vin", written}}, {}), Error);
  }
}

TEST(Conditions, AreShownToPeople) {
  const Conditions conditions(
      {{"load", ValueMap{{"min", 0.1}, {"max", 0.3}}}, {"mode", ValueList{"fast", 2}}}, kSource,
      [](auto) { return std::nullopt; });
  EXPECT_EQ(conditions.text(), "load 0.1..0.3, mode = fast or 2");
}

}  // namespace
}  // namespace litmus
