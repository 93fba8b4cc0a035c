// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "base/temporary_folder.h"
#include "litmus/error.h"
#include "service/daemon_directory.h"

namespace litmus {
namespace {

namespace fs = std::filesystem;

class DaemonPlacesTest : public testing::Test {
 protected:
  void SetUp() override {
    setenv("XDG_RUNTIME_DIR", folder_.path().c_str(), 1);
    setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1);
  }

  TemporaryFolder folder_;
};

TEST_F(DaemonPlacesTest, AreTheSameForEveryNameOfADataDirectoryWhetherItExistsOrNot) {
  const std::string before = daemon_places(folder_ / "data").lock_file;
  fs::create_directory(folder_ / "data");
  fs::create_directory_symlink(folder_ / "data", folder_ / "link");
  EXPECT_EQ(daemon_places(folder_ / "data").lock_file, before);
  EXPECT_EQ(daemon_places(folder_ / "data/").lock_file, before);
  EXPECT_EQ(daemon_places(folder_ / "x/../data").lock_file, before);
  EXPECT_EQ(daemon_places(folder_ / "link").lock_file, before);
  EXPECT_NE(daemon_places(folder_ / "data2").lock_file, before);
}

TEST_F(DaemonPlacesTest, LieInAFolderThatOnlyTheUserCanOpen) {
  const DaemonPlaces places = daemon_places(folder_ / "data");
  EXPECT_THAT(places.socket_file, testing::StartsWith(folder_ / "litmus/"));
  struct stat status{};
  ASSERT_EQ(stat((folder_ / "litmus").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);

  chmod((folder_ / "litmus").c_str(), 0755);
  daemon_places(folder_ / "data");
  ASSERT_EQ(stat((folder_ / "litmus").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(DaemonPlacesTest, AreRefusedWhereSomebodyHasLaidALink) {
  fs::create_directory(folder_ / "elsewhere");
  fs::create_directory_symlink(folder_ / "elsewhere", folder_ / "litmus");
  try {
    daemon_places(folder_ / "data");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kUnauthorized);
    EXPECT_THAT(error.what(), testing::HasSubstr(folder_ / "litmus"));
  }
}

TEST_F(DaemonPlacesTest, KeepTheSocketShortAndPlainWhereTheRuntimeFolderIsNot) {
  for (const std::string& name : {std::string(100, 'x'), std::string("with space")}) {
    fs::create_directory(folder_ / name);
    setenv("XDG_RUNTIME_DIR", (folder_ / name).c_str(), 1);
    const DaemonPlaces places = daemon_places(folder_ / "data");
    EXPECT_THAT(places.lock_file, testing::StartsWith(folder_ / name));
    EXPECT_THAT(places.socket_file, testing::MatchesRegex("/tmp/litmus-[0-9]+/[0-9a-f]+\\.sock"));
    EXPECT_NE(places.socket_file, daemon_places(folder_ / "data2").socket_file);
  }
}

}  // namespace
}  // namespace litmus
