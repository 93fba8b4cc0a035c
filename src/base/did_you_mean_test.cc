// SPDX-License-Identifier: Apache-2.0
#include "base/did_you_mean.h"

#include <gtest/gtest.h>

namespace litmus {
namespace {

const std::vector<std::string> kCommands{"runs", "show", "events", "data", "completion"};

TEST(DidYouMean, FindsSwappedMissingAndWrongLetters) {
  EXPECT_EQ(closest_word("rnus", kCommands), "runs");
  EXPECT_EQ(closest_word("shw", kCommands), "show");
  EXPECT_EQ(closest_word("evemts", kCommands), "events");
  EXPECT_EQ(closest_word("run", kCommands), "runs");
}

TEST(DidYouMean, BeginningOfAWordIsThatWord) {
  EXPECT_EQ(closest_word("compl", kCommands), "completion");
}

TEST(DidYouMean, WordWithNothingInCommonHasNoSuggestion) {
  EXPECT_EQ(closest_word("xyz", kCommands), std::nullopt);
  EXPECT_EQ(closest_word("", kCommands), std::nullopt);
}

}  // namespace
}  // namespace litmus
