// SPDX-License-Identifier: Apache-2.0
#include "scaffold/project_name.h"

#include <gtest/gtest.h>

#include "base/temporary_folder.h"

namespace litmus {
namespace {

TEST(ProjectName, ARemoteIsCalledAfterItsLastPart) {
  EXPECT_EQ(remote_leaf("git@example.com:lab/fan-supply.git\n"), "fan-supply");
  EXPECT_EQ(remote_leaf("https://example.com/lab/boards/"), "boards");
  EXPECT_EQ(remote_leaf("host:boards.git"), "boards");
}

TEST(ProjectName, DashesAndBlanksBecomeUnderscores) {
  EXPECT_EQ(as_project_name(" fan-supply board "), "fan_supply_board");
}

TEST(ProjectName, TheRepositoryIsTheNearestFolderUpwardsWithGit) {
  TemporaryFolder folder;
  FileSystem& files = posix_file_system();
  files.create_folders(folder / "repository/.git");
  files.create_folders(folder / "repository/a/b");
  EXPECT_EQ(find_repository(files, folder / "repository/a/b"), folder / "repository");
  EXPECT_EQ(find_repository(files, folder / "repository"), folder / "repository");
}

}  // namespace
}  // namespace litmus
