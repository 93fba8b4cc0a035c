// SPDX-License-Identifier: Apache-2.0
#include "base/file_system.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <mutex>
#include <thread>

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

TEST_F(FileSystemTest, StatusTellsSizeTimeAndOwner) {
  EXPECT_EQ(files_.status(folder_ / "a"), std::nullopt);
  write("a", kText);
  const auto status = files_.status(folder_ / "a");
  ASSERT_TRUE(status);
  EXPECT_FALSE(status->is_directory);
  EXPECT_EQ(status->size, kText.size());
  EXPECT_EQ(status->owner, geteuid());
  EXPECT_LT(std::chrono::abs(now() - status->modified_at), std::chrono::minutes(1));
  EXPECT_TRUE(files_.status(folder_.path())->is_directory);
  EXPECT_EQ(files_.status((folder_ / "a") + "/b"), std::nullopt);
}

TEST_F(FileSystemTest, ReadsTheRestOfAFile) {
  write("a", kText);
  const auto rest = files_.read_from(folder_ / "a", 2);
  EXPECT_TRUE(std::ranges::equal(rest->bytes(), Bytes(kText).subspan(2)));
  EXPECT_TRUE(files_.read_from(folder_ / "a", kText.size())->bytes().empty());
  EXPECT_TRUE(files_.read_from(folder_ / "a", 1000)->bytes().empty());
}

TEST_F(FileSystemTest, OneAtATimeHoldsTheLockOfAFolder) {
  int holders = 0;
  int most = 0;
  std::mutex counters;
  std::vector<std::thread> threads(4);
  for (std::thread& thread : threads) {
    thread = std::thread([&] {
      for (int turn = 0; turn < 20; ++turn) {
        const auto lock = files_.lock_folder(folder_.path());
        EXPECT_NE(lock, nullptr);
        {
          const std::lock_guard guard(counters);
          most = std::max(most, ++holders);
        }
        const std::lock_guard guard(counters);
        --holders;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(most, 1);
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
