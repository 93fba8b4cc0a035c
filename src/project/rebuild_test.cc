// SPDX-License-Identifier: Apache-2.0
#include "project/rebuild.h"

#include <arrow/table.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/faulty_file_system.h"
#include "base/forwarding_file_system.h"
#include "base/temporary_folder.h"
#include "litmus/error.h"
#include "project/materializer.h"
#include "project/projection_fixture.h"
#include "store/data_layout.h"
#include "store/run_file_reader.h"

namespace litmus {
namespace {

using Status = RebuiltRun::Status;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class RebuildTest : public testing::Test {
 protected:
  // The file in the store comes from `sealed`, and the events in it are `events`.
  std::string prepare(const std::vector<WrittenEvent>& sealed,
                      const std::vector<WrittenEvent>& events) {
    write_event_files(files_, folder_.path(), sealed);
    const auto result =
        materialize_run(files_, folder_.path(), Uuid::parse(kSession), Uuid::parse(kRun));
    std::filesystem::remove_all(folder_ / "events");
    write_event_files(files_, folder_.path(), events);
    return result.path;
  }
  std::vector<RebuiltRun> rebuild(bool replace = false, const RebuildScope& scope = {},
                                  FileSystem& files = posix_file_system()) {
    return rebuild_runs(files, folder_.path(), scope, replace);
  }
  static std::vector<std::string> lines(const RunFileComparison& comparison) {
    std::vector<std::string> lines;
    lines.reserve(comparison.differences.size());
    for (const RowDifference& difference : comparison.differences) {
      lines.push_back(fmt::format("{} | {} | {} | {}", difference.row, difference.column,
                                  difference.in_file, difference.rebuilt));
    }
    return lines;
  }
  // plain_run with another value of one measurement.
  static std::vector<WrittenEvent> changed_run() {
    auto events = load_events("plain_run");
    std::get<MeasurementRecorded>(events[2].event).value = 0.75;
    return events;
  }

  TemporaryFolder folder_;
  FileSystem& files_ = posix_file_system();
};

TEST_F(RebuildTest, AFileThatHoldsWhatTheEventsSayIsLeftAlone) {
  const std::string path = prepare(load_events("plain_run"), load_events("plain_run"));
  const auto runs = rebuild(true);
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_EQ(runs[0].status, Status::kSame);
  EXPECT_EQ(runs[0].run_id, kRun);
  EXPECT_EQ(runs[0].path, path);
  EXPECT_EQ(runs[0].comparison.count, 0);
}

TEST_F(RebuildTest, AMissingFileIsWritten) {
  write_event_files(files_, folder_.path(), load_events("plain_run"));
  auto runs = rebuild();
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_EQ(runs[0].status, Status::kWritten);
  EXPECT_EQ(RunFileReader(files_, runs[0].path).row_count(), 7);
  EXPECT_EQ(rebuild()[0].status, Status::kSame);
}

TEST_F(RebuildTest, ADifferentCellIsToldByRowAndColumnAndLeftAlone) {
  const std::string path = prepare(load_events("plain_run"), changed_run());
  const auto before = std::filesystem::last_write_time(path);
  const auto runs = rebuild();
  EXPECT_EQ(runs[0].status, Status::kDiffers);
  EXPECT_EQ(runs[0].comparison.count, 1);
  EXPECT_THAT(
      lines(runs[0].comparison),
      ElementsAre("measurement boot[0] current, attempt 0 | measurement_value | 0.5 | 0.75"));
  EXPECT_EQ(std::filesystem::last_write_time(path), before);
}

TEST_F(RebuildTest, WhatDiffersIsReplacedOnRequestAndTheBackupGoesWhenItIsVerified) {
  const std::string path = prepare(load_events("plain_run"), changed_run());
  EXPECT_EQ(rebuild(true)[0].status, Status::kReplaced);
  EXPECT_EQ(rebuild()[0].status, Status::kSame);
  EXPECT_THAT(files_.list(parent_folder(path)), SizeIs(1));
}

TEST_F(RebuildTest, AReplacementThatReadsBackDifferentlyGivesWayToTheOldFile) {
  // A disk that stores something else than it was told, once.
  class Lying final : public ForwardingFileSystem {
   public:
    std::string instead;
    void rename(const std::string& from, const std::string& to) override {
      ForwardingFileSystem::rename(from, to);
      if (instead.empty()) return;
      const auto file = posix_file_system().open_for_append(to + ".new", Create::kNew);
      file->append(posix_file_system().read(std::exchange(instead, ""))->bytes());
      file->close();
      ForwardingFileSystem::rename(to + ".new", to);
    }
  };
  const std::string path = prepare(load_events("plain_run"), changed_run());
  const std::string other = folder_ / "other.parquet";
  files_.link_or_copy(path, other);
  Lying lying;
  lying.instead = other;
  const auto runs = rebuild(true, {}, lying);
  EXPECT_EQ(runs[0].status, Status::kFailed);
  EXPECT_THAT(runs[0].error, HasSubstr("reads back differently"));
  EXPECT_EQ(rebuild()[0].status, Status::kDiffers);
  EXPECT_THAT(files_.list(parent_folder(path)), SizeIs(1));
  EXPECT_NE(std::filesystem::hard_link_count(path), 1U) << "it is not the old file";
}

TEST_F(RebuildTest, ABackupLeftByARebuildThatWasCutOffGoesOnceTheFileIsRight) {
  const std::string path = prepare(load_events("plain_run"), load_events("plain_run"));
  files_.link_or_copy(path, path + ".bak");
  rebuild(false);
  EXPECT_TRUE(files_.exists(path + ".bak"));
  rebuild(true);
  EXPECT_FALSE(files_.exists(path + ".bak"));
}

TEST_F(RebuildTest, RowsOnOneSideOnlyAreToldOnceAndTheOthersStillCompared) {
  auto fewer = load_events("plain_run");
  fewer.erase(fewer.begin() + 2);  // measurement `current`
  auto more = load_events("plain_run");
  std::get<MeasurementRecorded>(more[8].event).units = "mV";
  prepare(fewer, more);
  EXPECT_THAT(lines(rebuild()[0].comparison),
              ElementsAre(HasSubstr("file | source_events |"),
                          "measurement boot[0] current, attempt 0 |  | missing | present",
                          "measurement ramp[1] vout, attempt 0 | measurement_units | V | mV"));
}

TEST_F(RebuildTest, AColumnOnOneSideOnlyAndAnotherTypeAreToldOnce) {
  auto without = load_events("plain_run");
  std::get<MeasurementRecorded>(without[5].event).outputs = {};
  std::get<StepStarted>(without[7].event).inputs = {{"vin", Value("high")}};
  prepare(without, load_events("plain_run"));
  const auto found = lines(rebuild()[0].comparison);
  EXPECT_THAT(found, testing::Contains("file | out_ripple | missing | 1 values"));
  EXPECT_THAT(found, testing::Contains("file | in_vin | string | double"));
  EXPECT_THAT(found, testing::Contains(HasSubstr("file | coerced_columns |")));
}

TEST_F(RebuildTest, NotANumberEqualsItself) {
  const auto events = load_events("value_kinds");
  prepare(events, events);
  EXPECT_EQ(rebuild()[0].comparison.count, 0);
  const RunFileReader file(files_, find_run_files(files_, folder_.path()).front());
  EXPECT_EQ(compare_run_files(file, file).count, 0);
}

TEST_F(RebuildTest, AFileWithoutEventsIsToldAndKept) {
  const std::string path = prepare(load_events("plain_run"), {});
  const auto runs = rebuild(true);
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_EQ(runs[0].status, Status::kNoEvents);
  EXPECT_EQ(runs[0].run_id, kRun);
  EXPECT_TRUE(files_.exists(path));
}

TEST_F(RebuildTest, ARunThatGoesOnIsNotSealed) {
  write_event_files(files_, folder_.path(), load_events("going_on"));
  EXPECT_EQ(rebuild()[0].status, Status::kIncomplete);
  EXPECT_THAT(find_run_files(files_, folder_.path()), IsEmpty());
}

TEST_F(RebuildTest, AFileThatCannotBeReadIsToldAndTheOthersAreRebuilt) {
  write_event_files(files_, folder_.path(), load_events("plain_run"));
  const std::string damaged =
      folder_.write("runs/2026-03-10/20260310T143022Z_SN001.parquet", "junk");
  const auto runs = rebuild(true);
  ASSERT_THAT(runs, SizeIs(2));
  EXPECT_EQ(runs[0].status, Status::kFailed);
  EXPECT_EQ(runs[0].path, damaged);
  EXPECT_THAT(runs[0].error, HasSubstr("not a readable Parquet file"));
  EXPECT_EQ(runs[1].status, Status::kWritten);
  EXPECT_EQ(RunFileReader(files_, runs[1].path).run_id(), kRun);
}

TEST_F(RebuildTest, TheScopeIsARunByPrefixOrAPointInTime) {
  prepare(load_events("plain_run"), load_events("plain_run"));
  EXPECT_THAT(rebuild(false, {"7d3b", {}}), SizeIs(1));
  EXPECT_THAT(rebuild(false, {std::string(kRun), {}}), SizeIs(1));
  EXPECT_THAT(rebuild(false, {{}, kStart}), SizeIs(1));
  EXPECT_THAT(rebuild(false, {{}, kStart + std::chrono::seconds(1)}), IsEmpty());
  try {
    rebuild(false, {"9999", {}});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kNotFound);
    EXPECT_THAT(error.what(), HasSubstr("9999"));
  }
}

TEST_F(RebuildTest, APrefixThatFitsSeveralRunsNamesThem) {
  auto events = load_events("plain_run");
  for (const WrittenEvent& event : load_events("plain_run")) {
    events.push_back(event);
    std::visit(
        [](auto& typed) { typed.run_id = Uuid::parse("7d3b1f52-2c61-4f0e-b7ef-9f1fb1f6c003"); },
        events.back().event);
  }
  write_event_files(files_, folder_.path(), events);
  try {
    rebuild(false, {"7d3b", {}});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kConflict);
    EXPECT_THAT(error.what(), HasSubstr("9f1fb1f6c002"));
    EXPECT_THAT(error.what(), HasSubstr("9f1fb1f6c003"));
  }
}

TEST_F(RebuildTest, WhateverFailsWhileReplacingLeavesAWholeFile) {
  using Operation = FaultyFileSystem::Operation;
  for (const auto operation : {Operation::kOpen, Operation::kWrite, Operation::kSync,
                               Operation::kRename, Operation::kSyncFolder}) {
    for (int n = 0;; ++n) {
      std::filesystem::remove_all(folder_ / "events");
      std::filesystem::remove_all(folder_ / "runs");
      const std::string path = prepare(load_events("plain_run"), changed_run());
      FaultyFileSystem faulty;
      faulty.fail_at(operation, n);
      const auto runs = rebuild(true, {}, faulty);
      ASSERT_THAT(find_run_files(files_, folder_.path()), ElementsAre(path));
      EXPECT_EQ(RunFileReader(files_, path).row_count(), 7);
      EXPECT_THAT(files_.list(parent_folder(path)), SizeIs(1)) << n;
      const Status after = rebuild()[0].status;
      if (runs[0].status == Status::kReplaced) {
        EXPECT_EQ(after, Status::kSame);
        EXPECT_GT(n, 0);
        break;
      }
      EXPECT_EQ(runs[0].status, Status::kFailed) << runs[0].error;
      EXPECT_NE(runs[0].error, "");
    }
  }
}

}  // namespace
}  // namespace litmus
