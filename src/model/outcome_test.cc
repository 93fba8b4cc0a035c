// SPDX-License-Identifier: Apache-2.0
#include "litmus/outcome.h"

#include <gtest/gtest.h>

#include <string>

#include "litmus/error.h"

namespace litmus {
namespace {

TEST(Outcome, SeveritiesRiseFromSkippedToAborted) {
  const std::string_view ladder[] = {"skipped", "done",       "passed", "failed",
                                     "errored", "terminated", "aborted"};
  int expected = 0;
  for (const std::string_view name : ladder) EXPECT_EQ(severity(parse_outcome(name)), ++expected);
  EXPECT_EQ(kOutcomes.size(), std::size(ladder));
}

TEST(Outcome, EveryNameIsReadBack) {
  for (const auto& [outcome, name] : kOutcomes) {
    EXPECT_EQ(to_string(outcome), name);
    EXPECT_EQ(find_outcome(name), outcome);
  }
  for (const auto& [comparator, code] : kComparators) {
    EXPECT_EQ(to_string(comparator), code);
    EXPECT_EQ(find_comparator(code), comparator);
  }
}

TEST(Outcome, AnUnknownNameIsRefusedWithTheValidOnes) {
  EXPECT_EQ(find_outcome("Passed"), std::nullopt);
  try {
    parse_outcome("Passed");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kInvalidArgument);
    EXPECT_STREQ(error.what(),
                 "unknown outcome 'Passed': use one of skipped, done, passed, failed, errored, "
                 "terminated, aborted");
  }
  EXPECT_THROW(parse_comparator("gele"), Error);
}

}  // namespace
}  // namespace litmus
