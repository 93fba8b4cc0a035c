// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "litmus/error.h"
#include "litmus/ids.h"

namespace litmus {
namespace {

TEST(Uuid, NewOnesAreVersion4AndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 2000; ++i) {
    const std::string text = Uuid::random().to_string();
    EXPECT_EQ(text[14], '4');
    EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);
    EXPECT_TRUE(seen.insert(text).second);
  }
}

TEST(Uuid, TextIsReadInBothSpellings) {
  const Uuid id = Uuid::random();
  std::string text = id.to_string();
  EXPECT_EQ(Uuid::parse(text), id);
  std::erase(text, '-');
  EXPECT_EQ(Uuid::parse(text), id);
}

TEST(Uuid, WhatIsNoUuidIsRefused) {
  for (const char* text : {"", "123", "123e4567-e89b-42d3-a456-42661417400g",
                           "123e4567ae89b-42d3-a456-4266141740000"}) {
    EXPECT_THROW(static_cast<void>(Uuid::parse(text)), Error) << text;
  }
}

TEST(Uuid, AForkedChildDoesNotRepeatItsParentsIds) {
  static_cast<void>(Uuid::random());  // so that random bytes are left over
  int channel[2];
  ASSERT_EQ(pipe(channel), 0);
  const pid_t child = fork();
  if (child == 0) {
    const Uuid id = Uuid::random();
    _exit(write(channel[1], id.bytes.data(), id.bytes.size()) == 16 ? 0 : 1);
  }
  const Uuid mine = Uuid::random();
  Uuid of_child;
  ASSERT_EQ(read(channel[0], of_child.bytes.data(), of_child.bytes.size()), 16);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_NE(mine, of_child);
  close(channel[0]);
  close(channel[1]);
}

}  // namespace
}  // namespace litmus
