// SPDX-License-Identifier: Apache-2.0
#include "base/process_watcher.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace litmus {
namespace {

class ProcessWatcherTest : public ::testing::Test {
 protected:
  ~ProcessWatcherTest() override { end_child(); }

  // A child that waits for a signal.
  ProcessIdentity start_child() {
    child_ = fork();
    if (child_ == 0) {
      pause();
      _exit(0);
    }
    ProcessIdentity child = this_process();
    child.start_key.clear();  // that of the parent
    child.started_at = now();
    child.pid = child_;
    child.started_at = now();
    return child;
  }
  void end_child() const {
    if (child_ <= 0) return;
    kill(child_, SIGKILL);
    siginfo_t info{};
    waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOWAIT);  // stays a zombie
  }
  void bury_child() {
    waitpid(child_, nullptr, 0);
    child_ = -1;
  }
  bool is_readable() const {
    pollfd wanted{watcher_.descriptor(), POLLIN, 0};
    return poll(&wanted, 1, 0) == 1;
  }

  ProcessWatcher watcher_;
  pid_t child_ = -1;
};

TEST_F(ProcessWatcherTest, TellsTheEndOfAProcessOnce) {
  const ProcessIdentity child = start_child();
  if (!watcher_.add(child)) GTEST_SKIP() << "no pidfd_open here";
  EXPECT_TRUE(watcher_.add(child));
  EXPECT_TRUE(watcher_.take_ended().empty());
  EXPECT_FALSE(is_readable());
  end_child();
  EXPECT_TRUE(is_readable());
  const auto ended = watcher_.take_ended();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].pid, child.pid);
  EXPECT_FALSE(is_readable());
  EXPECT_TRUE(watcher_.take_ended().empty());
  bury_child();
}

TEST_F(ProcessWatcherTest, AProcessThatHasEndedBeforeIsToldAsWell) {
  const ProcessIdentity child = start_child();
  end_child();
  bury_child();
  EXPECT_TRUE(watcher_.add(child));
  EXPECT_EQ(watcher_.take_ended().size(), 1U);
}

TEST_F(ProcessWatcherTest, APidThatCameBackMeansThatTheProcessHasEnded) {
  ProcessIdentity earlier = this_process();
  earlier.start_key.clear();
  *earlier.started_at -= std::chrono::hours(1);
  EXPECT_TRUE(watcher_.add(earlier));
  EXPECT_EQ(watcher_.take_ended().size(), 1U);
}

TEST_F(ProcessWatcherTest, AProcessOfAnotherHostCannotBeWatched) {
  ProcessIdentity elsewhere = this_process();
  elsewhere.host = "another-host.example";
  EXPECT_FALSE(watcher_.add(elsewhere));
  EXPECT_TRUE(watcher_.take_ended().empty());
}

}  // namespace
}  // namespace litmus
