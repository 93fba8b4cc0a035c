// SPDX-License-Identifier: Apache-2.0
#include "index/index.h"

#include <arrow/record_batch.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <csignal>
#include <thread>

#include "base/file_system.h"
#include "base/temporary_folder.h"
#include "index/dynamic_column_registry.h"
#include "index/index_fixture.h"
#include "litmus/error.h"

namespace litmus {
namespace {

constexpr const char* kFile = "/data/runs/a.parquet";
constexpr const char* kAllOfRuns = "SELECT * EXCLUDE file_path FROM runs";
constexpr const char* kAllOfSteps = "SELECT * EXCLUDE file_path FROM steps";
constexpr const char* kAllOfMeasurements =
    "SELECT * EXCLUDE file_path FROM measurements ORDER BY row_seq";

IndexedEvent event(std::int64_t number, const Uuid& writer, std::int64_t seq) {
  IndexedEvent event;
  event.event_number = number;
  event.writer_id = writer;
  event.seq = seq;
  event.id = "e";
  event.event_type = "session.started";
  event.session_id = kSessionA;
  event.json = R"({"client":"pytest","session_type":"test_run"})";
  return event;
}

TEST(IndexTest, SealedRunIsSeenAfterCommit) {
  Index index({});
  index.put_run(*run_rows(small_run(kRunA, "SN1")), indexed_file(kFile));
  EXPECT_EQ(answer(index, "SELECT count(*) FROM runs"), "0");
  index.commit();
  EXPECT_EQ(
      answer(index,
             "SELECT run_id, dut_serial, file_path, outcome, num_steps, num_measurements, "
             "duration_s, product, station, phase FROM runs"),
      std::string(kRunA) + "|SN1|/data/runs/a.parquet|passed|1|2|10.0|PN-1|bench-1|production");
  EXPECT_EQ(answer(index,
                   "SELECT step_path, vector_index, outcome, duration_s, has_measurements, "
                   "measurement_count, retry_count, is_leaf, inputs FROM steps"),
            R"(test_v|0|passed|2.0|true|2|1|true|{"load":0.5})");
  EXPECT_EQ(answer(index,
                   "SELECT measurement_name, measurement_value, vector_retry, is_final, in_load, "
                   "custom_shift FROM measurements ORDER BY row_seq"),
            "v|5.1|0|false|0.5|night\nv|5.2|1|true|0.5|night");
}

TEST(IndexTest, RunningAndSealedRowsAreTheSameInEveryColumn) {
  Index index({});
  index.put_run(*run_rows(small_run(kRunA, "SN1")), std::nullopt);
  index.commit();
  const std::string runs = answer(index, kAllOfRuns);
  const std::string steps = answer(index, kAllOfSteps);
  const std::string measurements = answer(index, kAllOfMeasurements);
  EXPECT_EQ(answer(index, "SELECT file_path FROM runs"), "-");
  index.put_run(*run_rows(small_run(kRunA, "SN1")), indexed_file(kFile));
  index.commit();
  EXPECT_EQ(answer(index, "SELECT file_path FROM runs"), kFile);
  EXPECT_EQ(answer(index, kAllOfRuns), runs);
  EXPECT_EQ(answer(index, kAllOfSteps), steps);
  EXPECT_EQ(answer(index, kAllOfMeasurements), measurements);
}

TEST(IndexTest, WhileARunIsSealedItIsThereExactlyOnce) {
  const TemporaryFolder folder;
  Index index({folder / "index.duckdb"});
  index.put_run(*run_rows(small_run(kRunA, "SN1")), std::nullopt);
  index.commit();
  std::atomic<bool> done = false;
  std::atomic<int> answers = 0;
  std::string wrong;
  std::thread reader([&] {
    while (!done) {
      const std::string count = answer(index, "SELECT count(*), count(DISTINCT run_id) FROM runs");
      if (count != "1|1") wrong = count;
      ++answers;
    }
  });
  for (int i = 0; i < 20 || answers < 10; ++i) {
    const bool sealed = i % 2 == 0;
    index.put_run(*run_rows(small_run(kRunA, "SN1")),
                  sealed ? std::optional(indexed_file(kFile)) : std::nullopt);
    index.commit();
  }
  done = true;
  reader.join();
  EXPECT_EQ(wrong, "");
}

TEST(IndexTest, RunThatIsPutAgainReplacesItself) {
  Index index({});
  index.put_run(*run_rows(small_run(kRunA, "SN1")), indexed_file(kFile));
  index.put_run(*run_rows(small_run(kRunA, "SN2")), indexed_file(kFile));
  index.commit();
  index.put_run(*run_rows(small_run(kRunA, "SN3")), indexed_file(kFile));
  index.commit();
  EXPECT_EQ(answer(index, "SELECT dut_serial FROM runs"), "SN3");
  EXPECT_EQ(answer(index, "SELECT count(*) FROM measurements"), "2");
  EXPECT_EQ(index.files_in("/data/runs").size(), 1U);
}

TEST(IndexTest, FileWithAnotherRunInItTakesTheFirstOneAlong) {
  Index index({});
  index.put_run(*run_rows(small_run(kRunA, "SN1")), indexed_file(kFile));
  index.commit();
  index.put_run(*run_rows(small_run(kRunB, "SN2")), indexed_file(kFile));
  index.commit();
  EXPECT_EQ(answer(index, "SELECT run_id FROM runs"), kRunB);
  index.remove_files(std::array{std::string(kFile)});
  index.commit();
  EXPECT_EQ(answer(index, "SELECT count(*) FROM runs"), "0");
  EXPECT_EQ(answer(index, "SELECT count(*) FROM steps"), "0");
  EXPECT_TRUE(index.files_in("/data/runs").empty());
}

TEST(IndexTest, SeveralRunsOfOneFileAreKeptApart) {
  Index index({});
  std::vector<std::string> rows = small_run(kRunA, "SN1");
  for (std::string& row : small_run(kRunB, "SN2")) rows.push_back(std::move(row));
  index.put_run(*run_rows(rows), indexed_file(kFile));
  index.commit();
  EXPECT_EQ(answer(index, "SELECT dut_serial, num_measurements FROM runs ORDER BY 1"),
            "SN1|2\nSN2|2");
}

TEST(IndexTest, RunWithoutRunRowIsMadeOfItsOtherRows) {
  Index index({});
  std::vector<std::string> rows = small_run(kRunA, "SN1");
  rows.erase(rows.begin());
  index.put_run(*run_rows(rows), indexed_file(kFile));
  index.commit();
  EXPECT_EQ(answer(index, "SELECT dut_serial, outcome, num_steps FROM runs"), "SN1|passed|1");
}

TEST(IndexTest, MissingUnknownAndOddlyTypedColumnsAreTolerated) {
  Index index({});
  index.put_run(*run_rows(std::vector<std::string>{
                    R"({"record_type": "run", "run_id": "r1", "dut_serial": 4711,
                              "run_ended_at": "2026-03-10T14:30:32Z", "colour": "red"})",
                    R"({"record_type": "measurement", "run_id": "r1",
                              "measurement_name": "v", "measurement_value": 5})"}),
                indexed_file(kFile));
  index.commit();
  EXPECT_EQ(answer(index, "SELECT run_id, dut_serial, product, started_at FROM runs"),
            "r1|4711|unknown|-");
  EXPECT_EQ(answer(index, "SELECT measurement_name, measurement_value, is_final FROM measurements"),
            "v|5.0|true");
}

TEST(IndexTest, RowsThatAreNoRunChangeNothing) {
  Index index({});
  index.put_run(*run_rows(small_run(kRunA, "SN1")), indexed_file(kFile));
  for (const char* row : {R"({"record_type": "run"})", R"({"run_id": "r1"})",
                          R"({"record_type": "run", "run_id": ""})"}) {
    try {
      index.put_run(*run_rows(std::vector<std::string>{row}), indexed_file("/data/runs/b.parquet"));
      ADD_FAILURE() << row;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kCorrupt);
      EXPECT_THAT(error.what(), testing::HasSubstr("/data/runs/b.parquet"));
    }
  }
  index.commit();
  EXPECT_EQ(answer(index, "SELECT count(*) FROM runs"), "1");
}

TEST(IndexTest, DynamicColumnOfTwoTypesKeepsBoth) {
  Index index({});
  index.put_run(*run_rows(small_run(kRunA, "SN1")), indexed_file(kFile));
  index.put_run(*run_rows(std::vector<std::string>{
                    R"({"record_type": "measurement", "run_id": "r2", "measurement_name": "v",
                    "in_LOAD": "high", "custom_shift": 3})"}),
                indexed_file("/data/runs/b.parquet"));
  index.commit();
  EXPECT_EQ(answer(index,
                   "SELECT in_load, in_load__text, custom_shift FROM measurements ORDER BY "
                   "in_load__text, row_seq LIMIT 2"),
            "-|high|3\n0.5|-|night");
}

TEST(DynamicColumnRegistryTest, ColumnsBeyondTheLimitAreCounted) {
  std::size_t made = 0;
  DynamicColumnRegistry registry([&made](const auto&) { ++made; });
  const auto column_for = [&](std::size_t number) {
    return registry.column_for("stored_measurements", "in_" + std::to_string(number),
                               IngestColumn::Kind::kNumber);
  };
  for (std::size_t i = 0; i < DynamicColumnRegistry::kMost + 10; ++i) column_for(i);
  EXPECT_EQ(made, DynamicColumnRegistry::kMost);
  EXPECT_EQ(registry.left_out(), 10U);
  EXPECT_TRUE(column_for(DynamicColumnRegistry::kMost - 1));
  EXPECT_FALSE(column_for(DynamicColumnRegistry::kMost));
}

TEST(IndexTest, RestartKnowsEverythingButRunningRuns) {
  const TemporaryFolder folder;
  const std::string path = folder / "index.duckdb";
  const Uuid writer = Uuid::random();
  {
    Index index({path});
    index.put_run(*run_rows(small_run(kRunA, "SN1")), indexed_file(kFile));
    index.put_run(*run_rows(small_run(kRunB, "SN2")), std::nullopt);
    const IndexedEvent events[]{event(7, writer, 0), event(9, writer, 1)};
    index.put_events(events);
    index.put_event_file({"/data/events/w.arrow", writer, Uuid::parse(kSessionA), 1, 100, false});
    index.put_folder("/data/runs", 5);
    index.put_broken_file({indexed_file("/data/runs/c.parquet"), "no footer"});
    index.commit();
  }
  Index index({path});
  EXPECT_EQ(answer(index, "SELECT dut_serial, custom_shift FROM runs"), "SN1|night");
  EXPECT_EQ(index.last_event_number(), 9);
  EXPECT_EQ(answer(index, "SELECT event_number, seq FROM events ORDER BY 1"), "7|0\n9|1");
  EXPECT_EQ(answer(index, "SELECT client, num_runs, num_events FROM sessions"), "pytest|1|2");
  ASSERT_EQ(index.event_files_in("/data/events").size(), 1U);
  EXPECT_EQ(index.event_files_in("/data/events")[0].writer_id, writer);
  EXPECT_EQ(index.event_files_in("/data/events")[0].last_seq, 1);
  EXPECT_EQ(index.folders().size(), 1U);
  ASSERT_EQ(index.broken_files().size(), 1U);
  EXPECT_EQ(index.broken_files()[0].reason, "no footer");
  EXPECT_EQ(index.file_of_run(Uuid::parse(kRunA)), kFile);
  EXPECT_FALSE(index.file_of_run(Uuid::parse(kRunB)));
  // It goes on with the same kinds of measurements.
  index.put_run(*run_rows(small_run(kRunB, "SN2")), indexed_file("/data/runs/b.parquet"));
  index.commit();
  EXPECT_EQ(answer(index, "SELECT count(DISTINCT measurement_name) FROM measurements"), "1");
  EXPECT_EQ(answer(index, "SELECT count(*) FROM measurements"), "4");
}

TEST(IndexTest, RunAndFileAreReplacedAfterARestart) {
  const TemporaryFolder folder;
  const std::string path = folder / "index.duckdb";
  {
    Index index({path});
    index.put_run(*run_rows(small_run(kRunA, "SN1")), indexed_file(kFile));
    index.put_run(*run_rows(small_run(kRunB, "SN2")), indexed_file("/data/runs/b.parquet"));
    index.commit();
  }
  Index index({path});
  // The same run elsewhere, another run in the same file.
  index.put_run(*run_rows(small_run(kRunA, "SN3")), indexed_file("/data/runs/c.parquet"));
  index.put_run(*run_rows(small_run("c3000000", "SN4")), indexed_file("/data/runs/b.parquet"));
  index.commit();
  EXPECT_EQ(answer(index, "SELECT dut_serial, num_measurements FROM runs ORDER BY 1"),
            "SN3|2\nSN4|2");
  EXPECT_EQ(answer(index, "SELECT count(*) FROM measurements"), "4");
  EXPECT_EQ(index.file_of_run(Uuid::parse(kRunA)), "/data/runs/c.parquet");
  EXPECT_FALSE(index.file_of_run(Uuid::parse(kRunB)));
  // One that is put as running takes the place of the sealed one.
  index.put_run(*run_rows(small_run(kRunA, "SN5")), std::nullopt);
  EXPECT_FALSE(index.file_of_run(Uuid::parse(kRunA)));
  index.commit();
  EXPECT_EQ(answer(index, "SELECT dut_serial FROM runs ORDER BY 1"), "SN4\nSN5");
  index.remove_files(std::array{std::string("/data/runs/b.parquet")});
  index.commit();
  EXPECT_EQ(answer(index, "SELECT dut_serial FROM runs"), "SN5");
}

TEST(IndexTest, RemovedEventFileTakesOnlyItsOwnEventsAlong) {
  Index index({});
  const Uuid writer = Uuid::random();
  const IndexedEvent events[]{event(1, writer, 0), event(2, writer, 1), event(3, writer, 2)};
  index.put_events(events);
  const Uuid session = Uuid::parse(kSessionA);
  index.put_event_file({"/data/events/w.arrow", writer, session, 0, 100, true});
  index.put_event_file({"/data/events/w_2.arrow", writer, session, 2, 100, true});
  index.commit();
  index.remove_event_files(std::array{std::string("/data/events/w_2.arrow")});
  index.commit();
  EXPECT_EQ(answer(index, "SELECT seq FROM events"), "0");
  EXPECT_EQ(answer(index, "SELECT num_events FROM sessions"), "1");
  EXPECT_EQ(index.event_files_in("/data/events").size(), 1U);
}

TEST(IndexTest, DamagedOrForeignFileIsMadeAnew) {
  const TemporaryFolder folder;
  const std::string path = folder.write("index.duckdb", std::string(100'000, 'x'));
  Index index({path});
  EXPECT_EQ(answer(index, "SELECT count(*) FROM runs"), "0");
  index.put_run(*run_rows(small_run(kRunA, "SN1")), indexed_file(kFile));
  index.commit();
  EXPECT_EQ(answer(index, "SELECT count(*) FROM runs"), "1");
}

// Whatever block of the file is not what was written: the figures are right, or it is made anew at
// once, or the first to meet the damage is told and the daemon makes it anew.
TEST(IndexTest, DamageAnywhereInTheFileGivesNoWrongAnswerAndIsNoticed) {
  const TemporaryFolder folder;
  const std::string path = folder / "index.duckdb";
  {
    Index index({path});
    for (int i = 0; i < 30; ++i) {
      const std::string run = fmt::format("7d3b1f52-2c61-4f0e-b7ef-9f1fb1f6{:04}", i);
      index.put_run(*run_rows(small_run(run, "SN1")),
                    indexed_file(fmt::format("/data/runs/{}.parquet", i)));
    }
    index.commit();
  }
  const auto whole = posix_file_system().read(path);
  const std::string content(reinterpret_cast<const char*>(whole->bytes().data()),
                            whole->bytes().size());
  int made_anew = 0;
  int told = 0;
  constexpr std::size_t kHeaders = 3 * 4096;
  constexpr std::size_t kBlock = 262'144;
  for (std::size_t at = kHeaders; at < content.size(); at += kBlock) {
    std::string damaged = content;
    for (std::size_t i = at; i < std::min(at + kBlock, content.size()); i += 64) damaged[i] ^= 1;
    folder.write("index.duckdb", damaged);
    Index index({path});
    const std::string count = index.why_made_anew().empty() ? "30|60" : "0|0";
    made_anew += index.why_made_anew().empty() ? 0 : 1;
    try {
      EXPECT_EQ(answer(index,
                       "SELECT (SELECT count(*) FROM runs WHERE dut_serial = 'SN1'),"
                       " (SELECT count(*) FROM measurements WHERE measurement_value > 5)"),
                count);
      EXPECT_EQ(index.condition(), Index::Condition::kGood);
    } catch (const Error& error) {
      ++told;
      EXPECT_EQ(error.code(), Code::kUnavailable);
      EXPECT_THAT(error.what(), testing::HasSubstr("the index is damaged"));
      EXPECT_TRUE(index.is_damaged());
      EXPECT_EQ(index.condition(), Index::Condition::kDamaged);
    }
  }
  EXPECT_GT(made_anew, 0);
  EXPECT_GT(told, 0);
}

// As on a full disk: no file of this process grows beyond that.
class FilesThatCannotGrow {
 public:
  explicit FilesThatCannotGrow(std::uint64_t most_bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{most_bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FilesThatCannotGrow() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, SIG_DFL);
  }
  FilesThatCannotGrow(const FilesThatCannotGrow&) = delete;
  FilesThatCannotGrow& operator=(const FilesThatCannotGrow&) = delete;

 private:
  rlimit before_{};
};

TEST(IndexTest, WhatAFullDiskRefusedIsToldAndCanBePutAgain) {
  const TemporaryFolder folder;
  Index index({folder / "index.duckdb"});
  index.put_run(*run_rows(small_run(kRunA, "SN1")), indexed_file(kFile));
  index.commit();
  const auto put = [&] {
    index.put_run(*run_rows(small_run(kRunB, "SN2")), indexed_file("/data/runs/b.parquet"));
    index.commit();
  };
  {
    const FilesThatCannotGrow full_disk(1);
    EXPECT_THROW(put(), Error);
  }
  EXPECT_EQ(index.condition(), Index::Condition::kGood);
  EXPECT_EQ(answer(index, "SELECT dut_serial FROM runs"), "SN1");
  put();
  EXPECT_EQ(answer(index, "SELECT dut_serial FROM runs ORDER BY 1"), "SN1\nSN2");
  EXPECT_EQ(answer(index, "SELECT count(*) FROM measurements"), "4");
}

TEST(IndexTest, WhatDoesNotFitIntoMemoryGoesToATemporaryFolder) {
  const TemporaryFolder folder;
  const std::string path = folder / "index.duckdb";
  const std::string sorted =
      "SELECT count(*), max(place) FROM (SELECT text, row_number() OVER (ORDER BY text) AS place"
      " FROM (SELECT md5(range::VARCHAR) || range AS text FROM range(1000000))) WHERE text > 'a'";
  {
    folder.write("index.duckdb.tmp/left_by_a_killed_process.tmp", "x");
    Index index({.path = path, .memory_mb = 64});
    EXPECT_FALSE(posix_file_system().exists(path + ".tmp"));
    EXPECT_EQ(answer(index, sorted), "375829|1000000");
  }
  Index in_memory({.path = "", .memory_mb = 64});
  EXPECT_THROW(answer(in_memory, sorted), Error);
}

TEST(IndexTest, NamedQueryHasItsParameters) {
  Index index({});
  index.put_run(*run_rows(small_run(kRunA, "SN1")), indexed_file(kFile));
  index.commit();
  try {
    index.query("no.such.query", {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kInvalidArgument);
  }
}

}  // namespace
}  // namespace litmus
