// SPDX-License-Identifier: Apache-2.0
#include "base/file_system.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/faulty_file_system.h"
#include "base/temporary_folder.h"
#include "litmus/error.h"

namespace litmus {
namespace {

const std::vector<std::uint8_t> kText{'o', 'n', 'e'};

Code code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "expected an error";
  return Code::kBusy;
}

class FileSystemTest : public ::testing::Test {
 protected:
  void write(const std::string& name, Bytes bytes) {
    auto file = files_.open_for_append(folder_ / name, FileSystem::Create::kNew);
    file->append(bytes);
    file->close();
  }

  TemporaryFolder folder_;
  FileSystem& files_ = posix_file_system();
};

TEST_F(FileSystemTest, WhatIsAppendedIsRead) {
  write("a", kText);
  const auto content = files_.read(folder_ / "a");
  EXPECT_TRUE(std::ranges::equal(content->bytes(), kText));
}

TEST_F(FileSystemTest, EveryFailureHasItsCode) {
  write("a", kText);
  EXPECT_EQ(code_of([&] { files_.read(folder_ / "missing"); }), Code::kNotFound);
  EXPECT_EQ(code_of([&] { files_.read(folder_.path()); }), Code::kIo);
  EXPECT_EQ(code_of([&] { write("a", kText); }), Code::kConflict);
  EXPECT_EQ(code_of([&] { files_.create_folders((folder_ / "a") + "/b"); }), Code::kIo);
}

TEST_F(FileSystemTest, RenameNewNeverReplacesAFile) {
  write("a", kText);
  write("b", {});
  EXPECT_EQ(code_of([&] { files_.rename_new(folder_ / "a", folder_ / "b"); }), Code::kConflict);
  EXPECT_TRUE(files_.read(folder_ / "b")->bytes().empty());
  files_.rename_new(folder_ / "a", folder_ / "c");
  EXPECT_FALSE(files_.exists(folder_ / "a"));
  EXPECT_EQ(files_.read(folder_ / "c")->bytes().size(), kText.size());
}

TEST_F(FileSystemTest, NewFilesFollowTheUmask) {
  const mode_t before = umask(0027);
  write("a", kText);
  umask(before);
  struct stat status{};
  ASSERT_EQ(stat((folder_ / "a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST_F(FileSystemTest, AMissingFolderIsEmpty) {
  EXPECT_TRUE(files_.list(folder_ / "nothing").empty());
}

TEST_F(FileSystemTest, TheDoubleFailsTheChosenCallAndHeals) {
  FaultyFileSystem faulty;
  const auto file = faulty.open_for_append(folder_ / "a", FileSystem::Create::kNew);
  faulty.fail_at(FaultyFileSystem::Operation::kWrite, 1);
  file->append(kText);
  EXPECT_EQ(code_of([&] { file->append(kText); }), Code::kIo);
  file->append(kText);
  faulty.cut_write_at(0, 1);
  EXPECT_EQ(code_of([&] { file->append(kText); }), Code::kIo);
  EXPECT_EQ(files_.read(folder_ / "a")->bytes().size(), 7U);
}

}  // namespace
}  // namespace litmus
