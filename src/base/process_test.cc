// SPDX-License-Identifier: Apache-2.0
#include "base/process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

namespace litmus {
namespace {

TEST(Process, IsAliveWhileItRunsAndDeadAfterwards) {
  EXPECT_EQ(liveness_of(this_process()), Liveness::kAlive);
  ProcessIdentity child = this_process();
  child.start_key.clear();  // that of the parent
  child.started_at = now();
  child.pid = fork();
  if (child.pid == 0) _exit(0);
  ASSERT_EQ(waitpid(static_cast<pid_t>(child.pid), nullptr, 0), child.pid);
  EXPECT_EQ(liveness_of(child), Liveness::kDead);
}

TEST(Process, IsDeadWhenItHasEndedButItsParentHasNotAsked) {
  ProcessIdentity child = this_process();
  child.start_key.clear();  // that of the parent
  child.pid = fork();
  if (child.pid == 0) _exit(0);
  siginfo_t info{};  // WNOWAIT: it has ended and stays a zombie
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child.pid), &info, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(liveness_of(child), Liveness::kDead);
  waitpid(static_cast<pid_t>(child.pid), nullptr, 0);
}

TEST(Process, MayGoWhileItIsLookedAt) {
  for (int i = 0; i < 100; ++i) {
    ProcessIdentity child = this_process();
    child.start_key.clear();  // that of the parent
    child.pid = fork();
    if (child.pid == 0) _exit(0);
    const std::jthread parent([&] { waitpid(static_cast<pid_t>(child.pid), nullptr, 0); });
    while (liveness_of(child) != Liveness::kDead) {
    }
    EXPECT_EQ(liveness_of(child), Liveness::kDead);  // and not alive again
  }
}

TEST(Process, APidThatCameBackIsNotTheOldProcess) {
  ProcessIdentity earlier = this_process();
  ASSERT_FALSE(earlier.start_key.empty());
  earlier.start_key += '0';
  EXPECT_EQ(liveness_of(earlier), Liveness::kDead);
  earlier.start_key.clear();  // as old files have it
  EXPECT_EQ(liveness_of(earlier), Liveness::kAlive);
  *earlier.started_at -= std::chrono::hours(1);
  EXPECT_EQ(liveness_of(earlier), Liveness::kDead);
}

TEST(Process, IsTheSameAfterTheClockOfItsHostWasSet) {
  ProcessIdentity before = this_process();
  *before.started_at -= std::chrono::hours(1);
  EXPECT_EQ(liveness_of(before), Liveness::kAlive);
}

TEST(Process, IsEndedButNotAnotherThatGotItsPid) {
  ProcessIdentity child = this_process();
  child.start_key.clear();  // that of the parent
  child.started_at = now();
  child.pid = fork();
  if (child.pid == 0) {
    pause();
    _exit(0);
  }
  ProcessIdentity earlier = child;
  *earlier.started_at -= std::chrono::hours(1);
  EXPECT_FALSE(end_process(earlier, Ending::kKill));
  EXPECT_TRUE(end_process(child, Ending::kAsk));
  int status = 0;
  ASSERT_EQ(waitpid(static_cast<pid_t>(child.pid), &status, 0), child.pid);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
  EXPECT_FALSE(end_process(child, Ending::kKill));
}

TEST(Process, OnAnotherHostNobodyKnows) {
  ProcessIdentity elsewhere = this_process();
  elsewhere.host = "another-host.example";
  EXPECT_EQ(liveness_of(elsewhere), Liveness::kUnknown);
}

}  // namespace
}  // namespace litmus
