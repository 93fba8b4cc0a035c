// SPDX-License-Identifier: Apache-2.0
#include "base/log_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>

#include "base/temporary_folder.h"

namespace litmus {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(LogFile, KeepsWhatAnEarlierDaemonWroteAndEachEntryOnALineOfItsOwn) {
  const TemporaryFolder folder;
  LogFile(folder / "log").write("first");
  LogFile(folder / "log").write("second\nof two lines");
  EXPECT_THAT(content_of(folder / "log"),
              testing::MatchesRegex("20[0-9T:.+-]+ \\[[0-9]+\\] first\n"
                                    "20[0-9T:.+-]+ \\[[0-9]+\\] second of two lines\n"));
}

TEST(LogFile, KeepsTwoOldFilesAndNoneThatIsTooLarge) {
  const TemporaryFolder folder;
  constexpr std::uint64_t kFullAt = 1000;
  LogFile log(folder / "log", kFullAt);
  for (int i = 0; i < 100; ++i) log.write("line " + std::to_string(i) + ".");
  for (const char* name : {"log", "log.1", "log.2"}) {
    EXPECT_THAT(std::filesystem::file_size(folder / name),
                testing::AllOf(testing::Gt(0U), testing::Le(kFullAt)));
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "log.3"));
  EXPECT_THAT(content_of(folder / "log"), testing::HasSubstr("line 99."));
}

TEST(LogFile, GoesOnWhereItCannotWrite) {
  LogFile log("/no/such/folder/log");
  log.write("nobody reads this");
}

}  // namespace
}  // namespace litmus
