// SPDX-License-Identifier: Apache-2.0
#include "results/sealed_runs.h"

#include <arrow/table.h>
#include <arrow/util/key_value_metadata.h>
#include <gmock/gmock.h>

#include "base/forwarding_file_system.h"
#include "base/temporary_folder.h"
#include "litmus/error.h"
#include "results/run_file_fixture.h"

namespace litmus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const std::string kFirst = "aaaa1111-0000-4000-8000-000000000001";
const std::string kSecond = "aaaa1122-0000-4000-8000-000000000002";
const std::string kThird = "bbbb3333-0000-4000-8000-000000000003";

// Counts what is opened.
class CountingFileSystem final : public ForwardingFileSystem {
 public:
  std::unique_ptr<FileContent> read(const std::string& path) override {
    ++reads;
    return ForwardingFileSystem::read(path);
  }

  int reads = 0;
};

class SealedRunsTest : public ::testing::Test {
 protected:
  std::string add(const std::string& name, const std::vector<Row>& rows) {
    return folder_.write("runs/" + name, parquet_of(*table_of(rows)));
  }

  // Three runs, the second one in the same second as the first.
  void add_three() {
    add("2026-03-10/20260310T143022Z_B.parquet", {run_row(kFirst, "2026-03-10T14:30:22.1Z", "B")});
    add("2026-03-10/20260310T143022Z_A.parquet", {run_row(kSecond, "2026-03-10T14:30:22.9Z", "A")});
    add("2026-03-11/20260311T080000Z.parquet", {run_row(kThird, "2026-03-11T08:00:00Z", "C")});
  }

  std::vector<std::string> list(std::optional<std::int64_t> limit) {
    std::vector<std::string> ids;
    for (const RunSummary& run : runs_.list_runs(limit)) ids.push_back(run.run_id);
    return ids;
  }

  std::string complaint(const std::string& prefix, Code code) {
    try {
      runs_.get_run(prefix);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code);
      return error.what();
    }
    return "no error";
  }

  TemporaryFolder folder_;
  CountingFileSystem files_;
  SealedRuns runs_{folder_.path(), files_};
};

TEST_F(SealedRunsTest, EmptyOrMissingStoreHasNoRuns) {
  EXPECT_THAT(list(std::nullopt), IsEmpty());
  EXPECT_THAT(complaint("aaaa", Code::kNotFound),
              HasSubstr("no run with id aaaa in " + folder_.path()));
}

TEST_F(SealedRunsTest, ListIsNewestFirstAlsoWithinOneSecond) {
  add_three();
  EXPECT_THAT(list(std::nullopt), ElementsAre(kThird, kSecond, kFirst));
  EXPECT_THAT(list(2), ElementsAre(kThird, kSecond));
}

TEST_F(SealedRunsTest, ListOpensNoMoreFilesThanItNeeds) {
  add_three();
  EXPECT_THAT(list(1), ElementsAre(kThird));
  EXPECT_EQ(files_.reads, 1);
  EXPECT_THAT(list(0), IsEmpty());
  EXPECT_EQ(files_.reads, 1);
}

TEST_F(SealedRunsTest, SummaryHasTheRunsFieldsAndCountsItsRows) {
  Row step = run_row(kFirst, "2026-03-10T14:30:22Z", "B");
  step.set("record_type", "step");
  Row measurement = step;
  measurement.set("record_type", "measurement");
  add("2026-03-10/20260310T143022Z_B.parquet",
      {run_row(kFirst, "2026-03-10T14:30:22Z", "B"), step, measurement, measurement});
  const RunSummary run = runs_.get_run(kFirst);
  EXPECT_EQ(run.dut_serial, "B");
  EXPECT_EQ(run.station_id, "bench_1");
  EXPECT_EQ(run.project_name, "power_board");
  EXPECT_EQ(run.outcome, "passed");
  EXPECT_EQ(run.started_at, parse_iso8601("2026-03-10T14:30:22Z"));
  EXPECT_EQ(run.total_steps, 1);
  EXPECT_EQ(run.total_measurements, 2);
  EXPECT_EQ(run.operator_id, std::nullopt);
}

TEST_F(SealedRunsTest, RunIsFoundByAnyUniquePrefixInEitherCase) {
  add_three();
  EXPECT_EQ(runs_.get_run("b").run_id, kThird);
  EXPECT_EQ(runs_.get_run("AAAA112").run_id, kSecond);
  EXPECT_EQ(runs_.get_run(kFirst).run_id, kFirst);
}

TEST_F(SealedRunsTest, WholeGivenTextIsMatchedNotItsBeginning) {
  add_three();
  complaint("bbbb3333-ffff", Code::kNotFound);
  complaint(kFirst + "0", Code::kNotFound);
  complaint("", Code::kInvalidArgument);
}

TEST_F(SealedRunsTest, AmbiguousPrefixListsTheCandidatesSoThatTheyDiffer) {
  add_three();
  EXPECT_THAT(complaint("aaaa", Code::kConflict),
              HasSubstr("fits 2 runs: aaaa1122 (A, 2026-03-10T14:30:22Z), aaaa1111 (B, "));
  add("2026-03-12/20260312T080000Z.parquet",
      {run_row("bbbb3333-0000-4000-8000-0000000000ff", "2026-03-12T08:00:00Z", "D")});
  EXPECT_THAT(complaint("bbbb3333", Code::kConflict),
              HasSubstr("bbbb3333-0000-4000-8000-0000000000f (D"));
}

TEST_F(SealedRunsTest, CopiesOfOneRunAreOneRun) {
  add_three();
  add("2026-03-11/20260311T080000Z_2.parquet", {run_row(kThird, "2026-03-11T08:00:00Z", "C")});
  EXPECT_EQ(runs_.get_run("bbbb").run_id, kThird);
}

TEST_F(SealedRunsTest, DamagedAndForeignFilesAreLeftOutAndNamed) {
  add_three();
  const std::string empty = folder_.write("runs/2026-03-12/20260312T000000Z_empty.parquet", "");
  const std::string text = folder_.write("runs/2026-03-12/20260312T000000Z_text.parquet", "hello");
  const std::string foreign =
      add("2026-03-12/20260312T000000Z_weather.parquet", {{{"temperature", 21.5}}});
  EXPECT_THAT(list(1), ElementsAre(kThird));
  std::vector<std::string> skipped;
  for (const SkippedFile& file : runs_.skipped()) skipped.push_back(file.path);
  EXPECT_THAT(skipped, ElementsAre(foreign, text, empty));
  EXPECT_THAT(runs_.skipped()[0].reason, HasSubstr("not a run file: it has no column"));
  EXPECT_THAT(runs_.skipped()[0].reason, Not(HasSubstr(foreign)));
  EXPECT_THAT(complaint("cccc", Code::kNotFound), HasSubstr("3 run files could not be read"));
  list(0);
  EXPECT_THAT(runs_.skipped(), IsEmpty());
}

TEST_F(SealedRunsTest, FileCutAnywhereIsSkippedNeverAWrongRun) {
  const std::string whole = parquet_of(*table_of({run_row(kFirst, "2026-03-10T14:30:22Z", "B")}));
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    folder_.write("runs/2026-03-10/20260310T143022Z.parquet", whole.substr(0, size));
    EXPECT_THAT(list(std::nullopt), IsEmpty()) << size;
    EXPECT_THAT(runs_.skipped(), SizeIs(1));
  }
}

TEST_F(SealedRunsTest, FileWithTheBareMinimumOfColumnsIsARun) {
  add("2026-03-10/20260310T143022Z.parquet", {{{"record_type", "run"}, {"run_id", kFirst}}});
  const RunSummary run = runs_.get_run("aaaa");
  EXPECT_EQ(run.started_at, std::nullopt);
  EXPECT_EQ(run.outcome, std::nullopt);
}

TEST_F(SealedRunsTest, RowsHaveAllColumnsOfTheFileAndItsMetadata) {
  Row row = run_row(kFirst, "2026-03-10T14:30:22Z", "B");
  row.set("from_the_future", 1.5);
  folder_.write("runs/2026-03-10/20260310T143022Z.parquet",
                parquet_of(*table_of({row}, R"({"os_name": "Linux"})")));
  const auto rows = runs_.run_rows(runs_.get_run("aaaa"));
  EXPECT_EQ(rows->num_rows(), 1);
  EXPECT_NE(rows->GetColumnByName("from_the_future"), nullptr);
  EXPECT_EQ(rows->schema()->metadata()->Get("environment_json").ValueOr(""),
            R"({"os_name": "Linux"})");
}

TEST_F(SealedRunsTest, RowsOfARunWithoutFileAreNotFound) {
  EXPECT_THROW(runs_.run_rows(RunSummary{}), Error);
}

}  // namespace
}  // namespace litmus
