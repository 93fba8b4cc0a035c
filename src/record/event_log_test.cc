// SPDX-License-Identifier: Apache-2.0
#include "litmus/event_log.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <set>
#include <thread>

#include "base/faulty_file_system.h"
#include "base/temporary_folder.h"
#include "litmus/error.h"
#include "model/event_json.h"
#include "record/background.h"
#include "store/data_layout.h"
#include "store/event_file_reader.h"

namespace litmus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::SizeIs;

struct Stored {
  std::vector<Event> events;
  std::map<std::string, std::vector<std::int64_t>> seqs_by_writer;
  std::vector<EventDamage> damages;
  std::size_t files = 0;
  bool all_closed = true;
  bool all_sealed = true;
};

class EventLogTest : public ::testing::Test {
 protected:
  ~EventLogTest() override { background::drain(); }  // it may still use files_ and the folder

  Stored stored(const Uuid& session) const {
    Stored result;
    for (const std::string& path : find_session_files(posix_file_system(), data_dir_, session)) {
      const auto content = posix_file_system().read(path);
      std::vector<std::int64_t> seqs;
      const auto report = scan_event_file(content->bytes(), [&](const EventRow& row) {
        result.events.push_back(parse_event(row.json));
        seqs.push_back(row.seq);
      });
      auto& all = result.seqs_by_writer[report.header->writer_id.to_string()];
      all.insert(all.end(), seqs.begin(), seqs.end());
      result.damages.insert(result.damages.end(), report.damages.begin(), report.damages.end());
      result.all_closed = result.all_closed && report.closed;
      result.all_sealed = result.all_sealed && report.header->sealed.has_value();
      ++result.files;
    }
    return result;
  }

  static MeasurementRecorded measurement(const Uuid& run, int i) {
    MeasurementRecorded event;
    event.run_id = run;
    event.step_name = "step";
    event.measurement_name = "m" + std::to_string(i);
    event.value = i;
    return event;
  }

  TemporaryFolder folder_;
  FaultyFileSystem files_;
  const std::string& data_dir_ = folder_.path();
  Uuid session_ = Uuid::random();
  Uuid run_ = Uuid::random();
};

TEST_F(EventLogTest, AnEmittedEventIsInTheFileBeforeEmitReturns) {
  EventLog log(data_dir_, session_);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(log.emit(measurement(run_, i)));
    EXPECT_THAT(stored(session_).events, SizeIs(static_cast<std::size_t>(i + 1)));
  }
}

TEST_F(EventLogTest, EmitFillsWhatTheEventLeavesOpen) {
  EventLog log(data_dir_, session_);
  const Timestamp before = now();
  log.emit(SessionStarted{});
  const Stored all = stored(session_);
  const auto& event = std::get<SessionStarted>(all.events.at(0));
  EXPECT_EQ(event.session_id, session_);
  EXPECT_FALSE(event.id.is_nil());
  EXPECT_GE(event.occurred_at, before);
  EXPECT_GE(event.received_at, event.occurred_at);
}

TEST_F(EventLogTest, AppendGivesTheEventAsStoredAndItsPosition) {
  EventLog log(data_dir_, session_);
  EXPECT_EQ(log.path(), "");
  Event event = measurement(Uuid::random(), 0);
  ASSERT_TRUE(log.append(event));
  const auto position = log.append(event);
  ASSERT_TRUE(position);
  EXPECT_EQ(position->seq, 1);

  const Stored all = stored(session_);
  EXPECT_THAT(all.seqs_by_writer, ElementsAre(Key(position->writer_id.to_string())));
  std::string json;
  append_json(json, event);
  std::string stored_json;
  append_json(stored_json, all.events.at(1));
  EXPECT_EQ(json, stored_json);
  EXPECT_THAT(find_session_files(posix_file_system(), data_dir_, session_),
              ElementsAre(log.path()));
}

TEST_F(EventLogTest, ManyThreadsShareOneUnbrokenNumbering) {
  constexpr int kThreads = 4;
  constexpr int kEach = 6000;
  {
    EventLog log(data_dir_, session_);
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kEach; ++i) log.emit(measurement(run_, i));
      });
    }
    for (auto& thread : threads) thread.join();
  }
  background::drain();
  const Stored all = stored(session_);
  ASSERT_THAT(all.seqs_by_writer, SizeIs(1));
  const auto& seqs = all.seqs_by_writer.begin()->second;
  ASSERT_EQ(seqs.size(), static_cast<std::size_t>(kThreads * kEach));
  for (std::size_t i = 0; i < seqs.size(); ++i) ASSERT_EQ(seqs[i], static_cast<std::int64_t>(i));
  EXPECT_EQ(all.files, 3U) << "a segment holds 10,000 events";
  EXPECT_TRUE(all.all_closed);
  EXPECT_TRUE(all.all_sealed);
  EXPECT_THAT(all.damages, IsEmpty());
}

TEST_F(EventLogTest, AfterForkTheChildHasAWriterAndAFileOfItsOwn) {
  EventLog log(data_dir_, session_);
  log.emit(measurement(run_, 0));
  const pid_t child = fork();
  if (child == 0) {
    bool good = true;
    for (int i = 0; i < 3; ++i) good = log.emit(measurement(run_, 100 + i)) && good;
    log.flush();
    _exit(good ? 0 : 1);
  }
  log.emit(measurement(run_, 1));
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  log.emit(measurement(run_, 2));
  const Stored all = stored(session_);
  EXPECT_THAT(all.events, SizeIs(6));
  EXPECT_THAT(all.seqs_by_writer, SizeIs(2));
  EXPECT_EQ(all.files, 2U);
  EXPECT_THAT(all.damages, IsEmpty());
}

TEST_F(EventLogTest, ForkWhileOtherThreadsEmitNeverBlocksTheChild) {
  EventLog log(data_dir_, session_);
  std::atomic<bool> stop{false};
  std::thread busy([&] {
    for (int i = 0; !stop; ++i) log.emit(measurement(run_, i));
  });
  for (int round = 0; round < 20; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      _exit(log.emit(measurement(run_, round)) ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
  }
  stop = true;
  busy.join();
  EXPECT_THAT(stored(session_).damages, IsEmpty());
}

TEST_F(EventLogTest, AFullDiskNeverThrowsIsReportedOnceAndTheEndIsStillWritten) {
  std::vector<std::string> problems;
  EventLogOptions options;
  options.files = &files_;
  options.on_problem = [&](const std::string& problem) { problems.push_back(problem); };
  EventLog log(data_dir_, session_, options);
  files_.set_free_space(80'000);
  int written = 0;
  for (int i = 0; i < 40; ++i) written += log.emit(measurement(run_, i)) ? 1 : 0;
  EXPECT_GT(written, 0);
  EXPECT_LT(written, 40);
  EXPECT_EQ(log.events_lost(), 40 - written);
  EXPECT_THAT(problems, SizeIs(1));
  EXPECT_THAT(problems[0], HasSubstr("No space left"));

  RunEnded ended;
  ended.run_id = run_;
  EXPECT_TRUE(log.emit(ended)) << "the reserve is for this";
  EXPECT_TRUE(log.emit(SessionEnded{}));
  const Stored all = stored(session_);
  EXPECT_THAT(all.events, SizeIs(static_cast<std::size_t>(written + 2)));
  EXPECT_EQ(std::get<RunEnded>(all.events[static_cast<std::size_t>(written)]).events_lost,
            40 - written);
  EXPECT_THAT(all.damages, IsEmpty()) << "lost events take no number";
}

TEST_F(EventLogTest, AnUnwritableDataDirectoryDoesNotStopTheTest) {
  std::vector<std::string> problems;
  EventLogOptions options;
  options.on_problem = [&](const std::string& problem) { problems.push_back(problem); };
  EventLog log("/proc/no-such-place", session_, options);
  EXPECT_FALSE(log.emit(measurement(run_, 0)));
  EXPECT_FALSE(log.emit(measurement(run_, 1)));
  log.close();
  EXPECT_EQ(log.events_lost(), 2);
  ASSERT_THAT(problems, SizeIs(2));
  EXPECT_THAT(problems[0], HasSubstr("/proc/no-such-place"));
  EXPECT_THAT(problems[1], HasSubstr("2 events"));
}

TEST_F(EventLogTest, RunStartRunEndAndSessionEndAreSyncedAtOnce) {
  std::vector<std::string> problems;
  EventLogOptions options;
  options.files = &files_;
  options.on_problem = [&](const std::string& problem) { problems.push_back(problem); };
  EventLog log(data_dir_, session_, options);
  files_.fail_at(FaultyFileSystem::Operation::kSync, 0, /*forever=*/true);
  RunStarted started;
  started.run_id = run_;
  RunEnded ended;
  ended.run_id = run_;
  log.emit(started);
  EXPECT_THAT(problems, SizeIs(1));
  log.emit(ended);
  EXPECT_THAT(problems, SizeIs(2));
  log.emit(SessionEnded{});
  EXPECT_THAT(problems, SizeIs(3));
}

TEST_F(EventLogTest, NobodyIsToldOfAProblemOnceTheLogIsGone) {
  int told = 0;
  {
    EventLogOptions options;
    options.files = &files_;
    options.on_problem = [&](const std::string&) { ++told; };
    EventLog log(data_dir_, session_, options);
    log.emit(measurement(run_, 0));
    files_.fail_at(FaultyFileSystem::Operation::kSync, 0, /*forever=*/true);
  }
  const int before = told;
  background::drain();
  EXPECT_EQ(told, before);
}

TEST_F(EventLogTest, FlushReachesTheSegmentsBeforeTheCurrentOne) {
  EventLogOptions options;
  options.files = &files_;
  EventLog log(data_dir_, session_, options);
  files_.fail_at(FaultyFileSystem::Operation::kSync, 0, /*forever=*/true);
  for (int i = 0; i < 10'001; ++i) log.emit(measurement(run_, i));
  background::drain();
  files_.heal();
  const std::int64_t before = files_.syncs();
  for (int i = 0; i < 9'999; ++i) log.emit(measurement(run_, i));
  log.emit(measurement(run_, 0));  // the first of the third segment
  log.flush();
  EXPECT_GE(files_.syncs() - before, 2) << "the second and the third segment";
}

TEST_F(EventLogTest, AnEventOfAnotherSessionIsRefused) {
  EventLog log(data_dir_, session_);
  SessionStarted other;
  other.session_id = Uuid::random();
  EXPECT_THROW(log.emit(other), Error);
  SessionStarted with_run;
  with_run.run_id = run_;
  EXPECT_THROW(log.emit(with_run), Error);
  EXPECT_EQ(log.events_lost(), 0);
}

TEST_F(EventLogTest, ClosingLeavesNoReserveAndNoTemporaryFile) {
  {
    EventLog log(data_dir_, session_);
    log.emit(SessionStarted{});
  }
  background::drain();
  std::set<std::string> extensions;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data_dir_)) {
    if (entry.is_regular_file()) extensions.insert(entry.path().extension());
  }
  EXPECT_EQ(extensions, std::set<std::string>{".arrow"});
}

}  // namespace
}  // namespace litmus
