// SPDX-License-Identifier: Apache-2.0
#include "base/file_lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "base/file_system.h"
#include "base/temporary_folder.h"

namespace litmus {
namespace {

TEST(FileLock, IsTakenByOneAndFreeAgainAfterwards) {
  const TemporaryFolder folder;
  const std::string path = folder / "lock";
  EXPECT_FALSE(FileLock::is_taken(path));
  {
    const auto lock = FileLock::try_take(path);
    ASSERT_TRUE(lock);
    EXPECT_TRUE(FileLock::is_taken(path));
    EXPECT_FALSE(FileLock::try_take(path));
  }
  EXPECT_FALSE(FileLock::is_taken(path));
  EXPECT_TRUE(FileLock::try_take(path));
}

TEST(FileLock, IsFreedByTheDeathOfItsHolder) {
  const TemporaryFolder folder;
  const std::string path = folder / "lock";
  std::array<int, 2> ready{};
  ASSERT_EQ(pipe(ready.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto lock = FileLock::try_take(path);
    [[maybe_unused]] const auto written = write(ready[1], lock ? "y" : "n", 1);
    pause();
    _exit(0);
  }
  char taken = 0;
  ASSERT_EQ(read(ready[0], &taken, 1), 1);
  EXPECT_EQ(taken, 'y');
  EXPECT_TRUE(FileLock::is_taken(path));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_FALSE(FileLock::is_taken(path));
}

TEST(FileLock, KeepsWhatItsHolderWroteAndKnowsWhenItsFileWasRemoved) {
  const TemporaryFolder folder;
  const std::string path = folder / "lock";
  auto lock = FileLock::try_take(path);
  ASSERT_TRUE(lock);
  lock->write("a long text");
  lock->write("short");
  const auto content = posix_file_system().read(path);
  EXPECT_EQ(std::string(content->bytes().begin(), content->bytes().end()), "short");
  EXPECT_TRUE(lock->is_in_place());
  posix_file_system().remove(path);
  EXPECT_FALSE(lock->is_in_place());
  EXPECT_TRUE(FileLock::try_take(path));
}

}  // namespace
}  // namespace litmus
