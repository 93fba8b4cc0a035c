// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "daemon/feed_fixture.h"
#include "daemon/recovery.h"
#include "litmus/error.h"
#include "record/background.h"
#include "store/data_layout.h"
#include "store/event_file_writer.h"
#include "store/run_file_reader.h"

namespace litmus {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// A process that writes into the data directory and dies when it is told to.
class Writer {
 public:
  template <class Work>
  explicit Writer(const Work& work) {
    int to_parent[2]{};
    if (pipe(to_parent) != 0) return;
    pid_ = fork();
    if (pid_ == 0) {
      work();
      [[maybe_unused]] const auto written = write(to_parent[1], "x", 1);
      while (true) pause();
    }
    char done = 0;
    [[maybe_unused]] const auto got = read(to_parent[0], &done, 1);
    close(to_parent[0]);
    close(to_parent[1]);
  }
  ~Writer() { die(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void die() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
};

class FeedRecoveryTest : public FeedTest {
 protected:
  std::vector<std::string> names(const std::string& store) const {
    std::vector<std::string> found;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(data_dir() + "/" + store)) {
      if (entry.is_regular_file()) found.push_back(entry.path().filename().string());
    }
    return found;
  }
  bool is_sealed() {
    return ask("SELECT run_id FROM runs WHERE file_path IS NOT NULL").size() == 1;
  }
  void wait_until_settled() {
    wait_until([this] {
      feed_->sync();
      return index_->unfinished_event_files().empty();
    });
  }
};

TEST_F(FeedRecoveryTest, ARunWhoseProcessIsKilledIsSealedAsAbortedAtOnce) {
  Writer writer([this] {
    auto* session = new TestSession(data_dir());  // nobody ends it
    session->start();
    session->measure(2);
  });
  start_feed();
  EXPECT_THAT(ask("SELECT outcome, file_path IS NULL FROM runs"), ElementsAre("null,true"));
  const auto last = sink_->events().back()->occurred_at;
  writer.die();
  wait_until([this] { return is_sealed(); });
  EXPECT_THAT(ask("SELECT outcome, num_measurements FROM runs"), ElementsAre("aborted,1"));
  ASSERT_THAT(sink_->events("run.ended"), SizeIs(1));
  const StreamedEvent& ended = *sink_->events("run.ended")[0];
  EXPECT_EQ(ended.occurred_at, last) << "not the time at which it was found";
  EXPECT_THAT(ended.json, HasSubstr("\"synthetic\":true"));
  EXPECT_THAT(ended.json, HasSubstr("swept_at"));
  EXPECT_THAT(ended.json, HasSubstr("is gone and did not end the run"));
  wait_until([this] { return sink_->events("session.ended").size() == 1; });
  EXPECT_THAT(sink_->events("run.materialized"), SizeIs(1));
  wait_until_settled();
  background::drain();
  EXPECT_THAT(names("events"), Each(EndsWith(".arrow"))) << "no reserve is left";
  EXPECT_EQ(feed_->state().running_runs, 0);
  EXPECT_EQ(feed_->state().writers, 0);
}

TEST_F(FeedRecoveryTest, ASessionThatHasBeenIdleForDaysIsLeftAloneWhileItsProcessLives) {
  const Timestamp days_ago = now() - std::chrono::days(3);
  const ProcessIdentity process = this_process();
  EventLog log(data_dir(), Uuid::random());
  SessionStarted session;
  session.occurred_at = days_ago;
  session.host = process.host;
  session.pid = process.pid;
  // The host's clock has been set since: the process seems to have started at another time.
  session.process_started_at = *process.started_at - std::chrono::minutes(5);
  log.emit(session);
  RunStarted run;
  run.run_id = Uuid::random();
  run.occurred_at = days_ago;
  run.host = process.host;
  run.pid = process.pid;
  run.process_started_at = session.process_started_at;
  log.emit(run);
  for (int start = 0; start < 2; ++start) {  // a daemon that starts again looks at everything anew
    start_feed();
    wait_until_caught_up();
    EXPECT_THAT(ask("SELECT outcome, file_path IS NULL FROM runs"), ElementsAre("null,true"));
    EXPECT_THAT(sink_->events("session.ended"), IsEmpty());
    EXPECT_THAT(sink_->events("run.ended"), IsEmpty());
    stop_feed();
  }
  EXPECT_THAT(names("events"), SizeIs(2)) << "its event file and the reserve; nobody added any";
}

TEST_F(FeedRecoveryTest, ARunThatItsProcessEndedMeanwhileIsNotEndedAgain) {
  TestSession session(data_dir());
  session.start();
  session.measure(2);
  session.end_run();
  const std::string path = session.seal();
  session.end_session();
  background::drain();
  const auto before = names("events");
  const auto content = posix_file_system().read(path)->bytes().size();
  SessionToRecover work;
  work.session_id = session.id();
  work.runs.push_back({session.run_id(), std::nullopt, now(), "process 1 on here is gone", false});
  std::vector<std::string> told;
  recover(posix_file_system(), data_dir(), work,
          [&](const std::string& line) { told.push_back(line); });
  EXPECT_THAT(told, IsEmpty());
  EXPECT_EQ(names("events"), before) << "nothing was to be said";
  EXPECT_THAT(names("runs"), SizeIs(1));
  EXPECT_EQ(posix_file_system().read(path)->bytes().size(), content);
}

TEST_F(FeedRecoveryTest, ASessionThatItsProcessEndedMeanwhileIsNotEndedAgain) {
  TestSession session(data_dir());
  session.start();
  session.end_run();
  session.seal();
  SessionToRecover work;  // as it is posted when the last events have not been read yet
  work.session_id = session.id();
  work.end_session = true;
  session.end_session();
  background::drain();
  const auto before = names("events");
  const auto fail = [](const std::string& line) { ADD_FAILURE() << line; };
  recover(posix_file_system(), data_dir(), work, fail);
  EXPECT_EQ(names("events"), before);
}

TEST_F(FeedRecoveryTest, ASessionIsEndedOnceHoweverOftenItIsRecovered) {
  TestSession session(data_dir());
  session.start();
  session.log().close();
  SessionToRecover work;
  work.session_id = session.id();
  work.end_session = true;
  const auto fail = [](const std::string& line) { ADD_FAILURE() << line; };
  for (int i = 0; i < 3; ++i) recover(posix_file_system(), data_dir(), work, fail);
  start_feed();
  wait_until_caught_up();
  EXPECT_EQ(answer("SELECT count(*) FROM events WHERE event_type = 'session.ended'"), "1");
}

TEST_F(FeedRecoveryTest, OrphansFromBeforeTheStartAreSealed) {
  {
    Writer writer([this] {
      auto* session = new TestSession(data_dir());
      session->start();
      session->measure(2);
    });
  }
  start_feed();
  wait_until([this] { return is_sealed(); });
  EXPECT_THAT(ask("SELECT outcome FROM runs"), ElementsAre("aborted"));
  wait_until_settled();
  stop_feed();
  start_feed();
  wait_until_caught_up();
  EXPECT_EQ(answer("SELECT count(*) FROM events WHERE event_type = 'run.ended'"), "1");
  EXPECT_EQ(answer("SELECT count(*), count(DISTINCT run_id) FROM runs"), "1,1");
}

TEST_F(FeedRecoveryTest, ARunThatHadEndedKeepsItsOutcome) {
  {
    Writer writer([this] {
      auto* session = new TestSession(data_dir());
      session->start();
      session->measure(2);
      session->end_run(Outcome::kFailed);
    });
  }
  start_feed();
  wait_until([this] { return is_sealed(); });
  EXPECT_THAT(ask("SELECT outcome FROM runs"), ElementsAre("failed"));
  EXPECT_EQ(answer("SELECT count(*) FROM events WHERE event_type = 'run.ended'"), "1");
}

TEST_F(FeedRecoveryTest, ARunOfALivingProcessIsLeftToIt) {
  Writer writer([this] {
    auto* session = new TestSession(data_dir());
    session->start();
    session->end_run();
  });
  start_feed();
  wait_until_caught_up();
  EXPECT_THAT(ask("SELECT outcome, file_path IS NULL FROM runs"), ElementsAre("passed,true"));
  EXPECT_THAT(names("events"), SizeIs(2));
  EXPECT_EQ(feed_->state().local_writers, 1);
}

TEST_F(FeedRecoveryTest, ATornEndIsCutOffAndTold) {
  {
    Writer writer([this] {
      auto* session = new TestSession(data_dir());
      session->start();
      session->measure(2);
    });
  }
  const std::string path = find_event_files(posix_file_system(), data_dir()).front();
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 100);
  start_feed();
  wait_until([this] { return is_sealed(); });
  EXPECT_THAT(log(), testing::Contains(HasSubstr("repaired, 5 events kept")));
  EXPECT_EQ(answer("SELECT count(DISTINCT seq) FROM events WHERE event_type NOT IN "
                   "('run.ended', 'run.materialized', 'session.ended')"),
            "5");
  wait_until_settled();
}

TEST_F(FeedRecoveryTest, WithoutTheRightToSealNothingIsTouched) {
  {
    Writer writer([this] {
      auto* session = new TestSession(data_dir());
      session->start();
      session->end_run();
    });
  }
  const auto before = names("");
  start_feed(false);
  wait_until_caught_up();
  EXPECT_THAT(ask("SELECT outcome, file_path IS NULL FROM runs"), ElementsAre("passed,true"));
  stop_feed();
  EXPECT_EQ(names(""), before);
}

TEST_F(FeedRecoveryTest, WhatAnotherHostWroteIsLeftAlone) {
  const Uuid session = Uuid::random();
  const std::string folder = events_folder(data_dir(), now());
  std::filesystem::create_directories(folder);
  {
    EventFileHeader header;
    header.writer_id = Uuid::random();
    header.session_id = session;
    header.pid = 1;
    header.host = "another-host.example";
    EventFileWriter file(posix_file_system(), join_path(folder, event_file_name(session, 1, 0)),
                         header);
    const std::string run = Uuid::random().to_string();
    const std::string id = Uuid::random().to_string();
    const std::string session_text = session.to_string();
    const std::string at = to_iso8601(now());
    const std::string json = fmt::format(
        R"({{"id":"{}","event_type":"run.started","occurred_at":"{}","received_at":"{}",)"
        R"("session_id":"{}","run_id":"{}","host":"another-host.example","pid":1,)"
        R"("client":"test","dut_serial":"SN5"}})",
        id, at, at, session_text, run);
    EventRow row;
    row.occurred_at = row.received_at = now();
    row.id = id;
    row.event_type = "run.started";
    row.session_id = session_text;
    row.run_id = run;
    row.json = json;
    file.append(row);
  }
  const auto before = names("");
  start_feed();
  wait_until_caught_up();
  EXPECT_THAT(ask("SELECT dut_serial, file_path IS NULL FROM runs"), ElementsAre("SN5,true"));
  EXPECT_EQ(feed_->state().local_writers, 0);
  stop_feed();
  EXPECT_EQ(names(""), before);
}

TEST_F(FeedRecoveryTest, TheRealEndOfARunWinsOverTheOneWrittenForIt) {
  TestSession session(data_dir());
  session.start();
  session.measure(2);
  RunEnded synthetic;
  synthetic.run_id = session.run_id();
  synthetic.outcome = Outcome::kAborted;
  synthetic.synthetic = true;
  session.log().emit(synthetic);
  session.seal();
  start_feed();
  EXPECT_THAT(ask("SELECT outcome FROM runs"), ElementsAre("aborted"));
  wait_until_caught_up();
  session.end_run(Outcome::kPassed);
  wait_until(
      [this] { return ask("SELECT outcome FROM runs") == std::vector<std::string>{"passed"}; });
  EXPECT_THAT(log(), testing::Contains(HasSubstr("sealed again")));
}

TEST_F(FeedRecoveryTest, StaleTemporaryFilesGoAndYoungOnesStay) {
  const std::string folder = data_dir() + "/runs/2026-03-10";
  std::filesystem::create_directories(folder);
  for (const char* name : {"old", "young"}) {
    std::ofstream(folder + "/." + name + ".tmp") << "part of a file";
  }
  std::filesystem::last_write_time(
      folder + "/.old.tmp", std::filesystem::file_time_type::clock::now() - std::chrono::hours(2));
  start_feed();
  wait_until_caught_up();
  EXPECT_THAT(names("runs"), ElementsAre(".young.tmp"));
}

TEST_F(FeedRecoveryTest, ADeadWorkerUnderALivingOrchestratorIsFound) {
  TestSession orchestrator(data_dir());
  orchestrator.start();
  start_feed();
  feed_->sync();
  Writer worker([this, &orchestrator] {
    auto* log = new EventLog(data_dir(), orchestrator.id());
    const ProcessIdentity process = this_process();
    RunStarted run;
    run.run_id = Uuid::random();
    run.host = process.host;
    run.pid = process.pid;
    run.process_started_at = process.started_at;
    run.dut_serial = "SN2";
    log->emit(run);
  });
  wait_until([this] { return ask("SELECT run_id FROM runs").size() == 2; });
  worker.die();
  wait_until([this] { return is_sealed(); });
  EXPECT_THAT(ask("SELECT dut_serial, outcome FROM runs ORDER BY 1"),
              ElementsAre("SN1,null", "SN2,aborted"));
  EXPECT_THAT(sink_->events("session.ended"), IsEmpty());
}

}  // namespace
}  // namespace litmus
