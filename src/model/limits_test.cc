// SPDX-License-Identifier: Apache-2.0
#include "model/limits.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "litmus/error.h"

namespace litmus {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Values around low = 1, nominal = 1.5, high = 2; the last one is missing.
const std::vector<Reading> kValues{-kInfinity, 0.5, 1.0,       1.25, 1.5,
                                   2.0,        2.5, kInfinity, kNan, std::monostate{}};

// One letter per value: Passed, Failed, Errored, Done.
std::string judge_all(const Limits& limits) {
  std::string letters;
  for (const Reading& value : kValues) {
    switch (judge(value, limits)) {
      case Outcome::kPassed: letters += 'P'; break;
      case Outcome::kFailed: letters += 'F'; break;
      case Outcome::kErrored: letters += 'E'; break;
      case Outcome::kDone: letters += 'D'; break;
      default: letters += '?';
    }
  }
  return letters;
}

struct Case {
  Comparator comparator;
  std::string all_bounds;
  std::string low_only;
  std::string high_only;
  std::string nominal_only;
};

TEST(Limits, EveryComparatorJudgesEveryKindOfValue) {
  const std::string unjudged(kValues.size(), 'D');
  //                   -inf .5 1 1.25 1.5 2 2.5 inf nan missing
  const std::vector<Case> cases{
      {Comparator::kGELE, "FFPPPPFFEE", "FFPPPPPPEE", "PPPPPPFFEE", unjudged},
      {Comparator::kGELT, "FFPPPFFFEE", "FFPPPPPPEE", "PPPPPFFFEE", unjudged},
      {Comparator::kGTLE, "FFFPPPFFEE", "FFFPPPPPEE", "PPPPPPFFEE", unjudged},
      {Comparator::kGTLT, "FFFPPFFFEE", "FFFPPPPPEE", "PPPPPFFFEE", unjudged},
      {Comparator::kEQ, "FFFFPFFFEE", unjudged, unjudged, "FFFFPFFFEE"},
      {Comparator::kNE, "PPPPFPPPEE", unjudged, unjudged, "PPPPFPPPEE"},
      {Comparator::kGE, "FFPPPPPPEE", "FFPPPPPPEE", unjudged, unjudged},
      {Comparator::kGT, "FFFPPPPPEE", "FFFPPPPPEE", unjudged, unjudged},
      {Comparator::kLE, "PPPPPPFFEE", unjudged, "PPPPPPFFEE", unjudged},
      {Comparator::kLT, "PPPPPFFFEE", unjudged, "PPPPPFFFEE", unjudged},
  };
  ASSERT_EQ(cases.size(), kComparators.size());
  for (const Case& expected : cases) {
    SCOPED_TRACE(to_string(expected.comparator));
    Limits limits;
    limits.comparator = expected.comparator;
    EXPECT_EQ(judge_all(limits), unjudged);
    limits.nominal = 1.5;
    EXPECT_EQ(judge_all(limits), expected.nominal_only);
    limits.low = 1.0;
    limits.high = 2.0;
    EXPECT_EQ(judge_all(limits), expected.all_bounds);
    limits.nominal.reset();
    limits.high.reset();
    EXPECT_EQ(judge_all(limits), expected.low_only);
    limits.high = 2.0;
    limits.low.reset();
    EXPECT_EQ(judge_all(limits), expected.high_only);
  }
}

TEST(Limits, TheDefaultIsBothBoundsIncluded) { EXPECT_EQ(Limits{}.comparator, Comparator::kGELE); }

TEST(Limits, InfiniteBoundsCompareLikeNumbers) {
  Limits limits;
  limits.high = kInfinity;
  EXPECT_EQ(judge(kInfinity, limits), Outcome::kPassed);
  limits.comparator = Comparator::kLT;
  EXPECT_EQ(judge(kInfinity, limits), Outcome::kFailed);
  EXPECT_EQ(judge(1e308, limits), Outcome::kPassed);
}

TEST(Limits, ABoundThatIsNotANumberNeverPasses) {
  for (const auto& [comparator, name] : kComparators) {
    Limits limits;
    limits.comparator = comparator;
    limits.low = limits.high = limits.nominal = kNan;
    EXPECT_EQ(judge(1.0, limits), Outcome::kErrored) << name;
  }
}

TEST(Limits, ABoundThatTheComparatorDoesNotLookAtHasNoEffect) {
  Limits limits;
  limits.comparator = Comparator::kGE;
  limits.low = 1.0;
  limits.high = kNan;
  limits.nominal_text = "x";
  EXPECT_EQ(judge(1.0, limits), Outcome::kPassed);
}

TEST(Limits, BooleansAndTextsAreComparedWithTheirOwnNominal) {
  Limits limits;
  limits.nominal_bool = true;
  limits.nominal_text = "A7";
  limits.comparator = Comparator::kEQ;
  EXPECT_EQ(judge(true, limits), Outcome::kPassed);
  EXPECT_EQ(judge(false, limits), Outcome::kFailed);
  EXPECT_EQ(judge(std::string_view("A7"), limits), Outcome::kPassed);
  EXPECT_EQ(judge(std::string_view("a7"), limits), Outcome::kFailed);
  EXPECT_EQ(judge(std::monostate{}, limits), Outcome::kErrored);
  limits.comparator = Comparator::kNE;
  EXPECT_EQ(judge(true, limits), Outcome::kFailed);
  EXPECT_EQ(judge(false, limits), Outcome::kPassed);
  EXPECT_EQ(judge(std::string_view("A7"), limits), Outcome::kFailed);
  EXPECT_EQ(judge(std::string_view(""), limits), Outcome::kPassed);
}

TEST(Limits, BooleansAndTextsWithoutLimitsAreDone) {
  EXPECT_EQ(judge(true, {}), Outcome::kDone);
  EXPECT_EQ(judge(std::string_view("A7"), {}), Outcome::kDone);
}

TEST(Limits, KindsThatCannotBeComparedAreRefusedByName) {
  const auto refusal = [](const Reading& value, const Limits& limits) -> std::string {
    try {
      judge(value, limits);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kInvalidArgument);
      return error.what();
    }
    return "accepted";
  };
  Limits range;
  range.low = 0.0;
  EXPECT_NE(refusal(true, range).find("boolean value"), std::string::npos);
  EXPECT_NE(refusal(std::string_view("1"), range).find("text value"), std::string::npos);

  Limits number;
  number.nominal = 1.0;
  number.comparator = Comparator::kEQ;
  EXPECT_NE(refusal(true, number).find("comparator EQ"), std::string::npos);

  Limits text;
  text.nominal_text = "A7";
  EXPECT_NE(refusal(std::string_view("A7"), text).find("EQ or NE"), std::string::npos);
  text.comparator = Comparator::kNE;
  EXPECT_NE(refusal(1.0, text).find("numeric value"), std::string::npos);
  EXPECT_NE(refusal(true, text).find("boolean value"), std::string::npos);
}

}  // namespace
}  // namespace litmus
