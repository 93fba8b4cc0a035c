// SPDX-License-Identifier: Apache-2.0
#include "store/small_run_file.h"

#include <arrow/array/array_base.h>
#include <arrow/array/builder_base.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/array/util.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <gtest/gtest.h>
#include <parquet/arrow/writer.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>
#include <parquet/schema.h>
#include <parquet/statistics.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "store/run_file_reader.h"
#include "store/small_run_file_reader.h"

namespace litmus {
namespace {

const auto kTime = arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");

std::shared_ptr<arrow::RecordBatch> batch_of(const arrow::FieldVector& fields,
                                             const arrow::ArrayVector& arrays) {
  return arrow::RecordBatch::Make(arrow::schema(fields), arrays.front()->length(), arrays);
}

// The columns that a run file needs, so that its reader takes it.
std::shared_ptr<arrow::RecordBatch> with_run_columns(const std::shared_ptr<arrow::Field>& field,
                                                     const std::shared_ptr<arrow::Array>& array) {
  arrow::StringBuilder type;
  arrow::StringBuilder run_id;
  for (std::int64_t i = 0; i < array->length(); ++i) {
    EXPECT_TRUE(type.Append(i == 0 ? "run" : "measurement").ok() && run_id.Append("run-1").ok());
  }
  return batch_of(
      {arrow::field("record_type", arrow::utf8()), arrow::field("run_id", arrow::utf8()), field},
      {type.Finish().ValueOrDie(), run_id.Finish().ValueOrDie(), array});
}

std::unique_ptr<parquet::ParquetFileReader> open(const std::string& bytes) {
  return parquet::ParquetFileReader::Open(
      std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(bytes)));
}

std::string written_by_arrow(const arrow::Table& table) {
  const auto out = arrow::io::BufferOutputStream::Create().ValueOrDie();
  EXPECT_TRUE(parquet::arrow::WriteTable(
                  table, arrow::default_memory_pool(), out, table.num_rows(),
                  parquet::WriterProperties::Builder().enable_page_checksum()->build(),
                  parquet::ArrowWriterProperties::Builder().store_schema()->build())
                  .ok());
  return out->Finish().ValueOrDie()->ToString();
}

// Schema, counts and statistics, as far as they do not depend on encodings.
void expect_same_footer(const parquet::FileMetaData& ours, const parquet::FileMetaData& arrows) {
  EXPECT_TRUE(ours.schema()->Equals(*arrows.schema()));
  EXPECT_EQ(ours.version(), arrows.version());
  EXPECT_EQ(ours.num_rows(), arrows.num_rows());
  ASSERT_EQ(ours.num_row_groups(), 1);
  EXPECT_EQ(*ours.key_value_metadata()->Get("ARROW:schema"),
            *arrows.key_value_metadata()->Get("ARROW:schema"));
  for (int i = 0; i < ours.num_columns(); ++i) {
    const auto chunk = ours.RowGroup(0)->ColumnChunk(i);
    const auto expected = arrows.RowGroup(0)->ColumnChunk(i);
    SCOPED_TRACE(chunk->path_in_schema()->ToDotString());
    EXPECT_EQ(chunk->path_in_schema()->ToDotVector(), expected->path_in_schema()->ToDotVector());
    EXPECT_EQ(chunk->num_values(), expected->num_values());
    const auto range = chunk->statistics();
    const auto expected_range = expected->statistics();
    ASSERT_TRUE(range && expected_range);
    EXPECT_EQ(range->null_count(), expected_range->null_count());
    EXPECT_EQ(range->HasMinMax(), expected_range->HasMinMax());
    EXPECT_EQ(range->EncodeMin(), expected_range->EncodeMin());
    EXPECT_EQ(range->EncodeMax(), expected_range->EncodeMax());
  }
}

std::shared_ptr<arrow::RecordBatch> read_small(const std::string& bytes,
                                               bool (*is_wanted)(std::string_view)) {
  return read_small_run_file({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()},
                             is_wanted);
}

bool any_column(std::string_view) { return true; }

// The file holds the rows, bit by bit, and differs from the one of Arrow's writer in nothing that a
// reader asks for.
void expect_as_arrow_writes(const std::shared_ptr<arrow::RecordBatch>& rows) {
  const auto bytes = encode_small_run_file(*rows, {{"key", "value"}});
  ASSERT_TRUE(bytes.has_value());
  const RunFileReader reader("small", *bytes);
  EXPECT_EQ(reader.run_id(), "run-1");
  EXPECT_EQ(reader.metadata(), (RunFileMetadata{{"key", "value"}}));
  const auto expected = arrow::Table::FromRecordBatches({rows}).ValueOrDie();
  const std::string arrows = written_by_arrow(*expected);
  const RunFileReader arrow_reader("arrow", arrows);
  EXPECT_TRUE(reader.schema()->Equals(*arrow_reader.schema(), /*check_metadata=*/true));
  const auto options = arrow::EqualOptions::Defaults().nans_equal(true).signed_zeros_equal(false);
  EXPECT_TRUE(reader.rows()->Equals(*expected, options)) << rows->ToString();
  EXPECT_TRUE(reader.rows()->Equals(*arrow_reader.rows(), options));
  const auto read = read_small(*bytes, any_column);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->ValidateFull().ok());
  EXPECT_TRUE(read->Equals(*rows, /*check_metadata=*/true, options)) << rows->ToString();
  expect_same_footer(*open(*bytes)->metadata(), *open(arrows)->metadata());
}

std::shared_ptr<parquet::Statistics> statistics_of(
    const std::shared_ptr<arrow::RecordBatch>& rows) {
  return open(*encode_small_run_file(*rows, {}))
      ->metadata()
      ->RowGroup(0)
      ->ColumnChunk(2)
      ->statistics();
}

const std::array kOdd{std::nan(""),
                      std::numeric_limits<double>::infinity(),
                      -std::numeric_limits<double>::infinity(),
                      -0.0,
                      0.0,
                      5e-324};
const std::array<std::string, 4> kTexts{"", "Größe ", "電圧 ", "\U0001F50C \n\""};

// Values of each type: few different ones or many, with few nulls or many.
class Values {
 public:
  Values(std::mt19937_64& random, std::uint64_t different, unsigned null_share)
      : random_(random), different_(different), null_share_(null_share) {}

  std::shared_ptr<arrow::Array> of(const std::shared_ptr<arrow::DataType>& type,
                                   std::int64_t rows) {
    const auto builder = arrow::MakeBuilder(type).ValueOrDie();
    for (std::int64_t i = 0; i < rows; ++i) append(*builder);
    return builder->Finish().ValueOrDie();
  }

 private:
  void append(arrow::ArrayBuilder& builder) {
    if (random_() % 100 < null_share_) {
      EXPECT_TRUE(builder.AppendNull().ok());
      return;
    }
    const std::uint64_t value = random_() % different_ * 0x9E3779B97F4A7C15U;
    const auto number = static_cast<std::int64_t>(value);
    switch (builder.type()->id()) {
      case arrow::Type::BOOL:
        return check(static_cast<arrow::BooleanBuilder&>(builder).Append((value >> 60U & 1U) != 0));
      case arrow::Type::INT32:
        return check(
            static_cast<arrow::Int32Builder&>(builder).Append(static_cast<std::int32_t>(number)));
      case arrow::Type::INT64:
        return check(static_cast<arrow::Int64Builder&>(builder).Append(number));
      case arrow::Type::TIMESTAMP:
        return check(static_cast<arrow::TimestampBuilder&>(builder).Append(number));
      case arrow::Type::DOUBLE:
        return check(static_cast<arrow::DoubleBuilder&>(builder).Append(
            value % 5 == 1 ? kOdd.at(value % kOdd.size()) : static_cast<double>(number) / 1e12));
      case arrow::Type::STRING:
        return check(static_cast<arrow::StringBuilder&>(builder).Append(
            value % 11 == 0 ? "" : kTexts.at(value % kTexts.size()) + std::to_string(number)));
      default: break;
    }
    auto& list = static_cast<arrow::ListBuilder&>(builder);
    check(list.Append());
    for (std::uint64_t left = value >> 62U; left > 0; --left) append(*list.value_builder());
  }
  static void check(const arrow::Status& status) { EXPECT_TRUE(status.ok()); }

  std::mt19937_64& random_;
  std::uint64_t different_;
  unsigned null_share_;
};

const std::array kTypes{arrow::utf8(),
                        arrow::int64(),
                        arrow::int32(),
                        arrow::float64(),
                        arrow::boolean(),
                        kTime,
                        arrow::list(arrow::utf8()),
                        arrow::list(arrow::boolean()),
                        arrow::list(arrow::float64())};

TEST(SmallRunFileTest, AColumnOfAnyTypeAndShapeIsAsArrowWritesIt) {
  // NOLINTNEXTLINE(bugprone-random-generator-seed): the same rows in every run
  std::mt19937_64 random(1);
  for (const auto& type : kTypes) {
    for (const std::int64_t rows : {1, 7, 8, 9, 17, 33, 130}) {
      for (const std::uint64_t different : {1, 3, 9, 100'000}) {
        for (const unsigned null_share : {0U, 30U, 100U}) {
          SCOPED_TRACE(testing::Message() << type->ToString() << ", " << rows << " rows, "
                                          << different << " values, " << null_share << " % null");
          expect_as_arrow_writes(with_run_columns(
              arrow::field("column", type), Values(random, different, null_share).of(type, rows)));
        }
      }
    }
  }
}

TEST(SmallRunFileTest, ColumnsOfAllTypesTogetherAreAsArrowWritesThem) {
  // NOLINTNEXTLINE(bugprone-random-generator-seed): the same rows in every run
  std::mt19937_64 random(3);
  for (int repetition = 0; repetition < 60; ++repetition) {
    const auto rows = static_cast<std::int64_t>(repetition == 0 ? 1024 : 1 + random() % 200);
    auto batch = with_run_columns(arrow::field("number", arrow::float64()),
                                  Values(random, 1000, 5).of(arrow::float64(), rows));
    for (std::uint64_t column = random() % 40; column > 0; --column) {
      const auto& type = kTypes.at(random() % kTypes.size());
      const auto shape = Values(random, 1 + random() % 200, static_cast<unsigned>(random() % 101));
      batch = batch
                  ->AddColumn(batch->num_columns(),
                              arrow::field("column_" + std::to_string(column), type),
                              Values(shape).of(type, rows))
                  .ValueOrDie();
    }
    SCOPED_TRACE(repetition);
    expect_as_arrow_writes(batch);
  }
}

TEST(SmallRunFileTest, NumbersAtTheEndsOfTheirRangeAreAsArrowWritesThem) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  arrow::Int64Builder numbers;
  ASSERT_TRUE(numbers.AppendValues({kMin, kMax, -1, 0, 1, kMax, kMin + 1, 5, kMax - 7}).ok());
  expect_as_arrow_writes(
      with_run_columns(arrow::field("n", arrow::int64()), numbers.Finish().ValueOrDie()));
}

TEST(SmallRunFileTest, ASliceOfALargerColumnIsAsArrowWritesIt) {
  // NOLINTNEXTLINE(bugprone-random-generator-seed): the same rows in every run
  std::mt19937_64 random(2);
  const auto type = arrow::list(arrow::utf8());
  const auto rows = with_run_columns(arrow::field("l", type), Values(random, 50, 20).of(type, 90));
  expect_as_arrow_writes(rows->Slice(31, 40));
}

TEST(SmallRunFileTest, OnlyWantedColumnsAreRead) {
  const auto rows = with_run_columns(arrow::field("n", arrow::int64()),
                                     arrow::MakeArrayOfNull(arrow::int64(), 3).ValueOrDie());
  const auto read = read_small(*encode_small_run_file(*rows, {}),
                               [](std::string_view column) { return column != "record_type"; });
  ASSERT_TRUE(read);
  EXPECT_EQ(read->schema()->field_names(), (std::vector<std::string>{"run_id", "n"}));
}

TEST(SmallRunFileTest, FilesOfOtherWritersAreLeftToTheGeneralReader) {
  const auto rows = with_run_columns(arrow::field("n", arrow::int64()),
                                     arrow::MakeArrayOfNull(arrow::int64(), 3).ValueOrDie());
  const auto table = arrow::Table::FromRecordBatches({rows}).ValueOrDie();
  EXPECT_FALSE(read_small(written_by_arrow(*table), any_column));
  EXPECT_FALSE(read_small("", any_column));
  EXPECT_FALSE(read_small("PAR1 no", any_column));
}

// Of a damaged page nothing is given; damage of the footer, which has no checksum, gives rows that
// can be handled.
TEST(SmallRunFileTest, DamagedFilesAreLeftToTheGeneralReader) {
  // NOLINTNEXTLINE(bugprone-random-generator-seed): the same damages in every run
  std::mt19937_64 random(4);
  auto rows = with_run_columns(arrow::field("number", arrow::float64()),
                               Values(random, 1000, 5).of(arrow::float64(), 90));
  for (const auto& type : kTypes) {
    rows = rows->AddColumn(rows->num_columns(), arrow::field(type->ToString(), type),
                           Values(random, 30, 20).of(type, 90))
               .ValueOrDie();
  }
  const std::string whole = *encode_small_run_file(*rows, {{"key", "value"}});
  std::uint32_t footer_size = 0;
  std::memcpy(&footer_size, whole.data() + whole.size() - 8, 4);
  const std::size_t pages_end = whole.size() - 8 - footer_size;
  const auto options = arrow::EqualOptions::Defaults().nans_equal(true).signed_zeros_equal(false);
  int noticed = 0;
  for (int i = 0; i < 10'000; ++i) {
    std::string bytes = whole;
    char& byte = bytes[4 + random() % (pages_end - 4)];
    byte = static_cast<char>(byte ^ (1 << random() % 8));
    const auto read = read_small(bytes, any_column);
    if (!read) ++noticed;
    if (read) {
      ASSERT_TRUE(read->Equals(*rows, options));  // of a page's header, not read
    }
  }
  EXPECT_GT(noticed, 8'000);
  for (int i = 0; i < 10'000; ++i) {
    std::string bytes = whole;
    char& byte = bytes[pages_end + random() % (bytes.size() - pages_end)];
    byte = static_cast<char>(byte ^ (1 << random() % 8));
    if (i % 4 == 0) bytes.resize(random() % bytes.size());
    const auto read = read_small(bytes, any_column);
    if (read) {
      ASSERT_TRUE(read->ValidateFull().ok());
    }
  }
}

TEST(SmallRunFileTest, RangesLeaveOutNaNAndTakeZerosOfBothSigns) {
  arrow::DoubleBuilder values;
  ASSERT_TRUE(values.AppendValues({std::nan(""), 0.0, 2.5, -0.0}).ok() && values.AppendNull().ok());
  const auto statistics = statistics_of(
      with_run_columns(arrow::field("v", arrow::float64()), values.Finish().ValueOrDie()));
  EXPECT_EQ(statistics->null_count(), 1);
  ASSERT_TRUE(statistics->HasMinMax());
  const auto& range = static_cast<const parquet::DoubleStatistics&>(*statistics);
  EXPECT_EQ(range.min(), 0);
  EXPECT_TRUE(std::signbit(range.min()));
  EXPECT_EQ(range.max(), 2.5);
}

TEST(SmallRunFileTest, LongTextsAreKeptButNotInTheRange) {
  arrow::StringBuilder texts;
  ASSERT_TRUE(texts.Append(std::string(100'000, 'e')).ok() && texts.Append("short").ok());
  const auto rows = with_run_columns(arrow::field("t", arrow::utf8()), texts.Finish().ValueOrDie());
  EXPECT_FALSE(statistics_of(rows)->HasMinMax());
  expect_as_arrow_writes(rows);
}

TEST(SmallRunFileTest, WhatDoesNotFitIsLeftToTheGeneralWriter) {
  const auto column = [](const std::shared_ptr<arrow::DataType>& type, std::int64_t rows) {
    return with_run_columns(arrow::field("c", type),
                            arrow::MakeArrayOfNull(type, rows).ValueOrDie());
  };
  EXPECT_TRUE(encode_small_run_file(*column(arrow::utf8(), 1024), {}).has_value());
  EXPECT_FALSE(encode_small_run_file(*column(arrow::utf8(), 1025), {}).has_value());
  EXPECT_FALSE(encode_small_run_file(*column(arrow::int8(), 3), {}).has_value());
  EXPECT_FALSE(
      encode_small_run_file(*column(arrow::list(arrow::list(arrow::utf8())), 3), {}).has_value());
  EXPECT_FALSE(encode_small_run_file(*column(arrow::timestamp(arrow::TimeUnit::NANO, "UTC"), 3), {})
                   .has_value());
  arrow::StringBuilder text;
  ASSERT_TRUE(text.Append(std::string(300'000, 'x')).ok());
  EXPECT_FALSE(
      encode_small_run_file(
          *with_run_columns(arrow::field("t", arrow::utf8()), text.Finish().ValueOrDie()), {})
          .has_value());
}

}  // namespace
}  // namespace litmus
