// SPDX-License-Identifier: Apache-2.0
#include <arrow/table.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "base/temporary_folder.h"
#include "channels/journal_recovery.h"
#include "litmus/channel_store.h"
#include "litmus/error.h"
#include "litmus/event_log.h"
#include "project/materializer.h"
#include "record/background.h"
#include "store/channel_registry.h"
#include "store/channel_segment_repair.h"
#include "upkeep/channel_examination.h"
#include "upkeep/prune.h"

namespace litmus {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
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

TEST_F(ChannelUpkeepTest, ADamagedSegmentIsPutInOrderAndWhatCanBeSavedIsKept) {
  {
    ChannelStore store(data_dir(), session_);
    const std::vector<double> values(100'000, 1.0);
    store.write_block("daq.ch1", Samples{values, 1e-3});
  }
  background::drain();
  const std::string path = find_channel_segments(files_, data_dir())[0].path;
  const auto content = files_.read(path);
  std::vector<std::uint8_t> bytes(content->bytes().begin(), content->bytes().end());
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 3), 4096, std::uint8_t{0});
  files_.open_for_append(path, FileSystem::Create::kReplace)->append(bytes);
  ASSERT_THAT(examine(), Not(IsEmpty()));
  const auto fixed = examine(true);
  EXPECT_TRUE(fixed[0].fixed);
  EXPECT_EQ(fixed[0].severity, Severity::kLost);
  EXPECT_THAT(fixed[0].what, HasSubstr("the original is " + file_name(path) + ".damaged"));
  const auto after = examine();
  ASSERT_THAT(after, Not(IsEmpty()));
  for (const Finding& finding : after) EXPECT_EQ(finding.severity, Severity::kNote);
  ChannelStore store(data_dir(), session_);
  std::vector<std::string> damages;
  ChannelQuery query;
  query.channel_id = "daq.ch1";
  const auto rows = store.query(query, &damages)->num_rows();
  EXPECT_GT(rows, 10'000);
  EXPECT_LT(rows, 100'000);
  EXPECT_THAT(damages, IsEmpty());
}

TEST_F(ChannelUpkeepTest, AnEmptySegmentIsNamedAndRemoved) {
  record("2026-03-09");
  const std::string folder = parent_folder(find_channel_segments(files_, data_dir())[0].path);
  const std::string path = join_path(folder, "dmm.current_3fcca080.arrow");
  files_.open_for_append(path, FileSystem::Create::kNew);
  const auto found = examine();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].severity, Severity::kProblem);
  EXPECT_EQ(found[0].path, path);
  EXPECT_TRUE(examine(true)[0].fixed);
  EXPECT_FALSE(files_.exists(path));
  EXPECT_THAT(examine(), IsEmpty());
}

TEST_F(ChannelUpkeepTest, ASegmentWithoutAReadableBeginningIsSavedByItsRows) {
  for (const bool has_sibling : {true, false}) {
    TemporaryFolder folder;
    const Uuid session = Uuid::random();
    const std::vector<double> samples(1'000, 2.5);
    {
      ChannelStore store(folder.path(), session);
      store.write("scope.ch1", Samples{samples, 1e-6}, {.units = "V"});
      store.write("dmm.voltage", 1.0);
      store.write("psu.state", ValueMap{{"volts", 3.3}, {"on", true}});
      if (has_sibling) store.write("psu.state", "off");
    }
    if (has_sibling) {
      ChannelStore other(folder.path(), Uuid::random());
      other.write("psu.state", ValueMap{{"volts", 5.0}, {"on", false}});
    }
    background::drain();
    const std::string session8 = session.to_string().substr(0, 8);
    for (const auto& segment : find_channel_segments(files_, folder.path(), "", session8)) {
      const auto content = files_.read(segment.path);
      std::vector<std::uint8_t> bytes(content->bytes().begin(), content->bytes().end());
      std::fill_n(bytes.begin() + 16, 200, std::uint8_t{0});
      files_.open_for_append(segment.path, FileSystem::Create::kReplace)->append(bytes);
    }
    examine_channels(files_, folder.path(), true);
    for (const Finding& finding : examine_channels(files_, folder.path(), false)) {
      EXPECT_EQ(finding.severity, Severity::kNote) << finding.what;
    }
    ChannelStore store(folder.path(), session);
    const auto rows = [&](const char* channel) {
      ChannelQuery query;
      query.channel_id = channel;
      query.session_id = session.to_string();
      return store.query(query)->num_rows();
    };
    EXPECT_EQ(rows("scope.ch1"), 1);
    EXPECT_EQ(rows("dmm.voltage"), 1);
    EXPECT_EQ(rows("psu.state"), has_sibling ? 2 : 0);
    const std::string uri = ChannelReference{"dmm.voltage", session.to_string(), 0, ""}.to_uri();
    EXPECT_EQ(store.resolve(uri)->num_rows(), 1);
  }
}

TEST_F(ChannelUpkeepTest, WhatIsBeingWrittenIsNotRepaired) {
  ChannelStore store(data_dir(), session_);
  store.write("dmm.voltage", 1.0);
  store.flush();
  const std::string path = find_channel_segments(files_, data_dir())[0].path;
  const auto status = files_.status(path);
  EXPECT_THAT(examine(true), IsEmpty());
  EXPECT_THROW(repair_channel_segment(files_, path), Error);
  EXPECT_EQ(files_.status(path), status);
}

TEST_F(ChannelUpkeepTest, TheJournalOfADeadProcessGoesBehindASegmentThatIsDamaged) {
  const pid_t child = fork();
  if (child == 0) {
    ChannelStore store(data_dir(), session_);
    store.write("dmm.voltage", 0.0);
    store.flush();
    for (int i = 1; i < 100; ++i) store.write("dmm.voltage", i);
    kill(getpid(), SIGKILL);
  }
  waitpid(child, nullptr, 0);
  const std::string path = find_channel_segments(files_, data_dir())[0].path;
  const auto content = files_.read(path);
  std::vector<std::uint8_t> bytes(content->bytes().begin(), content->bytes().end());
  bytes[300] ^= 0x10;  // in its schema
  files_.open_for_append(path, FileSystem::Create::kReplace)->append(bytes);
  const auto damages = recover_journals(files_, data_dir());
  ASSERT_THAT(damages, Not(IsEmpty()));
  EXPECT_THAT(damages[0], HasSubstr(path));
  ChannelStore store(data_dir(), session_);
  ChannelQuery query;
  query.channel_id = "dmm.voltage";
  EXPECT_EQ(store.query(query)->num_rows(), 100);
  EXPECT_THAT(examine(), IsEmpty());
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

TEST_F(ChannelUpkeepTest, TheRegistryCountsTheRowsOfADeadProcessOnce) {
  const pid_t child = fork();
  if (child == 0) {
    ChannelStore store(data_dir(), session_);
    const std::vector<double> samples(100, 1.0);
    for (int i = 0; i < 10; ++i) {
      store.write("dmm.voltage", i);
      store.write("scope.ch1", Samples{samples, 1e-6});
      if (i == 3) store.list_channels();  // the registry is told
      if (i == 6) store.flush();
    }
    kill(getpid(), SIGKILL);
  }
  waitpid(child, nullptr, 0);
  for (int i = 0; i < 2; ++i) {
    recover_journals(files_, data_dir());
    const auto registry = read_channel_registry(files_, data_dir());
    for (const char* channel : {"dmm.voltage", "scope.ch1"}) {
      EXPECT_EQ(registry.at(channel).row_count, 10) << channel;
      EXPECT_EQ(registry.at(channel).sessions, 1) << channel;
    }
  }
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
