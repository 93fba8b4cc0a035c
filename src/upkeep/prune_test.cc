// SPDX-License-Identifier: Apache-2.0
#include "upkeep/prune.h"

#include <gmock/gmock.h>

#include "base/temporary_folder.h"
#include "litmus/event_log.h"
#include "project/materializer.h"
#include "store/data_layout.h"

namespace litmus {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PruneTest : public ::testing::Test {
 protected:
  // Today's events, moved into an older date folder as if they had been written then.
  std::string record(const std::string& date, bool seal) {
    const Uuid session = Uuid::random();
    RunStarted run;
    run.run_id = Uuid::random();
    EventLog log(data_dir(), session);
    log.emit(run);
    RunEnded ended;
    ended.run_id = run.run_id;
    log.emit(ended);
    std::string run_file;
    if (seal) run_file = materialize_run(files_, data_dir(), session, *run.run_id).path;
    log.close();
    log.flush();
    const std::string store = join_path(data_dir(), "events");
    files_.create_folders(join_path(store, date));
    for (const std::string& path : find_session_files(files_, data_dir(), session)) {
      files_.rename(path, join_path(join_path(store, date), file_name(path)));
    }
    return run_file;
  }

  bool exists(const std::string& date) {
    return files_.exists(join_path(join_path(data_dir(), "events"), date));
  }

  const std::string& data_dir() const { return folder_.path(); }
  Timestamp cutoff_ = parse_iso8601("2026-03-10T00:00:00Z");
  TemporaryFolder folder_;
  FileSystem& files_ = posix_file_system();
};

TEST_F(PruneTest, RemovesWholeDaysBeforeTheCutoffAndNoRunFile) {
  const std::string old_run = record("2026-03-09", true);
  record("2026-03-10", true);
  const auto pruned = prune_events(files_, data_dir(), cutoff_, false);
  ASSERT_THAT(pruned, SizeIs(1));
  EXPECT_EQ(pruned[0].name, "events/2026-03-09");
  EXPECT_THAT(pruned[0].kept_because, IsEmpty());
  EXPECT_EQ(pruned[0].files, 1);
  EXPECT_GT(pruned[0].bytes, 0U);
  EXPECT_FALSE(exists("2026-03-09"));
  EXPECT_TRUE(exists("2026-03-10"));
  EXPECT_TRUE(files_.exists(old_run));
}

TEST_F(PruneTest, DryRunRemovesNothing) {
  record("2026-03-09", true);
  EXPECT_THAT(prune_events(files_, data_dir(), cutoff_, true), SizeIs(1));
  EXPECT_TRUE(exists("2026-03-09"));
}

TEST_F(PruneTest, DayWithARunThatIsNotSealedStays) {
  record("2026-03-09", true);
  record("2026-03-09", false);
  const auto pruned = prune_events(files_, data_dir(), cutoff_, false);
  ASSERT_THAT(pruned, SizeIs(1));
  EXPECT_THAT(pruned[0].kept_because, HasSubstr("is not sealed"));
  EXPECT_TRUE(exists("2026-03-09"));
}

TEST_F(PruneTest, DayWhoseEventsAreDamagedStays) {
  record("2026-03-09", true);
  const std::string path = find_event_files(files_, data_dir()).front();
  const auto content = files_.read(path);
  std::vector<std::uint8_t> bytes(content->bytes().begin(), content->bytes().end());
  for (std::size_t i = bytes.size() / 2; i < bytes.size() / 2 + 32; ++i) bytes[i] ^= 0x5a;
  files_.open_for_append(path, FileSystem::Create::kReplace)->append(bytes);
  EXPECT_THAT(prune_events(files_, data_dir(), cutoff_, false)[0].kept_because,
              HasSubstr("damaged"));
  EXPECT_TRUE(exists("2026-03-09"));
}

}  // namespace
}  // namespace litmus
