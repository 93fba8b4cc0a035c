// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/temporary_folder.h"
#include "litmus/channel_store.h"
#include "litmus/event_log.h"
#include "project/materializer.h"
#include "record/background.h"
#include "store/channel_registry.h"
#include "upkeep/channel_examination.h"
#include "upkeep/prune.h"

namespace litmus {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ChannelUpkeepTest : public ::testing::Test {
 protected:
  // Today's samples, moved into an older date folder as if they had been written then.
  std::string record(const std::string& date) {
    ChannelStore store(data_dir(), session_);
    const auto reference = store.write("scope.ch1", "capture");
    store.close();
    background::drain();
    const std::string folder = join_path(channels_folder(data_dir()), date);
    files_.create_folders(folder);
    for (const auto& segment : find_channel_segments(files_, data_dir())) {
      files_.rename(segment.path, join_path(folder, file_name(segment.path)));
    }
    return reference->to_uri();
  }
  std::vector<Finding> examine(bool fix = false) {
    return examine_channels(files_, data_dir(), fix);
  }
  bool exists(const std::string& date) {
    return files_.exists(join_path(channels_folder(data_dir()), date));
  }

  const std::string& data_dir() const { return folder_.path(); }
  Uuid session_ = Uuid::random();
  Timestamp cutoff_ = parse_iso8601("2026-03-10T00:00:00Z");
  TemporaryFolder folder_;
  FileSystem& files_ = posix_file_system();
};

TEST_F(ChannelUpkeepTest, WhatIsWrittenWellIsNoFinding) {
  EXPECT_THAT(examine(), IsEmpty());
  record("2026-03-09");
  EXPECT_THAT(examine(), IsEmpty());
  ChannelStore store(data_dir(), Uuid::random());
  store.write("dmm.voltage", 1.0);
  EXPECT_THAT(examine(), IsEmpty());
}

TEST_F(ChannelUpkeepTest, ADamagedSegmentIsNamed) {
  record("2026-03-09");
  const std::string path = find_channel_segments(files_, data_dir())[0].path;
  files_.truncate(path, files_.status(path)->size - 100);
  const auto found = examine(true);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].severity, Severity::kLost);
  EXPECT_EQ(found[0].path, path);
}

TEST_F(ChannelUpkeepTest, TheJournalOfADeadProcessIsPutIntoItsSegments) {
  const pid_t child = fork();
  if (child == 0) {
    ChannelStore store(data_dir(), Uuid::random());
    for (int i = 0; i < 100; ++i) store.write("dmm.voltage", i);
    kill(getpid(), SIGKILL);
  }
  waitpid(child, nullptr, 0);
  const auto found = examine();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].severity, Severity::kProblem);
  const auto fixed = examine(true);
  ASSERT_FALSE(fixed.empty());
  EXPECT_TRUE(fixed[0].fixed);
  EXPECT_THAT(examine(), IsEmpty());
  EXPECT_EQ(read_channel_registry(files_, data_dir()).at("dmm.voltage").row_count, 100);
}

TEST_F(ChannelUpkeepTest, ALostRegistryIsMadeAgain) {
  record("2026-03-09");
  files_.remove(join_path(channels_folder(data_dir()), "_registry.json"));
  const auto found = examine();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0].what, HasSubstr("scope.ch1"));
  EXPECT_TRUE(examine(true)[0].fixed);
  EXPECT_THAT(examine(), IsEmpty());
}

TEST_F(ChannelUpkeepTest, OldDaysArePrunedAndNewOnesStay) {
  record("2026-03-10");
  EXPECT_THAT(prune_channels(files_, data_dir(), cutoff_, false), IsEmpty());
  record("2026-03-09");
  EXPECT_THAT(prune_channels(files_, data_dir(), cutoff_, true), SizeIs(1));
  EXPECT_TRUE(exists("2026-03-09"));
  const auto pruned = prune_channels(files_, data_dir(), cutoff_, false);
  ASSERT_THAT(pruned, SizeIs(1));
  EXPECT_EQ(pruned[0].name, "channels/2026-03-09");
  EXPECT_FALSE(exists("2026-03-09"));
}

TEST_F(ChannelUpkeepTest, ADayThatARunRefersToStays) {
  const std::string reference = record("2026-03-09");
  EventLog log(data_dir(), session_);
  RunStarted run;
  run.run_id = Uuid::random();
  log.emit(run);
  StepEnded step;
  step.run_id = run.run_id;
  step.step_name = "capture";
  step.step_path = "capture";
  step.outputs = ValueMap{{"wave", reference}};
  log.emit(step);
  RunEnded ended;
  ended.run_id = run.run_id;
  log.emit(ended);
  log.close();
  materialize_run(files_, data_dir(), session_, *run.run_id);
  const auto pruned = prune_channels(files_, data_dir(), cutoff_, false);
  ASSERT_THAT(pruned, SizeIs(1));
  EXPECT_THAT(pruned[0].kept_because, HasSubstr(run.run_id->to_string()));
  EXPECT_TRUE(exists("2026-03-09"));
}

}  // namespace
}  // namespace litmus
