// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/file_lock.h"
#include "base/json_writer.h"
#include "base/temporary_folder.h"
#include "litmus/error.h"
#include "litmus/version.h"
#include "service/daemon_directory.h"

namespace litmus {
namespace {

namespace fs = std::filesystem;

// With a data directory of its own; its daemon is fake_daemon.cc.
class DaemonStartTest : public testing::Test {
 protected:
  DaemonStartTest() {
    setenv("XDG_RUNTIME_DIR", folder_.path().c_str(), 1);
    setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1);
    setenv("LITMUS_EXECUTABLE", FAKE_DAEMON, 1);
    setenv("LITMUS_DAEMON", "on", 1);
    fs::create_directory(data_dir_);
  }
  ~DaemonStartTest() override {
    for (const char* name :
         {"FAKE_DAEMON_VERSION", "FAKE_DAEMON_STUBBORN", "FAKE_DAEMON_PROBLEM"}) {
      unsetenv(name);
    }
    stop_daemon(places(), 0);
  }

  DaemonPlaces places() const { return daemon_places(data_dir_); }
  std::int64_t start_count() const {
    return std::distance(fs::directory_iterator(data_dir_), fs::directory_iterator());
  }
  Error error_of_start() const {
    try {
      ensure_daemon(data_dir_);
    } catch (const Error& error) {
      return error;
    }
    return {Code::kConflict, "no error"};
  }
  void write_lock(FileLock& lock, const ProcessIdentity& process) const {
    std::string text;
    JsonWriter(text).value(ValueMap{{"pid", process.pid},
                                    {"host", process.host},
                                    {"started_at", to_iso8601(*process.started_at)},
                                    {"version", kVersion},
                                    {"protocol", kDaemonProtocol},
                                    {"address", "grpc+unix:///none"}});
    lock.write(text);
  }

  TemporaryFolder folder_;
  std::string data_dir_ = folder_ / "data";
};

TEST_F(DaemonStartTest, FindsTheDaemonThatItStarted) {
  EXPECT_FALSE(find_daemon(places()));
  const RunningDaemon daemon = ensure_daemon(data_dir_);
  EXPECT_EQ(daemon.version, kVersion);
  EXPECT_EQ(daemon.address, "grpc+unix://" + places().socket_file);
  EXPECT_EQ(liveness_of(daemon.process), Liveness::kAlive);
  EXPECT_EQ(find_daemon(places())->process.pid, daemon.process.pid);
  EXPECT_EQ(ensure_daemon(data_dir_).process.pid, daemon.process.pid);
  EXPECT_EQ(start_count(), 1);
}

TEST_F(DaemonStartTest, TwentyStartersAtOnceGetOneDaemon) {
  std::vector<pid_t> starters;
  for (int i = 0; i < 20; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      try {
        ensure_daemon(data_dir_);
      } catch (...) {
        _exit(1);
      }
      _exit(find_daemon(places()) ? 0 : 2);
    }
    starters.push_back(child);
  }
  for (const pid_t starter : starters) {
    int status = 0;
    waitpid(starter, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(start_count(), 1);
}

TEST_F(DaemonStartTest, StartsAnotherAfterOneWasKilled) {
  const ProcessIdentity killed = ensure_daemon(data_dir_).process;
  ASSERT_TRUE(end_process(killed, Ending::kKill));
  while (find_daemon(places())) std::this_thread::yield();
  EXPECT_NE(ensure_daemon(data_dir_).process.pid, killed.pid);
}

// What a killed process looks like while the kernel still takes it down.
TEST_F(DaemonStartTest, DoesNotFindOneThatHoldsTheLockButTakesNoCalls) {
  auto lock = FileLock::try_take(places().lock_file);
  write_lock(*lock, this_process());
  EXPECT_FALSE(find_daemon(places()));
}

TEST_F(DaemonStartTest, ReplacesAnOlderDaemonButNotANewerOne) {
  setenv("FAKE_DAEMON_VERSION", "0.0.9", 1);
  // As an older program would have started it.
  const ProcessIdentity older = [&] {
    const pid_t child = fork();
    if (child == 0) {
      dup2(STDERR_FILENO, 3);
      dup2(STDERR_FILENO, 4);
      execl(FAKE_DAEMON, "litmus", "daemon", "run", "--detached", "--data-dir", data_dir_.c_str(),
            nullptr);
      _exit(1);
    }
    while (!find_daemon(places())) std::this_thread::yield();
    return find_daemon(places())->process;
  }();
  unsetenv("FAKE_DAEMON_VERSION");
  const RunningDaemon newer = ensure_daemon(data_dir_);
  EXPECT_NE(newer.process.pid, older.pid);
  EXPECT_EQ(newer.version, kVersion);
  waitpid(static_cast<pid_t>(older.pid), nullptr, 0);
  stop_daemon(places());

  setenv("FAKE_DAEMON_VERSION", "99.0.0", 1);
  const RunningDaemon newest = ensure_daemon(data_dir_);
  unsetenv("FAKE_DAEMON_VERSION");
  EXPECT_EQ(newest.version, "99.0.0");
  EXPECT_EQ(ensure_daemon(data_dir_).process.pid, newest.process.pid);
}

TEST_F(DaemonStartTest, SaysWhyItDidNotStart) {
  setenv("FAKE_DAEMON_PROBLEM", "the index is on fire", 1);
  const Error error = error_of_start();
  EXPECT_EQ(error.code(), Code::kUnavailable);
  EXPECT_THAT(error.what(), testing::HasSubstr("the index is on fire; see " + places().log_file));
  setenv("LITMUS_EXECUTABLE", "/bin/false", 1);
  EXPECT_THAT(error_of_start().what(), testing::HasSubstr("ended before it could answer"));
  setenv("LITMUS_EXECUTABLE", "/no/such/program", 1);
  EXPECT_THAT(error_of_start().what(), testing::HasSubstr("/no/such/program"));
}

TEST_F(DaemonStartTest, DoesNotStartWhereItIsForbidden) {
  setenv("LITMUS_DAEMON", "off", 1);
  EXPECT_EQ(error_of_start().code(), Code::kUnavailable);
  EXPECT_THAT(error_of_start().what(), testing::HasSubstr("LITMUS_DAEMON=off"));
  start_daemon_in_background(data_dir_);
  EXPECT_FALSE(FileLock::is_taken(places().start_file));
  EXPECT_EQ(start_count(), 0);
}

TEST_F(DaemonStartTest, InTheBackgroundStartsOneAndWaitsForNothing) {
  for (int i = 0; i < 5; ++i) start_daemon_in_background(data_dir_);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!find_daemon(places()) && std::chrono::steady_clock::now() < end) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(find_daemon(places()));
  EXPECT_EQ(start_count(), 1);
}

TEST_F(DaemonStartTest, StopsInGoodOrderOrKills) {
  EXPECT_FALSE(stop_daemon(places()));
  ensure_daemon(data_dir_);
  EXPECT_TRUE(stop_daemon(places()));
  EXPECT_FALSE(stop_daemon(places()));
  setenv("FAKE_DAEMON_STUBBORN", "1", 1);
  const RunningDaemon stubborn = ensure_daemon(data_dir_);
  EXPECT_EQ(stop_daemon(places(), 0)->process.pid, stubborn.process.pid);
  EXPECT_NE(liveness_of(stubborn.process), Liveness::kAlive);
}

TEST_F(DaemonStartTest, StopsOneThatIsJustBeingStarted) {
  for (int i = 0; i < 5; ++i) {
    start_daemon_in_background(data_dir_);
    ASSERT_TRUE(stop_daemon(places()));
  }
}

TEST_F(DaemonStartTest, StopsTheOneThoughAnotherTakesItsPlaceAtOnce) {
  ensure_daemon(data_dir_);
  const pid_t asker = fork();
  if (asker == 0) {
    while (true) ensure_daemon(data_dir_);
  }
  for (int i = 0; i < 5; ++i) {
    const std::int64_t pid = ensure_daemon(data_dir_).process.pid;
    EXPECT_EQ(stop_daemon(places())->process.pid, pid);
  }
  kill(asker, SIGKILL);
  waitpid(asker, nullptr, 0);
}

TEST_F(DaemonStartTest, StopsNobodyWhoOnlyHasThePidOfADeadDaemon) {
  ProcessIdentity bystander = this_process();
  bystander.started_at = now();
  bystander.start_key.clear();  // that of its parent
  bystander.pid = fork();
  if (bystander.pid == 0) {
    pause();
    _exit(0);
  }
  ProcessIdentity dead = bystander;
  *dead.started_at -= std::chrono::hours(1);
  {
    auto lock = FileLock::try_take(places().lock_file);
    write_lock(*lock, dead);
    EXPECT_THROW(stop_daemon(places(), 0), Error);
  }
  EXPECT_FALSE(stop_daemon(places()));  // the content alone says nothing
  EXPECT_EQ(liveness_of(bystander), Liveness::kAlive);
  end_process(bystander, Ending::kKill);
  waitpid(static_cast<pid_t>(bystander.pid), nullptr, 0);
}

}  // namespace
}  // namespace litmus
