// SPDX-License-Identifier: Apache-2.0
#include "base/folder_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/temporary_folder.h"

namespace litmus {
namespace {

using Kind = FolderChange::Kind;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

class FolderWatcherTest : public ::testing::Test {
 protected:
  FolderChange change(Kind kind, const std::string& name) const {
    return {kind, false, folder_.path(), name};
  }
  void append(const std::string& name) const {
    std::ofstream(folder_ / name, std::ios::app) << "x";
  }

  TemporaryFolder folder_;
  FolderWatcher watcher_;
};

TEST_F(FolderWatcherTest, WhatWasDoneIsToldAtOnceAndInOrder) {
  watcher_.add(folder_.path());
  append("a");
  std::filesystem::create_hard_link(folder_ / "a", folder_ / "b");
  std::filesystem::rename(folder_ / "b", folder_ / "c");
  std::filesystem::remove(folder_ / "a");
  const auto changes = watcher_.read();
  ASSERT_GE(changes.size(), 6U);
  EXPECT_EQ(changes.front(), change(Kind::kAppeared, "a"));
  EXPECT_EQ(changes[1], change(Kind::kWritten, "a"));
  EXPECT_THAT(changes, Contains(change(Kind::kAppeared, "b")));
  EXPECT_THAT(changes, Contains(change(Kind::kGone, "b")));
  EXPECT_THAT(changes, Contains(change(Kind::kAppeared, "c")));
  EXPECT_EQ(changes.back(), change(Kind::kGone, "a"));
  EXPECT_THAT(watcher_.read(), IsEmpty());
  EXPECT_FALSE(watcher_.polls());
}

TEST_F(FolderWatcherTest, TellsFoldersFromFiles) {
  watcher_.add(folder_.path());
  std::filesystem::create_directory(folder_ / "day");
  EXPECT_THAT(watcher_.read(),
              ElementsAre(FolderChange{Kind::kAppeared, true, folder_.path(), "day"}));
}

TEST_F(FolderWatcherTest, AFolderThatIsNoLongerWatchedIsSilent) {
  watcher_.add(folder_.path());
  append("a");
  watcher_.remove(folder_.path());
  append("b");
  EXPECT_THAT(watcher_.read(), IsEmpty());
  watcher_.add(folder_.path());
  append("c");
  EXPECT_THAT(watcher_.read(), Contains(change(Kind::kAppeared, "c")));
}

TEST_F(FolderWatcherTest, AFolderThatDoesNotExistYetIsPolledUntilItDoes) {
  const std::string later = folder_ / "later";
  watcher_.add(later);
  EXPECT_TRUE(watcher_.polls());
  EXPECT_THAT(watcher_.read(), ElementsAre(FolderChange{Kind::kLookAgain, false, later, ""}));
  EXPECT_THAT(watcher_.read(), IsEmpty()) << "at most once a second";
  std::filesystem::create_directory(later);
  EXPECT_THAT(watcher_.read(true), ElementsAre(FolderChange{Kind::kLookAgain, false, later, ""}));
  EXPECT_FALSE(watcher_.polls());
  append("later/a");
  EXPECT_THAT(watcher_.read(), Contains(FolderChange{Kind::kAppeared, false, later, "a"}));
}

TEST_F(FolderWatcherTest, AFolderThatGoesAwayAndComesBackIsWatchedAgain) {
  const std::string day = folder_ / "day";
  std::filesystem::create_directory(day);
  watcher_.add(day);
  std::filesystem::remove(day);
  std::filesystem::create_directory(day);
  EXPECT_THAT(watcher_.read(true), ElementsAre(FolderChange{Kind::kLookAgain, false, day, ""}));
  EXPECT_FALSE(watcher_.polls());
  append("day/a");
  EXPECT_THAT(watcher_.read(), Contains(FolderChange{Kind::kAppeared, false, day, "a"}));
}

TEST_F(FolderWatcherTest, AFolderThatIsAddedAgainIsPolledNoMore) {
  const std::string day = folder_ / "day";
  std::filesystem::create_directory(day);
  watcher_.add(day);
  std::filesystem::remove(day);
  watcher_.read();
  EXPECT_TRUE(watcher_.polls());
  std::filesystem::create_directory(day);
  watcher_.add(day);
  EXPECT_FALSE(watcher_.polls());
  append("day/a");
  EXPECT_THAT(watcher_.read(), Contains(FolderChange{Kind::kAppeared, false, day, "a"}));
}

TEST_F(FolderWatcherTest, AnOverflowAsksToLookAgain) {
  watcher_.add(folder_.path());
  int limit = 0;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> limit;
  if (limit == 0 || limit > 100'000) GTEST_SKIP() << "the queue is too long to fill it";
  append("a");
  append("b");
  const auto path_a = std::filesystem::path(folder_ / "a");
  const auto path_b = std::filesystem::path(folder_ / "b");
  // Equal neighbours are merged, so the names alternate.
  for (int i = 0; i <= limit / 2; ++i) {
    std::filesystem::resize_file(path_a, static_cast<std::uintmax_t>(i % 7));
    std::filesystem::resize_file(path_b, static_cast<std::uintmax_t>(i % 7));
  }
  const auto changes = watcher_.read();
  EXPECT_THAT(changes, Contains(change(Kind::kLookAgain, "")));
  append("c");
  EXPECT_THAT(watcher_.read(), Not(IsEmpty()));
}

}  // namespace
}  // namespace litmus
