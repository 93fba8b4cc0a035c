// SPDX-License-Identifier: Apache-2.0
#include "results/table_cells.h"

#include <arrow/array/builder_decimal.h>
#include <arrow/array/builder_dict.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/table.h>
#include <gtest/gtest.h>

#include "results/run_file_fixture.h"
#include "store/arrow_status.h"

namespace litmus {
namespace {

std::shared_ptr<arrow::Table> table_with(arrow::ArrayBuilder& builder) {
  const auto column = value_or_throw(builder.Finish(), "build a column");
  return arrow::Table::Make(arrow::schema({arrow::field("x", column->type())}), {column});
}

TEST(TableCells, GiveEachKindByName) {
  const auto table = table_of({{{"dut_serial", "SN1"},
                                {"measurement_value", 3.25},
                                {"step_index", 4},
                                {"measurement_bool", true},
                                {"run_started_at", "2026-03-10T14:30:22.123456Z"}}});
  EXPECT_EQ(CellColumn(*table, "dut_serial").text(0), "SN1");
  EXPECT_EQ(CellColumn(*table, "measurement_value").number(0), 3.25);
  EXPECT_EQ(CellColumn(*table, "step_index").integer(0), 4);
  EXPECT_EQ(CellColumn(*table, "step_index").number(0), 4.0);
  EXPECT_EQ(CellColumn(*table, "measurement_bool").boolean(0), true);
  EXPECT_EQ(CellColumn(*table, "run_started_at").time(0),
            parse_iso8601("2026-03-10T14:30:22.123456Z"));
}

TEST(TableCells, MissingColumnNullAndOtherKindReadAsNothing) {
  const auto table = table_of({{{"in_a", "text"}, {"in_b", Value()}}});
  EXPECT_EQ(CellColumn(*table, "nowhere").text(0), std::nullopt);
  EXPECT_EQ(CellColumn(*table, "in_b").text(0), std::nullopt);
  EXPECT_EQ(CellColumn(*table, "in_a").number(0), std::nullopt);
  EXPECT_EQ(CellColumn(*table, "in_a").time(0), std::nullopt);
  EXPECT_EQ(CellColumn().text(0), std::nullopt);
}

TEST(TableCells, ValueIsWhateverIsThere) {
  const auto table = table_of({{{"in_a", "text"},
                                {"in_b", 0.5},
                                {"in_c", true},
                                {"run_started_at", "2026-03-10T14:30:22Z"},
                                {"step_instruments_name", ValueList{"dmm", "psu"}}}});
  EXPECT_EQ(CellColumn(*table, "in_a").value(0), Value("text"));
  EXPECT_EQ(CellColumn(*table, "in_b").value(0), Value(0.5));
  EXPECT_EQ(CellColumn(*table, "in_c").value(0), Value(true));
  EXPECT_EQ(CellColumn(*table, "run_started_at").value(0),
            Value("2026-03-10T14:30:22.000000+00:00"));
  EXPECT_EQ(CellColumn(*table, "step_instruments_name").value(0), Value(ValueList{"dmm", "psu"}));
  EXPECT_TRUE(CellColumn(*table, "nowhere").value(0).is_null());
}

TEST(TableCells, DictionaryEncodedTextIsText) {
  arrow::StringDictionaryBuilder builder;
  for (const char* text : {"passed", "failed", "passed"}) {
    throw_if_failed(builder.Append(text), "build");
  }
  const auto table = table_with(builder);
  EXPECT_EQ(CellColumn(*table, "x").text(1), "failed");
  EXPECT_EQ(CellColumn(*table, "x").text(2), "passed");
}

TEST(TableCells, NanosecondsAreCutToMicroseconds) {
  arrow::TimestampBuilder builder(arrow::timestamp(arrow::TimeUnit::NANO),
                                  arrow::default_memory_pool());
  throw_if_failed(builder.Append(-1), "build");
  EXPECT_EQ(CellColumn(*table_with(builder), "x").time(0),
            Timestamp(std::chrono::microseconds(-1)));
}

TEST(TableCells, DecimalIsAnIntegerWithoutFractionAndElseANumber) {
  arrow::Decimal128Builder sums(arrow::decimal128(38, 0));
  throw_if_failed(sums.Append(arrow::Decimal128(12345)), "build");
  const CellColumn sum(*table_with(sums), "x");
  EXPECT_EQ(sum.value(0), Value(12345));
  EXPECT_EQ(sum.number(0), 12345.0);
  arrow::Decimal128Builder prices(arrow::decimal128(10, 2));
  throw_if_failed(prices.Append(arrow::Decimal128(-125)), "build");
  const CellColumn price(*table_with(prices), "x");
  EXPECT_EQ(price.integer(0), std::nullopt);
  EXPECT_EQ(price.value(0), Value(-1.25));
}

TEST(TableCells, DateIsItsText) {
  arrow::Date32Builder builder;
  throw_if_failed(builder.Append(20522), "build");
  EXPECT_EQ(CellColumn(*table_with(builder), "x").value(0), Value("2026-03-10"));
}

TEST(TableCells, MapAndStructAreMaps) {
  auto keys = std::make_shared<arrow::StringBuilder>();
  auto items = std::make_shared<arrow::Int64Builder>();
  arrow::MapBuilder maps(arrow::default_memory_pool(), keys, items);
  throw_if_failed(maps.Append(), "build");
  throw_if_failed(keys->Append("b"), "build");
  throw_if_failed(items->Append(2), "build");
  EXPECT_EQ(CellColumn(*table_with(maps), "x").value(0), Value(ValueMap{{"b", 2}}));

  const auto type = arrow::struct_({arrow::field("a", arrow::int64())});
  arrow::StructBuilder structs(type, arrow::default_memory_pool(), {items});
  throw_if_failed(structs.Append(), "build");
  throw_if_failed(items->Append(1), "build");
  EXPECT_EQ(CellColumn(*table_with(structs), "x").value(0), Value(ValueMap{{"a", 1}}));
}

TEST(TableCells, ColumnOfSeveralChunksIsOne) {
  const auto one = table_of({{{"dut_serial", "A"}}});
  const auto both =
      value_or_throw(arrow::ConcatenateTables({one, table_of({{{"dut_serial", "B"}}})}), "join");
  EXPECT_EQ(CellColumn(*both, "dut_serial").text(1), "B");
}

}  // namespace
}  // namespace litmus
