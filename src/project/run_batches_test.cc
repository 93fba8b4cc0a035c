// SPDX-License-Identifier: Apache-2.0
#include "project/run_batches.h"

#include <arrow/array/array_base.h>
#include <arrow/chunked_array.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/value_json.h"
#include "project/projection_fixture.h"

namespace litmus {
namespace {

using testing::HasSubstr;

std::string footer_value(const RunRows& rows, std::string_view key) {
  for (const auto& [name, value] : RunBatches(rows).metadata("[]")) {
    if (name == key) return value;
  }
  return "";
}

TEST(RunBatches, FixedThenAdditiveThenAllOtherColumnsByName) {
  const auto accumulator = accumulate(load_events("stimulus_path"));
  const auto names = RunBatches(accumulator->rows()).schema()->field_names();
  ASSERT_GT(names.size(), kColumns.size() + kInstrumentColumns.size());
  EXPECT_EQ(kFixedColumnCount, 65U);
  for (const Column& column : kColumns) EXPECT_EQ(names[column.index], column.name);
  const auto others = names.begin() + kColumns.size();
  EXPECT_TRUE(std::is_sorted(others, names.end()));
  for (const Column& column : kInstrumentColumns) {
    EXPECT_EQ(std::count(others, names.end(), column.name), 1) << column.name;
  }
}

TEST(RunBatches, TheRunRowIsNotMistakenForAStepWithAnEmptyPath) {
  const auto accumulator = accumulate(load_events("plain_run"));
  const auto table = to_table(accumulator->rows());
  for (const Column& column : kColumns) {
    if (!column.on_run_rows) {
      EXPECT_TRUE(table->column(static_cast<int>(column.index))->chunk(0)->IsNull(0))
          << column.name;
    }
  }
}

TEST(RunBatches, ColumnsAreFilledOnlyOnTheirKindsOfRows) {
  const auto accumulator = accumulate(load_events("value_kinds"));
  const auto table = to_table(accumulator->rows());
  for (std::int64_t row = 1; row < table->num_rows(); ++row) {
    const bool step = row == 1;
    for (const Column& column : kColumns) {
      if (step ? column.on_step_rows : column.on_measurement_rows) continue;
      EXPECT_TRUE(table->column(static_cast<int>(column.index))->chunk(0)->IsNull(row))
          << column.name;
    }
  }
}

TEST(RunBatches, WhereABatchEndsChangesNothing) {
  const auto accumulator = accumulate(load_events("retries"));
  const RunRows rows = accumulator->rows();
  const auto whole = to_table(rows);
  for (const std::int64_t size : {1, 2, 3, 4}) {
    RunBatches batches(rows, size);
    const auto parts = batches.ToTable().ValueOrDie();
    EXPECT_GT(parts->column(0)->num_chunks(), 0);
    EXPECT_LE(parts->column(0)->chunk(0)->length(), size);
    EXPECT_TRUE(parts->Equals(*whole)) << size;
  }
}

TEST(RunBatches, TheFooterSaysWhereEachDynamicColumnComesFrom) {
  const auto accumulator = accumulate(load_events("stimulus_path"));
  const std::string schema = footer_value(accumulator->rows(), "io_schema");
  // adc_channel and dac_channel are parameters that merely end like a path.
  EXPECT_THAT(schema, HasSubstr(R"("in_adc_channel":"input")"));
  EXPECT_THAT(schema, HasSubstr(R"("in_dac_channel":"input")"));
  EXPECT_THAT(schema, HasSubstr(R"("in_vin_channel":"stimulus_path")"));
  EXPECT_THAT(schema, HasSubstr(R"("in_vin":"input")"));
  EXPECT_THAT(schema, HasSubstr(R"("out_trace":"output")"));
  EXPECT_THAT(schema, HasSubstr(R"("custom_batch":"custom")"));
}

TEST(RunBatches, TheFooterNamesColumnsWhoseValuesWereOfSeveralKinds) {
  const auto accumulator = accumulate(load_events("column_types"));
  EXPECT_EQ(footer_value(accumulator->rows(), "coerced_columns"),
            R"({"in_both":"number, text","in_mix":"number, text","in_mix2":"boolean, number"})");
  EXPECT_EQ(footer_value(accumulate(load_events("plain_run"))->rows(), "coerced_columns"), "");
}

TEST(RunBatches, ANumberColumnHasTheSameTypeInEveryRunWhetherIntegerOrNot) {
  const auto accumulator = accumulate(load_events("column_types"));
  const auto schema = RunBatches(accumulator->rows()).schema();
  const auto type = [&](const char* name) {
    return schema->GetFieldByName(name)->type()->ToString();
  };
  EXPECT_EQ(type("in_count"), "double");
  EXPECT_EQ(type("in_x"), "double");
  EXPECT_EQ(type("in_noise"), "double");
  EXPECT_EQ(type("in_flag"), "bool");
  EXPECT_EQ(type("in_mix"), "string");
  EXPECT_EQ(type("in_nothing"), "string");
  EXPECT_EQ(type("in_list"), "list<item: double>");
  EXPECT_EQ(type("in_names"), "list<item: string>");
}

TEST(RunBatches, ColumnsBeyondTheCapGoIntoOneOfJson) {
  RunAccumulator accumulator(Uuid::parse(kSession), Uuid::parse(kRun));
  RunStarted started;
  started.session_id = Uuid::parse(kSession);
  started.run_id = Uuid::parse(kRun);
  accumulator.apply(started);
  StepStarted step;
  step.session_id = started.session_id;
  step.run_id = started.run_id;
  step.step_name = "s";
  for (int i = 0; i < 2010; ++i) step.inputs.set(fmt::format("k{:04}", i), i);
  accumulator.apply(step);

  const auto table = to_table(accumulator.rows());
  const auto extra = table->GetColumnByName("extra_json");
  ASSERT_NE(extra, nullptr);
  EXPECT_NE(table->GetColumnByName("in_k1999"), nullptr);
  EXPECT_EQ(table->GetColumnByName("in_k2000"), nullptr);
  EXPECT_EQ(static_cast<std::size_t>(table->num_columns()),
            kColumns.size() + kInstrumentColumns.size() + DynamicColumns::kMost + 1);
  EXPECT_EQ(render(*table, {"extra_json"}),
            "extra_json\n-\n"
            R"({"in_k2000":2000,"in_k2001":2001,"in_k2002":2002,"in_k2003":2003,"in_k2004":2004,)"
            R"("in_k2005":2005,"in_k2006":2006,"in_k2007":2007,"in_k2008":2008,"in_k2009":2009})"
            "\n");
}

TEST(RunBatches, TheFooterHoldsEnvironmentFacetsAndVersions) {
  auto events = load_events("plain_run");
  std::get<RunStarted>(events.front().event).profile_facets = {{"product", Value("X1")}};
  const auto accumulator = accumulate(events);
  const RunRows rows = accumulator->rows();
  EXPECT_EQ(footer_value(rows, "schema_version"), "1.0");
  EXPECT_EQ(footer_value(rows, "source_events"), "[]");
  EXPECT_EQ(footer_value(rows, "profile_facets_json"), R"({"product":"X1"})");
  EXPECT_THAT(footer_value(rows, "environment_json"), HasSubstr("00c0ffee00c0ffee"));
  EXPECT_NE(footer_value(rows, "litmus_version"), "");
  EXPECT_NE(footer_value(rows, "writer"), "");
}

}  // namespace
}  // namespace litmus
