// SPDX-License-Identifier: Apache-2.0
#include "config/project_file.h"

#include <gmock/gmock.h>

#include "base/temporary_folder.h"
#include "litmus/error.h"

namespace litmus {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

class ProjectFile : public ::testing::Test {
 protected:
  Project read(const std::string& text) {
    return read_project(posix_file_system(), folder_.write("litmus.yaml", text));
  }

  std::string complaint(const std::string& text) {
    try {
      read(text);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kInvalidArgument);
      return error.what();
    }
    return "no error";
  }

  TemporaryFolder folder_;
};

TEST_F(ProjectFile, GivesNameDataDirAndDurability) {
  const Project project = read("name: power_board\ndata_dir: data\ndurability: step\n");
  EXPECT_EQ(project.name, "power_board");
  EXPECT_EQ(project.data_dir, folder_.path() + "/data");
  EXPECT_EQ(project.durability, Durability::kStep);
  EXPECT_EQ(project.file, folder_.path() + "/litmus.yaml");
}

TEST_F(ProjectFile, HasNoDataDirAndGroupedSyncsUnlessItSaysSo) {
  const Project project = read("name: power_board\ndata_dir:\ndurability: ~\n");
  EXPECT_EQ(project.data_dir, std::nullopt);
  EXPECT_EQ(project.durability, Durability::kGroup);
}

TEST_F(ProjectFile, MistypedKeyIsAnErrorWithASuggestion) {
  EXPECT_THAT(complaint("name: a\ndefualt_station: bench_1\n"),
              EndsWith("litmus.yaml:2: `defualt_station`: unknown key; did you mean "
                       "`default_station`?"));
}

TEST_F(ProjectFile, SettingsHaveTheirDefaults) {
  const Project project = read("name: a\nprofiles:\n  hot: {facets: {temperature: hot}}\n");
  EXPECT_EQ(*project.settings.find("mock_instruments"), Value(false));
  EXPECT_EQ(*project.settings.find("strict_identity"), Value(false));
  EXPECT_EQ(project.settings.find("default_station"), nullptr);
}

TEST_F(ProjectFile, QuotedTextIsTextWhateverItLooksLike) {
  EXPECT_EQ(read("name: 'null'\n").name, "null");
  EXPECT_EQ(read("name: 42\n").name, "42");
}

TEST_F(ProjectFile, DataDirIsRelativeToTheFileOrAbsoluteOrInTheHomeFolder) {
  EXPECT_EQ(read("name: a\ndata_dir: /srv/litmus\n").data_dir, "/srv/litmus");
  setenv("HOME", "/home/bench", 1);
  EXPECT_EQ(read("name: a\ndata_dir: ~/tests\n").data_dir, "/home/bench/tests");
}

TEST_F(ProjectFile, BrokenYamlIsAnErrorWithItsLine) {
  EXPECT_THAT(complaint("name: a\ndata_dir: [1, 2\n"), HasSubstr("litmus.yaml:"));
  EXPECT_THAT(complaint("name: a\nlist: ]\n"), HasSubstr("litmus.yaml:2: not valid YAML"));
  EXPECT_THAT(complaint("name: a\nname: b\n"), HasSubstr("not valid YAML: duplicate key"));
  EXPECT_THAT(complaint("- a\n"), HasSubstr("litmus.yaml:1: expected a mapping"));
}

TEST_F(ProjectFile, ValueOfTheWrongKindNamesKeyLineAndExpectation) {
  EXPECT_THAT(complaint("# ours\nname: a\ndurability: always\n"),
              EndsWith("litmus.yaml:3: `durability`: expected group, step or event, found "
                       "`always`"));
  EXPECT_THAT(
      complaint("name: a\ndata_dir:\n  - b\n"),
      EndsWith("litmus.yaml:3: `data_dir`: expected a text (folder for this project's data, "
               "relative to this file), found a list"));
  for (const char* nameless : {"", "# later\n", "data_dir: b\n", "name:\n"}) {
    EXPECT_THAT(complaint(nameless),
                EndsWith(":1: `name`: expected the project's name, found none"));
  }
}

TEST_F(ProjectFile, NearestFileUpwardsIsTheProject) {
  folder_.write("litmus.yaml", "name: outer\n");
  folder_.write("inner/litmus.yaml", "name: inner\n");
  folder_.write("inner/tests/deep/test_a.py", "");
  FileSystem& files = posix_file_system();
  EXPECT_EQ(find_project(files, folder_.path() + "/inner/tests/deep")->name, "inner");
  EXPECT_EQ(find_project(files, folder_.path() + "/elsewhere")->name, "outer");
}

TEST_F(ProjectFile, BrokenNearestFileIsNotPassedOver) {
  folder_.write("litmus.yaml", "name: outer\n");
  folder_.write("inner/litmus.yaml", "nme: typo\n");
  EXPECT_THROW(find_project(posix_file_system(), folder_.path() + "/inner"), Error);
}

TEST_F(ProjectFile, NoFileUpToTheRootIsNoProject) {
  EXPECT_FALSE(find_project(posix_file_system(), "/proc/self").has_value());
}

}  // namespace
}  // namespace litmus
