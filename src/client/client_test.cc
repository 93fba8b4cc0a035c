// SPDX-License-Identifier: Apache-2.0
#include "litmus/client.h"

#include <arrow/array/array_binary.h>
#include <arrow/array/array_primitive.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <stdexcept>

#include "base/faulty_file_system.h"
#include "base/temporary_folder.h"
#include "client/run_recorder.h"
#include "litmus/error.h"
#include "record/background.h"
#include "results/sealed_runs.h"

namespace litmus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ClientTest : public ::testing::Test {
 protected:
  ~ClientTest() override { background::drain(); }

  Client client() {
    ClientOptions options;
    options.data_dir = folder_.path();
    options.on_problem = [this](const std::string& problem) { problems_.push_back(problem); };
    return Client(options);
  }

  std::vector<std::filesystem::path> event_files() const {
    std::vector<std::filesystem::path> found;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(folder_.path() + "/events")) {
      if (entry.path().extension() == ".arrow") found.push_back(entry.path());
    }
    std::ranges::sort(found);
    return found;
  }

  // The rows of one kind as text, cells of the named columns joined by spaces.
  std::vector<std::string> rows(const RunSummary& run, const std::string& kind,
                                const std::vector<std::string>& columns) {
    SealedRuns results(folder_.path());
    const auto table = results.run_rows(run);
    std::vector<std::string> texts;
    for (std::int64_t row = 0; row < table->num_rows(); ++row) {
      const auto cell = [&](const std::string& column) {
        const auto data = table->GetColumnByName(column);
        return data == nullptr ? "no-column" : data->GetScalar(row).ValueOrDie()->ToString();
      };
      if (cell("record_type") != kind) continue;
      std::string text;
      for (const std::string& column : columns) text += (text.empty() ? "" : " ") + cell(column);
      texts.push_back(text);
    }
    return texts;
  }

  TemporaryFolder folder_;
  std::vector<std::string> problems_;
};

TEST_F(ClientTest, AFinishedRunIsSealedJudgedAndReadableAtOnce) {
  Client recording = client();
  auto run = recording.start_run({.dut_serial = " SN001 ", .station_id = "bench_1"});
  {
    Step step = run.step("rail_3v3");
    EXPECT_EQ(step.measure("voltage", 3.31, {.units = "V", .low = 3.1, .high = 3.5}).outcome,
              Outcome::kPassed);
    EXPECT_EQ(step.measure("ripple", 0.2, {.units = "V", .high = 0.1}).outcome, Outcome::kFailed);
  }
  const RunSummary finished = run.finish();
  EXPECT_EQ(finished.outcome, "failed");
  ASSERT_TRUE(finished.file_path);
  const auto found = client().get_run(finished.run_id.substr(0, 8));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->dut_serial, "SN001");
  EXPECT_EQ(found->outcome, "failed");
  EXPECT_EQ(found->total_measurements, 2);
  EXPECT_EQ(found->total_steps, 1);
  EXPECT_THAT(rows(finished, "measurement", {"measurement_name", "measurement_outcome"}),
              ElementsAre("voltage passed", "ripple failed"));
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(ClientTest, VectorsBecomeStepRowsWithTheirParametersAndTheirOwnOutcome) {
  Client recording = client();
  auto run = recording.start_run({.dut_serial = "SN001"});
  {
    Step step = run.step("load");
    for (const double current : {0.5, 1.0, 2.0}) {
      Vector vector = step.vector({{"current", current}});
      vector.measure("drop", current * 0.1, {.units = "V", .high = 0.15});
    }
  }
  const RunSummary finished = run.finish();
  EXPECT_THAT(rows(finished, "step", {"step_path", "vector_index", "step_outcome", "in_current"}),
              ElementsAre("load 0 passed 0.5", "load 1 passed 1", "load 2 failed 2"));
  EXPECT_EQ(finished.outcome, "failed");
}

TEST_F(ClientTest, ANameUsedAgainIsTheNextVectorAndInsideAStepAChild) {
  Client recording = client();
  auto run = recording.start_run({});
  for (int i = 0; i < 2; ++i) {
    Step outer = run.step("outer");
    Step inner = run.step("in/ner");
    inner.measure("m", 1.0);
  }
  const RunSummary finished = run.finish();
  EXPECT_THAT(rows(finished, "step", {"step_path", "vector_index", "parent_path", "step_name"}),
              ElementsAre("outer 0  outer", "outer/in_ner 0 outer in/ner", "outer 1  outer",
                          "outer/in_ner 1 outer in/ner"));
}

TEST_F(ClientTest, StepsThatArePlannedButNeverBeginHaveARowWithoutOutcome) {
  Client recording = client();
  auto run = recording.start_run({});
  run.plan({{.names = {"suite", "first"}},
            {.names = {"suite", "a/b"}, .parameters = {{"load", 1}}},
            {.names = {"suite", "a/b"}, .parameters = {{"load", 2}}}});
  {
    Step suite = run.step("suite");
    Step first = run.step("first");
    first.pass();
  }
  EXPECT_THAT(rows(run.finish(), "step",
                   {"step_path", "vector_index", "step_vector_count", "step_outcome"}),
              ElementsAre("suite 0 1 passed", "suite/first 0 1 passed", "suite/a_b 0 2 null",
                          "suite/a_b 1 2 null"));
}

TEST_F(ClientTest, AContainerIsAsBadAsItsWorstChild) {
  Client recording = client();
  auto run = recording.start_run({});
  {
    Step outer = run.step("outer");
    Step inner = run.step("inner");
    inner.measure("m", 2.0, {.high = 1.0});
  }
  EXPECT_THAT(rows(run.finish(), "step", {"step_path", "step_outcome"}),
              ElementsAre("outer failed", "outer/inner failed"));
}

TEST_F(ClientTest, OutcomesOfEmptySkippedAndFailedSteps) {
  Client recording = client();
  auto run = recording.start_run({});
  {
    Step step = run.step("empty");
  }
  {
    Step step = run.step("skipped");
    step.skip("no fixture");
  }
  {
    Step step = run.step("failed after vectors");
    {
      Vector vector = step.vector({{"a", 1}});
    }
    step.fail("late");
    step.fail("again");
    step.skip();
  }
  const RunSummary finished = run.finish();
  EXPECT_THAT(rows(finished, "step", {"step_path", "step_outcome", "error_message"}),
              ElementsAre("empty done null", "skipped skipped no fixture",
                          "failed after vectors failed late\nagain"));
  EXPECT_EQ(finished.outcome, "failed");
}

TEST_F(ClientTest, WhatAnotherFrameworkJudgedIsTheStepsOutcomeUnlessItIsWorse) {
  Client recording = client();
  auto run = recording.start_run({});
  {
    Step step = run.step("held");
    step.pass();
  }
  {
    Step step = run.step("held and measured");
    step.measure("m", 2.0, {.high = 1.0});
    step.pass();
  }
  {
    Step step = run.step("blew up");
    step.fail("first");
    step.error("bad_alloc");
    step.pass();
  }
  EXPECT_THAT(rows(run.finish(), "step", {"step_path", "step_outcome", "error_message"}),
              ElementsAre("held passed null", "held and measured failed null",
                          "blew up errored first\nbad_alloc"));
}

TEST_F(ClientTest, AnExceptionErrorsTheStepAndTheRunGoesOn) {
  Client recording = client();
  auto run = recording.start_run({});
  try {
    Step step = run.step("broken");
    step.measure("before", 1.0);
    throw std::runtime_error("cable off");
  } catch (const std::runtime_error&) {
    Step step = run.step("after");
  }
  const RunSummary finished = run.finish();
  EXPECT_EQ(finished.outcome, "errored");
  EXPECT_THAT(rows(finished, "step", {"step_path", "step_outcome"}),
              ElementsAre("broken errored", "after done"));
}

TEST_F(ClientTest, TextAndBooleansAreJudgedByEqualityOnly) {
  Client recording = client();
  auto run = recording.start_run({});
  {
    Step step = run.step("identity");
    step.measure("firmware", std::string("1.2.3"),
                 {.nominal = std::string("1.2.3"), .comparator = Comparator::kEQ});
    step.measure("door_open", true, {.nominal = true, .comparator = Comparator::kNE});
    step.measure("note", std::string("seen"));
    EXPECT_THROW(step.measure("bad", std::string("abc"), {.low = 1.0}), Error);
    EXPECT_THROW(step.measure("bad", true, {.low = 0.0, .high = 1.0}), Error);
  }
  EXPECT_THAT(rows(run.finish(), "measurement",
                   {"measurement_name", "measurement_outcome", "measurement_text",
                    "measurement_bool", "measurement_value"}),
              ElementsAre("firmware passed 1.2.3 null null", "door_open failed null true 1",
                          "note done seen null null"));
}

TEST_F(ClientTest, IntegersAreNumbersAndLiteralsAreTexts) {
  Client recording = client();
  auto run = recording.start_run({});
  {
    auto step = run.step("s");
    step.measure("count", 5, {.low = 5, .high = 5});
    step.measure("retries", std::size_t{2}, {.nominal = 2, .comparator = Comparator::kEQ});
    step.measure("name", "probe", {.nominal = "probe", .comparator = Comparator::kEQ});
  }
  EXPECT_THAT(rows(run.finish(), "measurement", {"measurement_outcome", "measurement_value"}),
              ElementsAre("passed 5", "passed 2", "passed null"));
}

TEST_F(ClientTest, NotANumberIsErroredWhenItIsJudged) {
  Client recording = client();
  auto run = recording.start_run({});
  {
    Step step = run.step("s");
    EXPECT_EQ(step.measure("nan", std::nan(""), {.low = 0.0}).outcome, Outcome::kErrored);
    EXPECT_EQ(step.measure("missing", std::monostate{}, {.low = 0.0}).outcome, Outcome::kErrored);
    EXPECT_EQ(step.measure("inf", INFINITY, {.low = 0.0}).outcome, Outcome::kPassed);
  }
  EXPECT_EQ(run.finish().outcome, "errored");
}

TEST_F(ClientTest, AttachmentsLieBesideTheRunFile) {
  Client recording = client();
  const std::string log = folder_.write("session.log", "hello");
  auto run = recording.start_run({.dut_serial = "SN/1"});
  {
    Step step = run.step("s");
    const std::vector<std::byte> picture{std::byte{1}, std::byte{2}};
    step.attach("picture", picture);
    step.measure("m", 1.0);
    EXPECT_THROW(step.attach("x", std::filesystem::path("/no/such/file")), Error);
  }
  const std::string reference = run.attach("log", std::filesystem::path(log));
  EXPECT_THAT(reference, HasSubstr("file://_ref/"));
  const RunSummary finished = run.finish();
  const std::filesystem::path file(*finished.file_path);
  const auto folder = file.parent_path() / (file.stem().string() + "_ref");
  EXPECT_TRUE(std::filesystem::exists(folder / reference.substr(12)));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 2);
  EXPECT_THAT(rows(finished, "run", {"custom_log"}), ElementsAre(reference));
}

TEST_F(ClientTest, FinishingTwiceChangesNothingAndAnAbandonedRunIsAborted) {
  Client recording = client();
  std::string abandoned;
  {
    auto run = recording.start_run({.dut_serial = "A"});
    abandoned = run.id().to_string();
  }
  EXPECT_EQ(client().get_run(abandoned)->outcome, "aborted");
  auto run = recording.start_run({.dut_serial = "B"});
  const RunSummary once = run.finish();
  EXPECT_EQ(run.finish().file_path, once.file_path);
  EXPECT_EQ(run.abort("too late").outcome, "done");
  EXPECT_THROW(run.step("late"), Error);
  EXPECT_THAT(client().list_runs(), SizeIs(2));
}

TEST_F(ClientTest, TwoRunsOfOneSerialInTheSameSecondAreBothKept) {
  Client recording = client();
  auto first = recording.start_run({.dut_serial = "SN001"});
  auto second = recording.start_run({.dut_serial = "SN001"});
  const auto one = first.finish();
  const auto two = second.finish();
  EXPECT_NE(one.file_path, two.file_path);
  EXPECT_THAT(client().list_runs(), SizeIs(2));
}

TEST_F(ClientTest, AFullDiskDoesNotStopTheTestAndWhatWasRecordedStaysReadable) {
  FaultyFileSystem files;
  auto run = RunRecorder::start(
      folder_.path(), {.dut_serial = "SN001"},
      [this](const std::string& problem) { problems_.push_back(problem); }, Durability::kGroup,
      &files);
  auto step = run->begin_step("s");
  step->own_vector()->measure("first", 1.0, {});
  files.set_free_space(0);
  for (int i = 0; i < 10; ++i) step->own_vector()->measure("lost", 1.0, {});
  step->end();
  run->finish();
  EXPECT_FALSE(problems_.empty());
  background::drain();
  SealedRuns results(folder_.path());
  const auto runs = results.list_runs(std::nullopt);
  ASSERT_THAT(runs, SizeIs(1)) << "the reserve holds the end of the run, and a small run file";
  EXPECT_EQ(runs[0].total_measurements, 1);
  EXPECT_THAT(rows(runs[0], "run", {"run_outcome", "events_lost"}), ElementsAre("done 11"));
}

TEST_F(ClientTest, ARunThatCannotBeSealedSaysHowToSealItLater) {
  FaultyFileSystem files;
  auto run = RunRecorder::start(
      folder_.path(), {.dut_serial = "SN001"},
      [this](const std::string& problem) { problems_.push_back(problem); }, Durability::kGroup,
      &files);
  run->begin_step("s")->own_vector()->measure("first", 1.0, {});
  files.fail_at(FaultyFileSystem::Operation::kRename, 0, /*forever=*/true);
  const RunSummary finished = run->finish();
  background::drain();
  EXPECT_FALSE(finished.file_path);
  EXPECT_EQ(finished.outcome, "done");
  ASSERT_THAT(problems_, SizeIs(1));
  EXPECT_THAT(problems_[0], HasSubstr("litmus data rebuild " + finished.run_id));
  EXPECT_THAT(client().list_runs(), IsEmpty());
}

TEST_F(ClientTest, TheRunsOfASessionAreSealedOneByOneAndTheSessionEndsOnce) {
  Client recording = client();
  Session session = recording.open_session({.station_id = "bench_1", .operator_id = "op7"});
  std::vector<std::string> outcomes;
  for (const double voltage : {3.3, 4.3}) {
    auto run = session.start_run({.dut_serial = "SN001"});
    {
      Step step = run.step("rail");
      step.measure("voltage", voltage, {.high = 3.5});
    }
    const RunSummary finished = run.finish();
    EXPECT_EQ(finished.session_id, session.id().to_string());
    EXPECT_EQ(finished.station_id, "bench_1");
    EXPECT_EQ(finished.operator_id, "op7");
    EXPECT_TRUE(finished.file_path) << "before its session has ended";
    outcomes.push_back(finished.outcome.value_or(""));
  }
  EXPECT_THAT(outcomes, ElementsAre("passed", "failed"));
  EXPECT_THAT(event_files(), SizeIs(1));
  session.end();
  session.end();
  EXPECT_THROW(session.start_run({}), Error);
  EXPECT_THAT(client().list_runs(), SizeIs(2));
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(ClientTest, ARunThatIsGoingOnWhenItsSessionEndsIsAborted) {
  Client recording = client();
  std::optional<Session> session = recording.open_session();
  auto done = session->start_run({});
  done.finish();
  auto open = session->start_run({});
  Step step = open.step("s");
  session.reset();
  EXPECT_EQ(open.finish().outcome, "aborted");
  EXPECT_EQ(done.finish().outcome, "done");
}

TEST_F(ClientTest, ARunOfALongSessionIsSealedFromTheEventFilesWrittenSinceItBegan) {
  Client recording = client();
  Session session = recording.open_session();
  constexpr int kMoreThanASegment = 10'050;
  {
    auto first = session.start_run({});
    Step step = first.step("s");
    for (int i = 0; i < kMoreThanASegment; ++i) step.measure("m", i);
    EXPECT_EQ(first.finish().total_measurements, kMoreThanASegment);
  }
  ASSERT_THAT(event_files(), SizeIs(2));
  std::filesystem::remove(event_files().front());
  auto second = session.start_run({});
  EXPECT_TRUE(second.finish().file_path);
  EXPECT_THAT(problems_, IsEmpty());
}

}  // namespace
}  // namespace litmus
