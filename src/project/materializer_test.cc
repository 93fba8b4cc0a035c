// SPDX-License-Identifier: Apache-2.0
#include "project/materializer.h"

#include <arrow/table.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/faulty_file_system.h"
#include "base/temporary_folder.h"
#include "litmus/error.h"
#include "project/projection_fixture.h"
#include "project/run_batches.h"
#include "store/data_layout.h"
#include "store/run_file_reader.h"

namespace litmus {
namespace {

using Status = MaterializeResult::Status;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class MaterializerTest : public testing::Test {
 protected:
  void write(const std::vector<WrittenEvent>& events) {
    write_event_files(files_, folder_.path(), events);
  }
  // Replaces what was written before.
  void rewrite(const std::vector<WrittenEvent>& events) {
    std::filesystem::remove_all(folder_ / "events");
    write(events);
  }
  MaterializeResult seal(FileSystem& files = posix_file_system()) {
    return materialize_run(files, folder_.path(), Uuid::parse(kSession), Uuid::parse(kRun));
  }
  std::string bytes_of(const std::string& path) {
    const auto content = files_.read(path);
    return {reinterpret_cast<const char*>(content->bytes().data()), content->bytes().size()};
  }

  TemporaryFolder folder_;
  FileSystem& files_ = posix_file_system();
};

TEST_F(MaterializerTest, TheRunFileHoldsTheRowsOfTheEvents) {
  const auto events = load_events("plain_run");
  write(events);
  const MaterializeResult result = seal();
  EXPECT_EQ(result.status, Status::kWritten);
  EXPECT_EQ(result.path, folder_ / "runs/2026-03-10/20260310T143022Z_SN001.parquet");
  EXPECT_EQ(result.steps, 3);
  EXPECT_EQ(result.measurements, 3);
  EXPECT_THAT(result.problems, IsEmpty());
  EXPECT_THAT(result.damages, IsEmpty());
  const RunFileReader file(files_, result.path);
  EXPECT_TRUE(file.rows()->Equals(*to_table(accumulate(events)->rows())));
  EXPECT_EQ(file.run_id(), kRun);
  EXPECT_EQ(
      file.metadata("source_events"),
      R"([{"writer":"6f1c2b4e-0d3a-4a57-9a11-000000000000","first_seq":0,"last_seq":10,"events":11}])");
}

TEST_F(MaterializerTest, TheSameEventsGiveTheSameBytesWhereverAndWhenever) {
  write(load_events("retries"));
  const std::string first = bytes_of(seal().path);
  std::filesystem::remove_all(folder_ / "runs");
  EXPECT_EQ(bytes_of(seal().path), first);
}

TEST_F(MaterializerTest, SealingAgainChangesNothing) {
  write(load_events("plain_run"));
  const std::string path = seal().path;
  const auto written_at = std::filesystem::last_write_time(path);
  const MaterializeResult again = seal();
  EXPECT_EQ(again.status, Status::kUnchanged);
  EXPECT_EQ(again.path, path);
  EXPECT_EQ(std::filesystem::last_write_time(path), written_at);
}

TEST_F(MaterializerTest, WhatHappensInTheSessionAfterwardsIsNoReasonToSealAgain) {
  auto events = load_events("plain_run");
  write(events);
  seal();
  const auto notice = parse_events(
      R"({"event_type": "run.materialized", "writer": 9, "at": 5, "materializer": "parquet", "destination": "x"})"
      "\n"
      R"({"event_type": "fixture.instrument_connected", "run_id": null, "at": 6, "role": "a", "instrument_id": "b", "resource": "c"})"
      "\n"
      R"({"event_type": "session.ended", "run_id": null, "at": 7})");
  events.insert(events.end(), notice.begin(), notice.end());
  rewrite(events);
  EXPECT_EQ(seal().status, Status::kUnchanged);
}

TEST_F(MaterializerTest, AnEventThatCameAfterSealingIsSealedUnderTheSameName) {
  auto events = load_events("plain_run");
  write(events);
  const std::string path = seal().path;
  const auto late = parse_events(
      R"({"event_type": "test.measurement", "at": 6, "step_name": "boot", "step_index": 0, "step_path": "boot", "measurement_name": "late", "value": 1})");
  events.push_back(late.front());
  rewrite(events);
  const MaterializeResult again = seal();
  EXPECT_EQ(again.status, Status::kWritten);
  EXPECT_EQ(again.path, path);
  EXPECT_EQ(again.measurements, 4);
  EXPECT_EQ(RunFileReader(files_, path).row_count(), 8);
}

TEST_F(MaterializerTest, ARunWithoutStartOrEndIsNotSealed) {
  auto events = load_events("going_on");
  write(events);
  EXPECT_EQ(seal().status, Status::kNotEnded);
  events.erase(events.begin());
  rewrite(events);
  EXPECT_EQ(seal().status, Status::kNotStarted);
  EXPECT_FALSE(files_.exists(folder_ / "runs"));
}

TEST_F(MaterializerTest, TwoRunsOfOneSerialInTheSameSecondBothStay) {
  auto events = load_events("plain_run");
  const Uuid other = Uuid::parse("7d3b1f52-2c61-4f0e-b7ef-9f1fb1f6c003");
  for (const WrittenEvent& event : load_events("plain_run")) {
    events.push_back(event);
    std::visit([&](auto& typed) { typed.run_id = other; }, events.back().event);
  }
  write(events);
  const std::string first = seal().path;
  const auto second = materialize_run(files_, folder_.path(), Uuid::parse(kSession), other);
  EXPECT_EQ(file_name(second.path), "20260310T143022Z_SN001_2.parquet");
  EXPECT_EQ(RunFileReader(files_, first).run_id(), kRun);
  EXPECT_EQ(RunFileReader(files_, second.path).run_id(), other.to_string());
}

TEST_F(MaterializerTest, ASerialWithSlashesMakesNoFolders) {
  auto events = load_events("plain_run");
  std::get<RunStarted>(events.front().event).dut_serial = "../LOT/7";
  write(events);
  const std::string path = seal().path;
  EXPECT_EQ(path, folder_ / "runs/2026-03-10/20260310T143022Z_..-LOT-7.parquet");
  EXPECT_EQ(
      render(*RunFileReader(files_, path).columns({"dut_serial"}), {"dut_serial"}).substr(0, 20),
      "dut_serial\n../LOT/7\n");
}

TEST_F(MaterializerTest, LargeValuesOfTheEventsAreLinkedBesideTheRunFile) {
  write(load_events("stimulus_path"));
  const std::string in_events = folder_.write(
      fmt::format("events/2026-03-10/{}_ref/abcdef01_trace.npz", kSession), "samples");
  const MaterializeResult result = seal();
  EXPECT_THAT(result.problems, IsEmpty());
  EXPECT_EQ(bytes_of(join_path(run_ref_folder(result.path), "abcdef01_trace.npz")), "samples");
  EXPECT_TRUE(files_.exists(in_events));
}

TEST_F(MaterializerTest, AReferenceWithoutFileIsToldAndTheRunSealed) {
  write(load_events("stimulus_path"));
  const MaterializeResult result = seal();
  EXPECT_EQ(result.status, Status::kWritten);
  EXPECT_THAT(result.problems, ElementsAre(HasSubstr("abcdef01_trace.npz is missing")));
}

TEST_F(MaterializerTest, AReferenceCannotLeadOutOfItsFolder) {
  auto events = load_events("stimulus_path");
  std::get<MeasurementRecorded>(events[2].event).outputs = {
      {"up", Value("file://_ref/../../../secret")}, {"down", Value("file://_ref/x/../../secret")}};
  write(events);
  folder_.write("secret", "key");
  folder_.write(fmt::format("events/2026-03-10/{}_ref/x/y", kSession), "");
  const MaterializeResult result = seal();
  EXPECT_THAT(result.problems, testing::Each(HasSubstr("is not the name of a file")));
  EXPECT_EQ(result.problems.size(), 2U);
  EXPECT_FALSE(files_.exists(run_ref_folder(result.path)));
}

TEST_F(MaterializerTest, EventsThatCannotBeReadAreToldAndTheOthersSealed) {
  write(load_events("plain_run"));
  const std::string path = find_event_files(files_, folder_.path()).front();
  std::string bytes = bytes_of(path);
  const std::size_t at = bytes.find("\"current\"");
  ASSERT_NE(at, std::string::npos);
  bytes[at + 1] = 'X';
  folder_.write(path.substr(folder_.path().size() + 1), bytes);
  const MaterializeResult result = seal();
  EXPECT_EQ(result.status, Status::kWritten);
  EXPECT_EQ(result.measurements, 2);
  EXPECT_THAT(result.damages, ElementsAre(HasSubstr(file_name(path))));
}

TEST_F(MaterializerTest, FindsTheSessionThatBeganJustBeforeMidnight) {
  write(load_events("plain_run"));
  const auto next_day = kStart + std::chrono::hours(12);
  EXPECT_EQ(materialize_run(files_, folder_.path(), Uuid::parse(kSession), Uuid::parse(kRun),
                            {.started_at = next_day})
                .status,
            Status::kWritten);
}

TEST_F(MaterializerTest, WhateverFailsTheRunCanBeSealedAfterwards) {
  using Operation = FaultyFileSystem::Operation;
  write(load_events("stimulus_path"));
  folder_.write(fmt::format("events/2026-03-10/{}_ref/abcdef01_trace.npz", kSession), "samples");
  for (const auto operation : {Operation::kOpen, Operation::kWrite, Operation::kSync,
                               Operation::kRename, Operation::kSyncFolder}) {
    for (int n = 0;; ++n) {
      std::filesystem::remove_all(folder_ / "runs");
      FaultyFileSystem faulty;
      faulty.fail_at(operation, n);
      bool failed = false;
      try {
        seal(faulty);
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::kIo);
        failed = true;
      }
      const MaterializeResult again = seal();
      EXPECT_NE(again.path, "");
      EXPECT_EQ(find_run_files(files_, folder_.path()), std::vector<std::string>{again.path});
      EXPECT_EQ(RunFileReader(files_, again.path).row_count(), 3);
      if (!failed) {
        EXPECT_GT(n, 0);
        break;
      }
    }
  }
}

}  // namespace
}  // namespace litmus
