// SPDX-License-Identifier: Apache-2.0
#include "base/wake_signal.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace litmus {
namespace {

using std::chrono::steady_clock;
constexpr auto kLong = std::chrono::minutes(1);

TEST(WakeSignal, WakesOnceHoweverOftenItWasRaised) {
  const WakeSignal signal;
  signal.raise();
  signal.raise();
  signal.wait({}, kLong);
  const auto begin = steady_clock::now();
  signal.wait({}, std::chrono::milliseconds(20));
  EXPECT_GE(steady_clock::now() - begin, std::chrono::milliseconds(20));
}

TEST(WakeSignal, WakesAThreadThatWaitsAlready) {
  const WakeSignal signal;
  std::thread waiting([&] { signal.wait({}, kLong); });
  signal.raise();
  waiting.join();
}

TEST(WakeSignal, AReadableDescriptorEndsTheWaitAsWell) {
  const WakeSignal signal;
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  signal.wait({ends[0]}, kLong);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace litmus
