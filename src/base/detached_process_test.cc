// SPDX-License-Identifier: Apache-2.0
#include "base/detached_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/temporary_folder.h"

namespace litmus {
namespace {

using std::chrono::seconds;

TEST(DetachedProcess, HasASessionOfItsOwnAndNoneOfTheStartersFiles) {
  const TemporaryFolder folder;
  const std::string leaked = folder.write("leaked", "");
  const int inherited = open(leaked.c_str(), O_RDONLY);  // no O_CLOEXEC
  const int kept_open = open("/dev/zero", O_RDONLY | O_CLOEXEC);
  auto process = DetachedProcess::start(
      "/bin/sh",
      {"-c",
       "{ pwd; readlink /proc/$$/fd/0 /proc/$$/fd/2 /proc/$$/fd/4; ls -l /proc/$$/fd; "
       "cut -d' ' -f6 /proc/$$/stat; } >&3"},
      kept_open);
  close(inherited);
  close(kept_open);
  const auto message = process.wait_for_message(seconds(30));
  ASSERT_TRUE(message);
  EXPECT_THAT(*message, testing::StartsWith("/\n/dev/null\n/dev/null\n/dev/zero\n"));
  EXPECT_THAT(*message, testing::Not(testing::HasSubstr(leaked)));
  EXPECT_THAT(*message, testing::Not(testing::EndsWith('\n' + std::to_string(getsid(0)) + '\n')));
}

TEST(DetachedProcess, IsNobodysChild) {
  const int kept_open = open("/dev/null", O_RDONLY | O_CLOEXEC);
  auto process = DetachedProcess::start("/bin/sh", {"-c", "echo here >&3"}, kept_open);
  close(kept_open);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
  EXPECT_EQ(process.wait_for_message(seconds(30)), "here\n");
}

TEST(DetachedProcess, EndsWithoutAMessageWhenThereIsNoSuchProgram) {
  const int kept_open = open("/dev/null", O_RDONLY | O_CLOEXEC);
  auto process = DetachedProcess::start("/no/such/program", {}, kept_open);
  close(kept_open);
  EXPECT_EQ(process.wait_for_message(seconds(30)), "");
}

}  // namespace
}  // namespace litmus
