// SPDX-License-Identifier: Apache-2.0
#include "config/data_dir.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "base/temporary_folder.h"
#include "litmus/error.h"

namespace litmus {
namespace {

class DataDirectory : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"LITMUS_HOME", "XDG_DATA_HOME"}) unsetenv(name);
    setenv("HOME", "/home/bench", 1);
  }

  DataDir resolve(const std::optional<std::string>& explicit_path = std::nullopt) {
    return resolve_data_dir(posix_file_system(), explicit_path, folder_.path());
  }

  TemporaryFolder folder_;
};

TEST_F(DataDirectory, ExplicitPathWinsOverEverything) {
  folder_.write("litmus.yaml", "name: a\ndata_dir: project_data\n");
  setenv("LITMUS_HOME", "/srv/litmus", 1);
  EXPECT_EQ(resolve("mine/").path, folder_.path() + "/mine");
  EXPECT_EQ(resolve("/mine").path, "/mine");
  EXPECT_EQ(resolve("/mine").rule, DataDirRule::kExplicit);
}

TEST_F(DataDirectory, ProjectWinsOverLitmusHome) {
  const std::string file = folder_.write("litmus.yaml", "name: a\ndata_dir: ./project_data/\n");
  setenv("LITMUS_HOME", "/srv/litmus", 1);
  const DataDir found = resolve();
  EXPECT_EQ(found.path, folder_.path() + "/project_data");
  EXPECT_EQ(found.rule, DataDirRule::kProject);
  EXPECT_EQ(found.detail, "data_dir in " + file);
}

TEST_F(DataDirectory, ProjectWithoutDataDirSharesTheUsersPool) {
  folder_.write("litmus.yaml", "name: a\n");
  setenv("LITMUS_HOME", "/srv/litmus", 1);
  EXPECT_EQ(resolve().path, "/srv/litmus/data");
  EXPECT_EQ(resolve().rule, DataDirRule::kLitmusHome);
}

TEST_F(DataDirectory, UserFolderIsTheDefault) {
  EXPECT_EQ(resolve().path, "/home/bench/.local/share/litmus/data");
  EXPECT_EQ(resolve().rule, DataDirRule::kUser);
}

TEST_F(DataDirectory, XdgDataHomeMovesTheUserFolderUnlessItIsRelative) {
  setenv("XDG_DATA_HOME", "/srv/share", 1);
  EXPECT_EQ(resolve().path, "/srv/share/litmus/data");
  setenv("XDG_DATA_HOME", "share", 1);
  EXPECT_EQ(resolve().path, "/home/bench/.local/share/litmus/data");
}

TEST_F(DataDirectory, BrokenProjectIsAnErrorNotADefault) {
  folder_.write("litmus.yaml", "name: [\n");
  EXPECT_THROW(resolve(), Error);
}

TEST_F(DataDirectory, NothingToGoByIsAnErrorThatSaysWhatToSet) {
  unsetenv("HOME");
  try {
    resolve();
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("set LITMUS_HOME"));
  }
  EXPECT_THROW(resolve(""), Error);
}

}  // namespace
}  // namespace litmus
