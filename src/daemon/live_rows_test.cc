// SPDX-License-Identifier: Apache-2.0
#include "daemon/live_rows.h"

#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "index/index.h"
#include "project/accumulator.h"
#include "project/run_batches.h"

namespace litmus {
namespace {

// A running run, and an index that is kept up to date with it part by part.
class LiveRowsTest : public testing::Test {
 protected:
  LiveRowsTest() { apply(RunStarted{}); }

  template <class E>
  void apply(E event, std::uint32_t writer = 0) {
    event.session_id = session_;
    event.run_id = run_id_;
    event.occurred_at = time_ += std::chrono::milliseconds(1);
    run_.apply(event, writer);
  }
  void start(const std::string& path, std::int64_t retry = 0, ValueMap inputs = {}) {
    StepStarted event;
    event.step_name = event.step_path = path;
    event.retry = retry;
    event.inputs = std::move(inputs);
    apply(event);
  }
  void measure(const std::string& path, std::int64_t retry = 0, ValueMap inputs = {},
               std::uint32_t writer = 0) {
    MeasurementRecorded event;
    event.step_name = event.step_path = path;
    event.retry = retry;
    event.measurement_name = "voltage";
    event.allow_repeat = true;
    event.value = ++measured_;
    event.outcome = measured_ % 5 == 0 ? Outcome::kFailed : Outcome::kPassed;
    event.inputs = std::move(inputs);
    apply(event, writer);
  }
  void end(const std::string& path, std::int64_t retry = 0) {
    StepEnded event;
    event.step_name = event.step_path = path;
    event.retry = retry;
    event.outputs = {{"turns", Value(measured_)}};
    apply(event);
  }
  void plan(const std::vector<std::string>& paths) {
    StepsDiscovered event;
    for (const std::string& path : paths) event.items.push_back({{"step_path", Value(path)}});
    apply(event);
  }

  // Puts what is new; returns how many rows that were.
  std::int64_t refresh() {
    const LiveRows live = put_.take(run_);
    arrow::TableBatchReader rows(live.rows);
    if (live.part) {
      EXPECT_TRUE(index_.put_live_part(run_id_, rows, *live.part));
    } else {
      index_.put_run(rows, std::nullopt);
    }
    index_.commit();
    return live.rows->num_rows();
  }

  // The index says what one says that has all rows at once.
  void expect_same() {
    const RunRows rows = run_.rows();
    RunBatches batches(rows);
    Index whole({});
    whole.put_run(batches, std::nullopt);
    whole.commit();
    for (const char* sql : {"SELECT * FROM runs", "SELECT * FROM steps ORDER BY row_seq",
                            "SELECT * FROM measurements ORDER BY row_seq"}) {
      const auto expected = whole.sql(sql)->ToTable().ValueOrDie();
      std::vector<std::string> names;
      std::vector<int> positions;
      const auto found = index_.sql(sql)->ToTable().ValueOrDie();
      for (const auto& name : expected->ColumnNames()) {
        positions.push_back(found->schema()->GetFieldIndex(name));
        ASSERT_GE(positions.back(), 0) << name;
      }
      EXPECT_TRUE(found->SelectColumns(positions).ValueOrDie()->Equals(*expected))
          << sql << "\n"
          << found->ToString() << "\n"
          << expected->ToString();
    }
  }

  Uuid session_ = Uuid::random();
  Uuid run_id_ = Uuid::random();
  Timestamp time_{std::chrono::seconds(1'773'153'022)};
  std::int64_t measured_ = 0;
  RunAccumulator run_{session_, run_id_};
  PutRows put_;
  Index index_{Index::Options{}};
};

TEST_F(LiveRowsTest, OnlyWhatIsNewIsPut) {
  plan({"boot", "supply", "radio"});
  for (const char* path : {"boot", "supply"}) {
    start(path);
    for (int i = 0; i < 1000; ++i) measure(path);
    if (std::string(path) == "boot") end(path);
  }
  refresh();
  EXPECT_EQ(refresh(), 1) << "the run's own row";
  measure("supply");
  measure("supply");
  EXPECT_EQ(refresh(), 1 + 1 + 2 + 1) << "run, supply, two measurements, and radio, which moves";
  expect_same();
  end("supply");
  EXPECT_EQ(refresh(), 1 + 1 + 1002) << "their rows show the end of the step";
  expect_same();
}

TEST_F(LiveRowsTest, AStepThatTurnsOutToBeAContainerIsNoLeaf) {
  start("supply");
  measure("supply");
  refresh();
  start("supply/rail");
  measure("supply/rail");
  refresh();
  expect_same();
  measure("supply");  // moves all that comes after it
  refresh();
  expect_same();
}

TEST_F(LiveRowsTest, ANewAttemptMakesEarlierMeasurementsNotFinal) {
  start("boot");
  measure("boot");
  end("boot");
  refresh();
  start("boot", 1);
  measure("boot", 1);
  refresh();
  expect_same();
}

TEST_F(LiveRowsTest, AColumnWhoseTypeChangesIsMadeAgain) {
  start("boot");
  measure("boot", 0, {{"load", Value(1.5)}});
  refresh();
  measure("boot", 0, {{"load", Value("open")}});
  refresh();
  const auto loads = index_.sql("SELECT count(in_load__text) FROM measurements");
  EXPECT_EQ(loads->ToTable().ValueOrDie()->column(0)->GetScalar(0).ValueOrDie()->ToString(), "2");
}

TEST_F(LiveRowsTest, HoweverEventsComeThePartsAddUpToTheWhole) {
  std::mt19937 random(20260310);
  const std::vector<std::string> paths{"a", "a/b", "a/c", "d", "e", "e/f"};
  plan({"a", "a/b", "d", "g", "h"});
  for (int turn = 0; turn < 60; ++turn) {
    for (int i = 0; i < 4; ++i) {
      const std::string& path = paths[random() % paths.size()];
      const std::int64_t retry = random() % 8 == 0 ? 1 : 0;
      const auto kind = random() % 6;
      if (kind == 0) start(path, retry, {{"vin", Value(random() % 3)}});
      if (kind == 1) end(path, retry);
      if (kind > 1) {
        ValueMap inputs;
        if (kind == 2) inputs = {{"load", Value(0.5 * static_cast<double>(random() % 4))}};
        measure(path, retry, std::move(inputs), random() % 10 == 0 ? 1 : 0);
      }
    }
    refresh();
    if (turn % 5 == 0) expect_same();
  }
  RunEnded ended;
  ended.outcome = Outcome::kFailed;
  apply(ended);
  refresh();
  expect_same();
}

TEST_F(LiveRowsTest, PartsOfARunThatTheIndexLacksAreRefused) {
  start("boot");
  measure("boot");
  refresh();
  measure("boot");
  const LiveRows lost = put_.take(run_);
  measure("boot");
  const LiveRows live = put_.take(run_);
  arrow::TableBatchReader rows(live.rows);
  EXPECT_FALSE(index_.put_live_part(run_id_, rows, *live.part));
  EXPECT_FALSE(index_.put_live_part(Uuid::random(), rows, *live.part));
  put_.forget();
  refresh();
  expect_same();
}

}  // namespace
}  // namespace litmus
