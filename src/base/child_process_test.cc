// SPDX-License-Identifier: Apache-2.0
#include "base/child_process.h"

#include <gtest/gtest.h>

#include "litmus/error.h"

namespace litmus {
namespace {

TEST(ChildProcess, IsGivenItsInputAndGivesItsOutput) {
  const std::string text(1'000'000, 'x');
  const ChildResult result = run_child("cat", {}, text);
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_EQ(result.output, text);
}

TEST(ChildProcess, NeedNotReadItsInput) {
  const ChildResult result =
      run_child("/bin/sh", {"-c", "exec <&-; echo done; exit 3"}, std::string(1'000'000, 'x'));
  EXPECT_EQ(result.exit_status, 3);
  EXPECT_EQ(result.output, "done\n");
}

TEST(ChildProcess, IsKnownToHaveBeenKilled) {
  EXPECT_EQ(run_child("/bin/sh", {"-c", "kill -9 $$"}, "").exit_status, 128 + 9);
}

TEST(ChildProcess, ThatDoesNotExistIsAnError) {
  EXPECT_THROW(run_child("/no/such/program", {}, ""), Error);
}

}  // namespace
}  // namespace litmus
