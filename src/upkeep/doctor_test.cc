// SPDX-License-Identifier: Apache-2.0
#include "upkeep/doctor.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "base/temporary_folder.h"
#include "litmus/event_log.h"
#include "project/materializer.h"
#include "record/background.h"
#include "store/data_layout.h"
#include "store/run_file.h"

namespace litmus {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DoctorTest : public ::testing::Test {
 protected:
  struct Recorded {
    Uuid session_id;
    Uuid run_id;
    std::string run_file;
  };

  // A run with an observed file beside it, sealed unless it is not to be.
  Recorded record(const std::string& serial, bool seal = true, Timestamp run_start = now()) {
    Recorded recorded{Uuid::random(), Uuid::random(), ""};
    EventLog log(data_dir(), recorded.session_id);
    SessionStarted session;
    log.emit(session);
    RunStarted run;
    run.run_id = recorded.run_id;
    run.occurred_at = run_start;
    run.dut_serial = serial;
    log.emit(run);
    const std::string blobs =
        event_ref_folder(data_dir(), now(), recorded.session_id).substr(data_dir().size() + 1);
    folder_.write(blobs + "/0a1b2c3d_capture.bin", "waveform");
    StepEnded step;
    step.run_id = recorded.run_id;
    step.step_name = step.step_path = "capture";
    step.outputs = ValueMap{{"capture", "file://_ref/0a1b2c3d_capture.bin"}};
    log.emit(step);
    RunEnded ended;
    ended.run_id = recorded.run_id;
    ended.outcome = Outcome::kPassed;
    log.emit(ended);
    log.emit(SessionEnded{});
    if (seal) {
      recorded.run_file =
          materialize_run(files_, data_dir(), recorded.session_id, recorded.run_id).path;
    }
    log.close();
    background::drain();  // compacting it later would take back what a test does to the file
    return recorded;
  }

  Diagnosis examine(bool fix = false) {
    DoctorOptions options;
    options.fix = fix;
    return examine_data_dir(files_, data_dir(), options);
  }

  void damage(const std::string& path) {
    const auto content = files_.read(path);
    std::vector<std::uint8_t> bytes(content->bytes().begin(), content->bytes().end());
    // Among the first pages or batches, which have checksums.
    for (std::size_t i = 1000; i < 1064; ++i) bytes[i] ^= 0x5a;
    files_.open_for_append(path, FileSystem::Create::kReplace)->append(bytes);
  }

  std::string event_file_of(const Recorded& recorded) {
    return find_session_files(files_, data_dir(), recorded.session_id).front();
  }

  const std::string& data_dir() const { return folder_.path(); }

  TemporaryFolder folder_;
  FileSystem& files_ = posix_file_system();
};

TEST_F(DoctorTest, NothingIsWrongWithWhatWasRecordedInPeace) {
  record("SN001");
  record("SN002");
  const Diagnosis diagnosis = examine();
  EXPECT_THAT(diagnosis.findings, IsEmpty());
  EXPECT_EQ(diagnosis.run_files, 2U);
  EXPECT_EQ(diagnosis.event_files, 2U);
}

TEST_F(DoctorTest, EmptyDataDirectoryIsHealthy) { EXPECT_THAT(examine().findings, IsEmpty()); }

TEST_F(DoctorTest, MissingRunFileIsSealedFromTheEvents) {
  const Recorded recorded = record("SN001");
  files_.remove(recorded.run_file);
  const Diagnosis found = examine();
  ASSERT_THAT(found.findings, SizeIs(1));
  EXPECT_EQ(found.findings[0].path, recorded.run_id.to_string());
  EXPECT_FALSE(found.anything_lost());
  EXPECT_EQ(found.open_problems(), 1U);

  EXPECT_EQ(examine(true).open_problems(), 0U);
  EXPECT_TRUE(files_.exists(recorded.run_file));
  EXPECT_THAT(examine().findings, IsEmpty());
}

TEST_F(DoctorTest, DamagedRunFileIsMadeAgainFromTheEvents) {
  const Recorded recorded = record("SN001");
  damage(recorded.run_file);
  EXPECT_FALSE(examine().anything_lost());

  EXPECT_EQ(examine(true).open_problems(), 0U);
  EXPECT_TRUE(files_.exists(recorded.run_file));
  EXPECT_TRUE(files_.exists(recorded.run_file + ".damaged"));
  const Diagnosis after = examine();
  ASSERT_THAT(after.findings, SizeIs(1)) << "the file that was put aside";
  EXPECT_EQ(after.findings[0].severity, Severity::kNote);
}

TEST_F(DoctorTest, DamagedRunFileWithoutEventsIsLost) {
  const Recorded recorded = record("SN001");
  files_.remove(event_file_of(recorded));
  damage(recorded.run_file);
  const Diagnosis found = examine(true);
  EXPECT_TRUE(found.anything_lost());
  ASSERT_THAT(found.findings, SizeIs(1));
  EXPECT_EQ(found.findings[0].path, recorded.run_file);
  EXPECT_TRUE(files_.exists(recorded.run_file)) << "nobody knows better: it keeps its name";
}

TEST_F(DoctorTest, LostEventsAreNamedOnceAndKnownAfterTheRepair) {
  const Recorded recorded = record("SN001");
  damage(event_file_of(recorded));
  const Diagnosis found = examine(true);
  EXPECT_TRUE(found.anything_lost());
  EXPECT_EQ(found.open_problems(), 0U);

  const Diagnosis after = examine();
  EXPECT_FALSE(after.anything_lost());
  EXPECT_EQ(after.open_problems(), 0U);
}

TEST_F(DoctorTest, MissingLargeValueIsLinkedAgain) {
  const Recorded recorded = record("SN001");
  const std::string value = join_path(run_ref_folder(recorded.run_file), "0a1b2c3d_capture.bin");
  ASSERT_TRUE(files_.exists(value));
  files_.remove(value);
  const Diagnosis found = examine();
  ASSERT_THAT(found.findings, SizeIs(1));
  EXPECT_EQ(found.findings[0].area, "references");
  EXPECT_FALSE(found.anything_lost());

  EXPECT_EQ(examine(true).open_problems(), 0U);
  EXPECT_TRUE(files_.exists(value));
}

TEST_F(DoctorTest, RunsThatBeganDaysAfterTheirSessionArePutRightAsWell) {
  const Timestamp days_later = now() + std::chrono::days(3);
  const Recorded sealed = record("SN001", true, days_later);
  const Recorded unsealed = record("SN002", false, days_later);
  const std::string value = join_path(run_ref_folder(sealed.run_file), "0a1b2c3d_capture.bin");
  files_.remove(value);
  EXPECT_FALSE(examine(true).anything_lost());
  EXPECT_TRUE(files_.exists(value));
  EXPECT_THAT(examine().findings, IsEmpty());
}

TEST_F(DoctorTest, LargeValueThatIsNowhereIsLost) {
  const Recorded recorded = record("SN001");
  const std::string name = "0a1b2c3d_capture.bin";
  files_.remove(join_path(run_ref_folder(recorded.run_file), name));
  files_.remove(join_path(event_ref_folder(data_dir(), now(), recorded.session_id), name));
  EXPECT_TRUE(examine(true).anything_lost());
}

TEST_F(DoctorTest, RunThatIsBeingRecordedIsNoFinding) {
  EventLog log(data_dir(), Uuid::random());
  RunStarted run;
  run.run_id = Uuid::random();
  log.emit(run);
  EXPECT_THAT(examine(true).findings, IsEmpty());
}

TEST_F(DoctorTest, RunThatGoesOnInALaterSegmentIsNoFinding) {
  EventLog log(data_dir(), Uuid::random());
  RunStarted run;
  run.run_id = Uuid::random();
  log.emit(run);
  log.close();  // ends the segment
  background::drain();
  EXPECT_THAT(examine(true).findings, IsEmpty());
}

TEST_F(DoctorTest, SecondFileOfARunIsNamed) {
  const Recorded recorded = record("SN001");
  files_.link_or_copy(recorded.run_file,
                      join_path(parent_folder(recorded.run_file), "0_copy.parquet"));
  const Diagnosis found = examine(true);
  ASSERT_THAT(found.findings, SizeIs(1));
  EXPECT_THAT(found.findings[0].what, HasSubstr(recorded.run_id.to_string()));
  EXPECT_EQ(found.open_problems(), 1U);
}

TEST_F(DoctorTest, ReservedSpaceOfADeadWriterIsFreed) {
  folder_.write("events/2026-03-10/gone-1.arrow.reserve", "space");
  EXPECT_EQ(examine().open_problems(), 1U);
  EXPECT_EQ(examine(true).open_problems(), 0U);
  EXPECT_THAT(examine().findings, IsEmpty());
}

TEST_F(DoctorTest, FileThatWasNeverFinishedIsRemovedOnceNobodyCanBeWritingIt) {
  const std::string path = folder_.write("runs/2026-03-10/.20260310T143022Z.0.tmp", "half");
  EXPECT_THAT(examine(true).findings, IsEmpty()) << "somebody may be writing it";
  std::filesystem::last_write_time(
      path, std::filesystem::file_time_type::clock::now() - std::chrono::hours(2));
  EXPECT_EQ(examine().open_problems(), 1U);
  EXPECT_EQ(examine(true).open_problems(), 0U);
  EXPECT_FALSE(files_.exists(path));
}

TEST_F(DoctorTest, UnreadableChannelRegistryIsAProblem) {
  folder_.write("channels/_registry.json", "{\"a\": ");
  const Diagnosis found = examine();
  ASSERT_THAT(found.findings, SizeIs(1));
  EXPECT_EQ(found.findings[0].area, "channels");
}

}  // namespace
}  // namespace litmus
