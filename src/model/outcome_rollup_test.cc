// SPDX-License-Identifier: Apache-2.0
#include "model/outcome_rollup.h"

#include <gtest/gtest.h>

#include <vector>

namespace litmus {
namespace {

using enum Outcome;

TEST(OutcomeRollup, EscalationKeepsTheWorseAndAnyOutcomeBeatsNone) {
  EXPECT_EQ(escalate(std::nullopt, std::nullopt), std::nullopt);
  for (const auto& [a, name] : kOutcomes) {
    EXPECT_EQ(escalate(std::nullopt, a), a);
    EXPECT_EQ(escalate(a, std::nullopt), a);
    for (const auto& [b, other] : kOutcomes) {
      EXPECT_EQ(escalate(a, b), severity(a) >= severity(b) ? a : b) << name << " " << other;
    }
  }
}

struct Case {
  std::string_view proves;
  std::vector<Attempt> attempts;
  std::optional<Outcome> expected;
};

TEST(OutcomeRollup, TheLastJudgedAttemptOfEachTestCounts) {
  const std::vector<Case> cases{
      {"nothing at all", {}, std::nullopt},
      {"nothing judged", {{"a", 0, std::nullopt}, {std::nullopt, 1, std::nullopt}}, std::nullopt},
      {"a retry that passes", {{"a", 0, kFailed}, {"a", 1, kPassed}}, kPassed},
      {"a retry that fails", {{"a", 0, kPassed}, {"a", 1, kFailed}}, kFailed},
      {"a retry that was not judged", {{"a", 0, kFailed}, {"a", 1, std::nullopt}}, kFailed},
      {"order counts, not position", {{"a", 1, kPassed}, {"a", 0, kErrored}}, kPassed},
      {"equal order: the later one", {{"a", 0, kErrored}, {"a", 0, kPassed}}, kPassed},
      {"the worst of several tests",
       {{"a", 0, kFailed}, {"b", 0, kDone}, {"a", 1, kPassed}},
       kPassed},
      {"one test does not excuse another", {{"a", 0, kFailed}, {"b", 1, kPassed}}, kFailed},
      {"without node id each one counts",
       {{std::nullopt, 0, kFailed}, {std::nullopt, 1, kPassed}},
       kFailed},
      {"an empty node id is a node id", {{"", 0, kFailed}, {"", 1, kPassed}}, kPassed},
      {"aborted is above all",
       {{"a", 0, kErrored}, {"b", 0, kTerminated}, {"c", 0, kAborted}},
       kAborted},
      {"skipped only", {{"a", 0, kSkipped}}, kSkipped},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(retry_aware_rollup(each.attempts), each.expected) << each.proves;
  }
}

}  // namespace
}  // namespace litmus
