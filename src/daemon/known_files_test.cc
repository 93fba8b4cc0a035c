// SPDX-License-Identifier: Apache-2.0
#include "daemon/known_files.h"

#include <gmock/gmock.h>

namespace litmus {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// What the index knows: a session that goes on over midnight, and another one.
KnownFiles::Files indexed(const std::string& folder) {
  KnownFiles::Files files;
  if (folder == "events/2026-03-10") files["a-1.arrow"].last_seq = 7;
  if (folder == "events/2026-03-10") files["b-1.arrow"].last_seq = 8;
  if (folder == "events/2026-03-11") files["a-1_0001.arrow"].last_seq = 9;
  return files;
}

TEST(KnownFilesTest, FilesOfASessionAreFoundInEachFolderThatWasAskedAboutOldestFirst) {
  KnownFiles files(indexed);
  EXPECT_THAT(files.with_prefix("a-"), IsEmpty());
  ASSERT_NE(files.find("events/2026-03-11/a-1_0001.arrow"), nullptr);
  EXPECT_THAT(files.with_prefix("a-"), ElementsAre("events/2026-03-11/a-1_0001.arrow"));
  EXPECT_EQ(files.in_folder("events/2026-03-10").size(), 2U);
  EXPECT_THAT(files.with_prefix("a-"),
              ElementsAre("events/2026-03-10/a-1.arrow", "events/2026-03-11/a-1_0001.arrow"));
  EXPECT_THAT(files.with_prefix("b-"), ElementsAre("events/2026-03-10/b-1.arrow"));
  EXPECT_THAT(files.with_prefix("c-"), IsEmpty());
}

TEST(KnownFilesTest, WhatComesAndGoesLaterIsFoundAndNoMore) {
  KnownFiles files(indexed);
  files.in_folder("events/2026-03-10");
  EXPECT_THAT(files.with_prefix("a-"), ElementsAre("events/2026-03-10/a-1.arrow"));
  files["events/2026-03-10/a-2.arrow"].last_seq = 3;
  files["events/2026-03-12/a-2.arrow"].last_seq = 4;
  EXPECT_THAT(files.with_prefix("a-2"),
              ElementsAre("events/2026-03-10/a-2.arrow", "events/2026-03-12/a-2.arrow"));
  files.erase("events/2026-03-10/a-2.arrow");
  files.erase("events/2026-03-10/nothing.arrow");
  EXPECT_THAT(files.with_prefix("a-2"), ElementsAre("events/2026-03-12/a-2.arrow"));
  EXPECT_EQ(files.find("events/2026-03-10/a-2.arrow"), nullptr);
  EXPECT_EQ(files.find("events/2026-03-12/a-2.arrow")->last_seq, 4);
}

}  // namespace
}  // namespace litmus
