// SPDX-License-Identifier: Apache-2.0
#include "daemon/feed.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <fstream>
#include <random>

#include "base/forwarding_file_system.h"
#include "daemon/feed_fixture.h"
#include "record/background.h"
#include "store/data_layout.h"
#include "store/event_file_rewrite.h"
#include "store/run_file_reader.h"

namespace litmus {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(FeedTest, AnEventIsPassedOnAndCanBeAskedForWhenSyncReturns) {
  start_feed();
  feed_->sync();
  TestSession session(data_dir());
  session.start();
  feed_->sync();
  ASSERT_THAT(sink_->events(), SizeIs(3));
  const StreamedEvent& event = *sink_->events()[1];
  EXPECT_EQ(event.event_type, "run.started");
  EXPECT_EQ(event.seq, 1);
  EXPECT_EQ(event.session_id, session.id().to_string());
  EXPECT_EQ(event.run_id, session.run_id().to_string());
  EXPECT_THAT(event.json, HasSubstr("\"SN1\""));
  EXPECT_THAT(
      ask("SELECT event_number, seq, event_type FROM events ORDER BY event_number"),
      ElementsAre("1,0,session.started", "2,1,run.started", "3,2,fixture.instrument_connected"));
  EXPECT_EQ(feed_->state().running_runs, 1);
  EXPECT_EQ(feed_->state().local_writers, 1);
  EXPECT_EQ(feed_->state().last_event_number, 3);
}

TEST_F(FeedTest, ARunIsThereWhileItGoesOnAndOnceAfterwards) {
  start_feed();
  TestSession session(data_dir());
  session.start();
  const std::string runs = "SELECT dut_serial, outcome, num_measurements FROM runs";
  EXPECT_THAT(ask(runs), ElementsAre("SN1,null,0"));
  session.measure(3);
  EXPECT_THAT(ask(runs), ElementsAre("SN1,null,1"));
  session.end_run();
  EXPECT_THAT(ask(runs), ElementsAre("SN1,passed,1"));
  const std::string path = session.seal();
  EXPECT_THAT(ask(runs), ElementsAre("SN1,passed,1"));
  EXPECT_THAT(ask("SELECT file_path FROM runs"), ElementsAre(path));
  session.end_session();
  EXPECT_THAT(ask(runs), ElementsAre("SN1,passed,1"));
  EXPECT_EQ(feed_->state().running_runs, 0);
}

TEST_F(FeedTest, LiveRowsAreThoseOfTheFile) {
  start_feed();
  TestSession session(data_dir());
  session.start();
  feed_->sync();
  for (int i = 0; i < 5; ++i) session.measure(i);
  feed_->sync();
  ASSERT_NE(feed_->live_rows(session.run_id()), nullptr);
  EXPECT_EQ(feed_->live_rows(Uuid::random()), nullptr);
  session.end_run();
  feed_->sync();
  const auto live = feed_->live_rows(session.run_id());
  ASSERT_NE(live, nullptr);
  const auto sealed = RunFileReader(posix_file_system(), session.seal()).rows();
  EXPECT_TRUE(live->schema()->Equals(*sealed->schema(), false));
  EXPECT_TRUE(live->CombineChunks().ValueOrDie()->Equals(*sealed->CombineChunks().ValueOrDie()));
  feed_->sync();
  wait_until([&] { return feed_->live_rows(session.run_id()) == nullptr; });
}

TEST_F(FeedTest, ASessionThatIsCompressedChangesNothing) {
  start_feed();
  TestSession session(data_dir());
  session.record(3);
  const std::string count = "SELECT count(*), max(event_number) FROM events";
  const std::string before = answer(count);
  background::drain();
  EXPECT_EQ(answer(count), before);
  EXPECT_THAT(sink_->events(), SizeIs(15));
  EXPECT_EQ(feed_->state().writers, 0);
  wait_until([&] {
    return answer("SELECT count(*) FROM sessions") == "1" &&
           index_->event_files_of({&session.id(), 1}).size() == 1 &&
           index_->unfinished_event_files().empty();
  });
}

TEST_F(FeedTest, SegmentsAreOneWriter) {
  start_feed();
  TestSession session(data_dir());
  session.start();
  for (int i = 0; i < 3'500; ++i) session.measure(1);  // more than one segment
  feed_->sync();
  EXPECT_THAT(sink_->events(), SizeIs(10'503));
  EXPECT_EQ(answer("SELECT count(*), count(DISTINCT seq), count(DISTINCT writer_id) FROM events"),
            "10503,10503,1");
}

TEST_F(FeedTest, WhatWasRecordedBeforeIsCaughtUpWith) {
  TestSession first(data_dir());
  first.record(2, "SN1");
  TestSession second(data_dir());
  second.start("SN2");
  background::drain();
  start_feed();
  EXPECT_THAT(ask("SELECT dut_serial, outcome FROM runs ORDER BY 1"),
              ElementsAre("SN1,passed", "SN2,null"));
  wait_until_caught_up();
  EXPECT_EQ(answer("SELECT count(*) FROM events"), "15");
  EXPECT_EQ(feed_->state().files_to_index, 0);
}

TEST_F(FeedTest, HoweverOftenItIsStoppedNothingComesTwiceOrIsMissing) {
  std::mt19937 random(20260310);
  std::vector<std::unique_ptr<TestSession>> sessions;
  std::size_t events = 0;
  for (int turn = 0; turn < 12; ++turn) {
    if (random() % 2 == 0) start_feed();
    for (int i = 0; i < 4; ++i) {
      if (sessions.empty() || random() % 3 == 0) {
        sessions.push_back(std::make_unique<TestSession>(data_dir()));
        sessions.back()->start("SN" + std::to_string(sessions.size()));
        events += 3;
      }
      TestSession& session = *sessions[random() % sessions.size()];
      if (random() % 5 == 0) {
        session.log().close();
        if (random() % 2 == 0) background::drain();
      }
      session.measure(i);
      events += 3;
      if (feed_ && random() % 3 == 0) feed_->sync();
    }
    stop_feed();
  }
  start_feed();
  wait_until_caught_up();
  EXPECT_EQ(answer("SELECT count(*), count(DISTINCT (writer_id, seq)), count(DISTINCT "
                   "event_number) FROM events"),
            fmt::format("{0},{0},{0}", events));
  EXPECT_EQ(answer("SELECT count(*), count(DISTINCT run_id) FROM runs"),
            fmt::format("{0},{0}", sessions.size()));
}

TEST_F(FeedTest, AnUpToDateStartReadsNoFileAgain) {
  TestSession session(data_dir());
  session.record(2);
  background::drain();
  const auto yesterday = std::filesystem::file_time_type::clock::now() - std::chrono::hours(24);
  for (const char* store : {"events", "runs"}) {
    for (const auto& folder : std::filesystem::directory_iterator(data_dir() + "/" + store)) {
      std::filesystem::last_write_time(folder.path(), yesterday);
    }
  }
  start_feed();
  wait_until_caught_up();
  stop_feed();
  EXPECT_THAT(index_->folders(), SizeIs(2));
  class Counting final : public ForwardingFileSystem {
   public:
    std::atomic<int> reads = 0;
    std::atomic<int> folders = 0;
    std::unique_ptr<FileContent> read_from(const std::string& path, std::uint64_t offset) override {
      ++reads;
      return ForwardingFileSystem::read_from(path, offset);
    }
    std::unique_ptr<FileContent> read(const std::string& path) override {
      ++reads;
      return ForwardingFileSystem::read(path);
    }
  };
  Counting files;
  files_ = &files;
  start_feed();
  EXPECT_THAT(ask("SELECT dut_serial FROM runs"), ElementsAre("SN1"));
  wait_until_caught_up();
  EXPECT_EQ(files.reads, 0);
  stop_feed();
}

TEST_F(FeedTest, ASessionGoesOnAfterItsIndexedFilesWereLetGoOf) {
  TestSession session(data_dir());
  session.start();
  session.measure(1);
  session.log().close();
  background::drain();
  start_feed();
  wait_until_caught_up();
  stop_feed();
  start_feed();
  wait_until_caught_up();
  session.measure(2);  // in another segment
  EXPECT_THAT(ask("SELECT dut_serial, num_measurements FROM runs"), ElementsAre("SN1,2"));
  EXPECT_EQ(answer("SELECT count(*), count(DISTINCT seq), count(DISTINCT writer_id) FROM events"),
            "9,9,1");
}

TEST_F(FeedTest, ForeignRunFilesComeAndGo) {
  TestSession session(folder_ / "elsewhere");
  const std::string file = session.record(2, "SN9");
  start_feed();
  EXPECT_THAT(ask("SELECT dut_serial FROM runs"), IsEmpty());
  const std::string place = data_dir() + "/runs/2026-03-10/20260310T143022Z_SN9.parquet";
  std::filesystem::create_directories(parent_folder(place));
  std::filesystem::copy_file(file, place);
  EXPECT_THAT(ask("SELECT dut_serial, file_path FROM runs"), ElementsAre("SN9," + place));
  std::filesystem::remove(place);
  EXPECT_THAT(ask("SELECT dut_serial FROM runs"), IsEmpty());
  std::filesystem::copy_file(file, place);
  EXPECT_THAT(ask("SELECT dut_serial FROM runs"), ElementsAre("SN9"));
  std::filesystem::remove_all(parent_folder(place));
  EXPECT_THAT(ask("SELECT dut_serial FROM runs"), IsEmpty());
}

TEST_F(FeedTest, FilesThatWentAwayMeanwhileLeaveTheIndex) {
  TestSession session(data_dir());
  const std::string path = session.record(2);
  start_feed();
  wait_until_caught_up();
  stop_feed();
  std::filesystem::remove(path);
  for (const std::string& file : find_event_files(posix_file_system(), data_dir())) {
    std::filesystem::remove(file);
  }
  start_feed();
  wait_until_caught_up();
  EXPECT_THAT(ask("SELECT run_id FROM runs"), IsEmpty());
  EXPECT_EQ(answer("SELECT count(*) FROM events"), "0");
}

TEST_F(FeedTest, ABrokenRunFileIsNamedOnceAndTheOthersAreThere) {
  TestSession session(data_dir());
  const std::string good = session.record(1);
  const std::string broken = parent_folder(good) + "/20260310T143022Z_SN7.parquet";
  std::ofstream(broken) << "junk";
  const auto old = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  std::filesystem::last_write_time(broken, old);
  start_feed();
  wait_until_caught_up();
  EXPECT_THAT(ask("SELECT dut_serial FROM runs"), ElementsAre("SN1"));
  EXPECT_EQ(feed_->state().broken_files, 1);
  EXPECT_THAT(log(), ElementsAre(HasSubstr(file_name(broken))));
  stop_feed();
  start_feed();
  wait_until_caught_up();
  EXPECT_THAT(log(), SizeIs(1)) << "it has not changed";
  std::filesystem::remove(broken);
  feed_->sync();
  EXPECT_EQ(feed_->state().broken_files, 0);
}

TEST_F(FeedTest, ADamagedEventIsNamedOnceAndTheOthersAreThere) {
  TestSession session(data_dir());
  session.start();
  session.measure(1);
  const std::string path = find_event_files(posix_file_system(), data_dir()).front();
  std::string bytes;
  {
    const auto content = posix_file_system().read(path);
    bytes.assign(content->bytes().begin(), content->bytes().end());
  }
  const std::size_t place = bytes.find("\"voltage\"") + 1;
  const auto write = [&](char letter) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(place));
    file.put(letter);
  };
  write('X');
  start_feed();
  wait_until_caught_up();
  EXPECT_EQ(answer("SELECT count(*) FROM events"), "5");
  session.measure(2);
  EXPECT_EQ(answer("SELECT count(*) FROM events"), "8");
  EXPECT_THAT(log(), ElementsAre(HasSubstr("checksum")));
  EXPECT_EQ(feed_->state().broken_files, 1);

  // Until somebody repairs it.
  stop_feed();
  write('v');
  start_feed();
  wait_until_caught_up();
  EXPECT_EQ(feed_->state().broken_files, 0);
  stop_feed();
  start_feed();
  EXPECT_EQ(feed_->state().broken_files, 0);
}

TEST_F(FeedTest, AHalfWrittenRecordWaitsForItsRest) {
  start_feed();
  TestSession session(data_dir());
  session.start();
  feed_->sync();
  const std::string path = find_event_files(posix_file_system(), data_dir()).front();
  const auto before = std::filesystem::file_size(path);
  session.measure(1);
  std::string rest;
  {
    const auto content = posix_file_system().read_from(path, before);
    rest.assign(content->bytes().begin(), content->bytes().end());
  }
  // The same once more, written in pieces: as it looks while the kernel copies a record.
  stop_feed();
  std::filesystem::resize_file(path, before);
  index_ = std::make_unique<Index>(Index::Options{});
  start_feed();
  wait_until_caught_up();
  EXPECT_THAT(sink_->events(), SizeIs(3));
  for (std::size_t at = 0; at < rest.size(); at += 700) {
    std::ofstream(path, std::ios::app | std::ios::binary) << rest.substr(at, 700);
    feed_->sync();
  }
  EXPECT_THAT(sink_->events(), SizeIs(6));
  EXPECT_THAT(log(), IsEmpty());
}

TEST_F(FeedTest, TwentyWritersAtOnceAreAllHeard) {
  start_feed();
  constexpr int kWriters = 20;
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([this, i] {
      TestSession session(data_dir());
      session.record(10, "SN" + std::to_string(i));
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(answer("SELECT count(*), count(DISTINCT run_id), sum(num_measurements) FROM runs"),
            "20,20,200");
  EXPECT_THAT(sink_->events(), SizeIs(kWriters * 36));
  EXPECT_EQ(answer("SELECT count(*) FROM events"), "720");
  wait_until([this] { return feed_->state().writers == 0; });
}

TEST_F(FeedTest, TheDataDirectoryMayComeLater) {
  std::filesystem::remove_all(data_dir());
  start_feed();
  feed_->sync();
  TestSession session(data_dir());
  session.record(1);
  EXPECT_THAT(ask("SELECT dut_serial FROM runs"), ElementsAre("SN1"));
  EXPECT_EQ(answer("SELECT count(*) FROM events"), "9");
}

}  // namespace
}  // namespace litmus
