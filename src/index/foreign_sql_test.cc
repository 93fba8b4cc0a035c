// SPDX-License-Identifier: Apache-2.0
#include <arrow/record_batch.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/temporary_folder.h"
#include "index/index.h"
#include "index/index_fixture.h"
#include "litmus/error.h"

namespace litmus {
namespace {

using testing::HasSubstr;

Code code_of(const Index& index, const std::string& sql, std::string& message) {
  try {
    index.sql(sql);
  } catch (const Error& error) {
    message = error.what();
    return error.code();
  }
  ADD_FAILURE() << "was not refused: " << sql;
  return Code::kIo;
}

class ForeignSqlTest : public testing::Test {
 protected:
  ForeignSqlTest() {
    index_.put_run(*run_rows(small_run(kRunA, "SN1")), indexed_file("/data/runs/a.parquet"));
    index_.commit();
  }

  TemporaryFolder folder_;
  Index index_{{folder_ / "index.duckdb"}};
};

TEST_F(ForeignSqlTest, SelectsAreAnswered) {
  EXPECT_EQ(answer(index_, "SELECT count(*) FROM runs;"), "1");
  EXPECT_EQ(answer(index_, "WITH r AS (FROM runs) SELECT dut_serial FROM r"), "SN1");
  EXPECT_EQ(answer(index_, "SELECT sum(i)::BIGINT FROM range(4) t(i)"), "6");
  EXPECT_THAT(answer(index_, "DESCRIBE runs"), HasSubstr("dut_serial"));
}

TEST_F(ForeignSqlTest, OnlyTheRelationsAreListed) {
  const std::string relations = "events\nmeasurements\nruns\nsessions\nsteps";
  EXPECT_EQ(answer(index_, "SHOW TABLES"), relations);
  for (const char* query : {"SELECT name FROM (SHOW ALL TABLES) ORDER BY ALL",
                            "SELECT table_name FROM information_schema.tables ORDER BY ALL",
                            "SELECT DISTINCT table_name FROM information_schema.columns "
                            "ORDER BY ALL",
                            "SELECT relname FROM pg_catalog.pg_class ORDER BY ALL"}) {
    EXPECT_EQ(answer(index_, query), relations) << query;
  }
}

TEST_F(ForeignSqlTest, WhatReachesOutOrChangesSomethingIsNotAllowed) {
  const std::string file = folder_.write("secret.csv", "a\n1\n");
  const std::string out = folder_ / "out";
  const std::vector<std::string> refused{
      "FROM read_csv('" + file + "')",
      "FROM read_text('" + file + "')",
      "FROM read_blob('" + file + "')",
      "FROM read_parquet('" + file + "')",
      "FROM sniff_csv('" + file + "')",
      "FROM glob('/*')",
      "SELECT * FROM runs WHERE run_id IN (SELECT content FROM read_text('" + file + "'))",
      "FROM arrow_scan(1, 2, 3)",
      "FROM query('FROM runs')",
      "FROM query_table('runs')",
      "FROM json_execute_serialized_sql('{}')",
      "FROM checkpoint()",
      "FROM \"force_checkpoint\"('sealed')",
      "FROM enable_logging()",
      "FROM enable_profiling()",
      "FROM duckdb_secrets()",
      "SELECT write_log('x')",
      "SELECT pg_sleep(100)",
      "COPY runs TO '" + out + "'",
      "COPY (SELECT 1) TO '" + out + "'",
      "EXPORT DATABASE '" + out + "'",
      "ATTACH '" + out + "'",
      "DETACH sealed",
      "USE sealed",
      "INSTALL httpfs",
      "LOAD json",
      "SET threads = 1",
      "RESET threads",
      "PRAGMA database_list",
      "PRAGMA enable_profiling",
      "CALL pragma_version()",
      "CREATE TABLE t (a INTEGER)",
      "CREATE OR REPLACE VIEW runs AS SELECT 1",
      "DROP VIEW runs",
      "ALTER TABLE live.stored_runs ADD COLUMN x INTEGER",
      "INSERT INTO live.stored_runs (run_id) VALUES ('x')",
      "UPDATE live.stored_runs SET run_id = 'x'",
      "DELETE FROM sealed.stored_runs",
      "WITH x AS (SELECT 1) DELETE FROM sealed.stored_runs",
      "FROM sealed.stored_runs",
      "FROM live.stored_runs",
      "SELECT 1; SELECT 2",
      "SELECT 1; DELETE FROM sealed.stored_runs",
      "BEGIN",
      "COMMIT",
      "VACUUM",
      "CHECKPOINT",
      "PREPARE x AS SELECT 1",
      "EXPLAIN ANALYZE SELECT 1",
  };
  for (const std::string& sql : refused) {
    std::string message;
    EXPECT_EQ(code_of(index_, sql, message), Code::kUnauthorized) << sql << ": " << message;
  }
  EXPECT_FALSE(std::filesystem::exists(out));
  EXPECT_EQ(answer(index_, "SELECT count(*) FROM runs"), "1");
}

TEST_F(ForeignSqlTest, FilesAndTheEnvironmentAreNoTables) {
  std::string message;
  EXPECT_EQ(code_of(index_, "FROM '/etc/passwd'", message), Code::kInvalidArgument);
  EXPECT_EQ(code_of(index_, "SELECT getenv('HOME')", message), Code::kInvalidArgument);
}

TEST_F(ForeignSqlTest, MistakesAreToldWithLineAndColumn) {
  std::string message;
  EXPECT_EQ(code_of(index_, "SELECT a FROM", message), Code::kInvalidArgument);
  EXPECT_THAT(message, HasSubstr("line 1, column 14"));
  EXPECT_EQ(code_of(index_, "SELECT 'é',\n  nothing FROM runs", message), Code::kInvalidArgument);
  EXPECT_THAT(message, HasSubstr("line 2, column 3"));
  EXPECT_EQ(code_of(index_, "FROM nothing", message), Code::kInvalidArgument);
  EXPECT_THAT(message, HasSubstr("line 1, column 6"));
  EXPECT_EQ(code_of(index_, "SELECT $1", message), Code::kInvalidArgument);
  EXPECT_EQ(code_of(index_, "SELECT 'x'::INTEGER", message), Code::kInvalidArgument);
  EXPECT_EQ(code_of(index_, "", message), Code::kInvalidArgument);
  EXPECT_EQ(code_of(index_, std::string("SELECT 1\0", 9), message), Code::kInvalidArgument);
  EXPECT_EQ(answer(index_, "SELECT count(*) FROM runs"), "1");
}

TEST_F(ForeignSqlTest, LimitsOfTimeRowsAndMemoryHold) {
  const auto expect_unavailable = [&](const std::string& sql, const SqlLimits& limits) {
    try {
      index_.sql(sql, limits);
      ADD_FAILURE() << sql;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kUnavailable) << error.what();
    }
  };
  expect_unavailable("SELECT count(*) FROM range(1000000000) a, range(1000000000) b",
                     {.seconds = 0});
  // Who asked has left: others need the place.
  expect_unavailable("SELECT count(*) FROM range(1000000000) a, range(1000000000) b",
                     {.seconds = 3600, .is_cancelled = [] { return true; }});
  expect_unavailable("FROM range(11)", {.rows = 10});
  expect_unavailable("SELECT list(i) FROM range(100000000) t(i)", {});
  EXPECT_EQ(answer(index_, "SELECT count(*) FROM runs"), "1");
}

TEST_F(ForeignSqlTest, NothingIsLeftBesideTheIndex) {
  try {
    index_.sql("SELECT i, i::VARCHAR FROM range(30000000) t(i) ORDER BY hash(i)");
    ADD_FAILURE() << "fits into memory";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kUnavailable) << error.what();
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
    EXPECT_THAT(entry.path().filename().string(), testing::StartsWith("index.duckdb"));
  }
}

}  // namespace
}  // namespace litmus
