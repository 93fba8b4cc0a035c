// SPDX-License-Identifier: Apache-2.0
#include "store/run_file.h"

#include <arrow/array/array_base.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <sys/stat.h>

#include <atomic>
#include <cmath>
#include <functional>
#include <limits>
#include <thread>

#include "base/faulty_file_system.h"
#include "base/forwarding_file_system.h"
#include "base/temporary_folder.h"
#include "litmus/error.h"
#include "store/data_layout.h"
#include "store/run_file_reader.h"
#include "store/run_file_stream.h"

namespace litmus {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kRunA = "aaaaaaaa-0000-4000-8000-000000000001";
constexpr const char* kRunB = "bbbbbbbb-0000-4000-8000-000000000002";

template <class Builder, class Append>
std::shared_ptr<arrow::Array> column(std::int64_t rows, Builder builder, Append append) {
  for (std::int64_t i = 0; i < rows; ++i) {
    if (!append(builder, i).ok()) return nullptr;
  }
  return builder.Finish().ValueOrDie();
}

// Columns of each type that a run file has, with nulls, non-finite numbers and repetition.
std::shared_ptr<arrow::RecordBatch> make_rows(const std::string& run_id, std::int64_t rows) {
  const auto time = arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
  const double odd[] = {std::nan(""), std::numeric_limits<double>::infinity(),
                        -std::numeric_limits<double>::infinity(), -0.0};
  const auto pool = arrow::default_memory_pool();
  const auto texts = std::make_shared<arrow::StringBuilder>(pool);
  std::vector<std::shared_ptr<arrow::Array>> arrays{
      column(rows, arrow::StringBuilder(),
             [](auto& b, std::int64_t i) { return b.Append(i == 0 ? "run" : "measurement"); }),
      column(rows, arrow::StringBuilder(), [&](auto& b, std::int64_t) { return b.Append(run_id); }),
      column(rows, arrow::TimestampBuilder(time, pool),
             [](auto& b, std::int64_t i) {
               return i % 5 == 0 ? b.AppendNull() : b.Append(1'773'153'022'123'456 + i * 37);
             }),
      column(rows, arrow::DoubleBuilder(),
             [&](auto& b, std::int64_t i) {
               return b.Append(i < 4 ? odd[i] : std::sin(static_cast<double>(i)));
             }),
      column(rows, arrow::DoubleBuilder(), [](auto& b, std::int64_t) { return b.AppendNull(); }),
      column(rows, arrow::Int64Builder(), [](auto& b, std::int64_t i) { return b.Append(i); }),
      column(rows, arrow::Int64Builder(), [](auto& b, std::int64_t i) { return b.Append(i / 40); }),
      column(rows, arrow::BooleanBuilder(),
             [](auto& b, std::int64_t i) { return b.Append(i % 3 == 0); }),
      column(rows, arrow::ListBuilder(pool, texts), [&](auto& b, std::int64_t i) {
        auto status = b.Append();
        if (i % 2 == 0 && status.ok()) status = texts->Append("dmm");
        return status;
      })};
  const auto schema = arrow::schema(
      {arrow::field("record_type", arrow::utf8()), arrow::field("run_id", arrow::utf8()),
       arrow::field("at", time), arrow::field("value", arrow::float64()),
       arrow::field("in_psu.voltage", arrow::float64()), arrow::field("row_seq", arrow::int64()),
       arrow::field("step_index", arrow::int64()), arrow::field("flag", arrow::boolean()),
       arrow::field("names", arrow::list(arrow::utf8()))});
  return arrow::RecordBatch::Make(schema, rows, arrays);
}

std::shared_ptr<arrow::RecordBatchReader> reader_of(const std::shared_ptr<arrow::RecordBatch>& rows,
                                                    std::int64_t rows_per_batch = 16 * 1024) {
  std::vector<std::shared_ptr<arrow::RecordBatch>> parts;
  for (std::int64_t at = 0; at < rows->num_rows(); at += rows_per_batch) {
    parts.push_back(rows->Slice(at, rows_per_batch));
  }
  return arrow::RecordBatchReader::Make(parts, rows->schema()).ValueOrDie();
}

std::string encode(const std::shared_ptr<arrow::RecordBatch>& rows,
                   const RunFileMetadata& metadata = {}) {
  const auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
  encode_run_file(*stream, *reader_of(rows), metadata);
  return stream->Finish().ValueOrDie()->ToString();
}

class RunFileTest : public testing::Test {
 protected:
  RunFile file(const std::string& run_id) {
    RunFile file;
    file.folder = folder_ / "runs/2026-03-10";
    file.stem = "20260310T143022Z_SN001";
    file.run_id = run_id;
    file.metadata = {{"schema_version", "1.0"}};
    return file;
  }
  std::string publish(const RunFile& file, std::int64_t rows = 10,
                      FileSystem& files = posix_file_system()) {
    return publish_run_file(files, file, *reader_of(make_rows(file.run_id, rows))).path;
  }
  std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const auto& entry : posix_file_system().list(file(kRunA).folder))
      names.push_back(entry.name);
    return names;
  }
  std::int64_t rows_of(const std::string& path) {
    return RunFileReader(posix_file_system(), path).row_count();
  }

  TemporaryFolder folder_;
};

TEST_F(RunFileTest, WhatIsWrittenIsReadBackEqual) {
  for (const std::int64_t rows : {1, 2, 1000, 40'000}) {
    const auto written = make_rows(kRunA, rows);
    const RunFileReader reader("test", encode(written, {{"a", "1"}, {"b", "ä"}}));
    EXPECT_EQ(reader.row_count(), rows);
    EXPECT_EQ(reader.run_id(), kRunA);
    EXPECT_EQ(reader.metadata(), (RunFileMetadata{{"a", "1"}, {"b", "ä"}}));
    EXPECT_EQ(reader.metadata("b"), "ä");
    EXPECT_EQ(reader.metadata("c"), std::nullopt);
    const auto table = arrow::Table::FromRecordBatches({written}).ValueOrDie();
    const auto options = arrow::EqualOptions::Defaults().nans_equal(true).signed_zeros_equal(false);
    EXPECT_TRUE(reader.rows()->Equals(*table, options)) << rows;
    EXPECT_TRUE(reader.schema()->Equals(*written->schema()));
  }
}

TEST_F(RunFileTest, TheSameRowsGiveTheSameBytes) {
  EXPECT_EQ(encode(make_rows(kRunA, 5000)), encode(make_rows(kRunA, 5000)));
}

TEST_F(RunFileTest, RowGroupsAreBoundedAndHaveStatisticsPageIndexAndChecksums) {
  const std::int64_t rows = kRowsPerGroup + 1000;
  const std::string bytes = encode(make_rows(kRunA, rows));
  const auto reader = parquet::ParquetFileReader::Open(
      std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(bytes)));
  const auto footer = reader->metadata();
  EXPECT_EQ(footer->version(), parquet::ParquetVersion::PARQUET_2_6);
  ASSERT_EQ(footer->num_row_groups(), 2);
  EXPECT_EQ(footer->RowGroup(0)->num_rows(), kRowsPerGroup);
  EXPECT_EQ(footer->RowGroup(1)->num_rows(), 1000);
  for (int i = 0; i < footer->num_columns(); ++i) {
    const auto chunk = footer->RowGroup(0)->ColumnChunk(i);
    EXPECT_TRUE(chunk->is_stats_set()) << i;
    EXPECT_TRUE(chunk->GetColumnIndexLocation().has_value()) << i;
    EXPECT_TRUE(chunk->GetOffsetIndexLocation().has_value()) << i;
  }
}

TEST_F(RunFileTest, OnlyColumnsWithSomethingToCompressAreCompressed) {
  const std::string bytes = encode(make_rows(kRunA, 1000));
  const auto reader = parquet::ParquetFileReader::Open(
      std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(bytes)));
  const auto group = reader->metadata()->RowGroup(0);
  EXPECT_EQ(group->ColumnChunk(1)->compression(), parquet::Compression::UNCOMPRESSED);  // run_id
  EXPECT_EQ(group->ColumnChunk(3)->compression(), parquet::Compression::ZSTD);          // value
  EXPECT_EQ(group->ColumnChunk(4)->compression(), parquet::Compression::UNCOMPRESSED);  // all null
}

TEST_F(RunFileTest, AFlippedBitInAnyPageIsFound) {
  const std::string bytes = encode(make_rows(kRunA, 200));
  int found = 0;
  int tried = 0;
  for (std::size_t at = 4; at < bytes.size() / 2; at += 37, ++tried) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    try {
      const auto table = RunFileReader("damaged.parquet", damaged).rows();
      // Only what no reader looks at may go unnoticed.
      EXPECT_TRUE(table->Equals(*RunFileReader("test", bytes).rows(),
                                arrow::EqualOptions::Defaults().nans_equal(true)))
          << at;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kCorrupt);
      EXPECT_THAT(error.what(), HasSubstr("damaged.parquet"));
      ++found;
    }
  }
  EXPECT_GT(tried, 20);
  EXPECT_GT(found, tried / 2);
}

TEST_F(RunFileTest, WhatIsNoRunFileIsRefusedByName) {
  for (const std::string& bytes : {std::string(), std::string("PAR1"), std::string(5000, 'x')}) {
    try {
      const RunFileReader reader("some.parquet", bytes);
      ADD_FAILURE() << "accepted " << bytes.size() << " bytes";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kCorrupt);
      EXPECT_THAT(error.what(), HasSubstr("some.parquet"));
    }
  }
}

TEST_F(RunFileTest, TheFileAppearsUnderItsNameAndNothingElseStays) {
  const std::string path = publish(file(kRunA));
  EXPECT_EQ(path, join_path(file(kRunA).folder, "20260310T143022Z_SN001.parquet"));
  EXPECT_THAT(names(), ElementsAre("20260310T143022Z_SN001.parquet"));
  EXPECT_EQ(rows_of(path), 10);
}

TEST_F(RunFileTest, TwoRunsOfOneSerialInTheSameSecondBothStay) {
  const std::string first = publish(file(kRunA), 10);
  const std::string second = publish(file(kRunB), 20);
  EXPECT_EQ(file_name(second), "20260310T143022Z_SN001_2.parquet");
  EXPECT_EQ(rows_of(first), 10);
  EXPECT_EQ(rows_of(second), 20);
}

TEST_F(RunFileTest, ARunReplacesItsOwnFileOnly) {
  const std::string first = publish(file(kRunA), 10);
  const std::string second = publish(file(kRunB), 20);
  EXPECT_EQ(publish(file(kRunB), 21), second);
  EXPECT_EQ(publish(file(kRunA), 11), first);
  EXPECT_EQ(rows_of(first), 11);
  EXPECT_EQ(rows_of(second), 21);
  // Also where an earlier name became free.
  posix_file_system().remove(first);
  EXPECT_EQ(publish(file(kRunB), 22), second);
  EXPECT_EQ(names().size(), 1U);
}

TEST_F(RunFileTest, ANameThatAnotherRunTakesAtTheLastMomentIsLeftToIt) {
  class Racing final : public ForwardingFileSystem {
   public:
    std::function<void()> other;
    void rename_new(const std::string& from, const std::string& to) override {
      if (const auto act = std::exchange(other, nullptr)) act();
      ForwardingFileSystem::rename_new(from, to);
    }
  };
  Racing files;
  std::string first;
  files.other = [&] { first = publish(file(kRunB), 20); };
  const std::string second = publish(file(kRunA), 10, files);
  EXPECT_EQ(file_name(first), "20260310T143022Z_SN001.parquet");
  EXPECT_EQ(file_name(second), "20260310T143022Z_SN001_2.parquet");
  EXPECT_EQ(rows_of(first), 20);
  EXPECT_EQ(rows_of(second), 10);
}

TEST_F(RunFileTest, WhoeverComesSecondChangesNothing) {
  class Racing final : public ForwardingFileSystem {
   public:
    std::function<void()> other;
    std::unique_ptr<FolderLock> lock_folder(const std::string& folder) override {
      if (const auto act = std::exchange(other, nullptr)) act();
      return ForwardingFileSystem::lock_folder(folder);
    }
  };
  RunFile first = file(kRunA);
  first.metadata = {{"source_events", "ten"}};
  RunFile second = file(kRunA);
  second.metadata = {{"source_events", "eleven"}};
  Racing files;
  files.other = [&] { publish(first, 10); };
  const auto published = publish_run_file(files, second, *reader_of(make_rows(kRunA, 11)));
  EXPECT_FALSE(published.written);
  EXPECT_THAT(names(), ElementsAre(file_name(published.path)));
  EXPECT_EQ(rows_of(published.path), 10);
  second.replaces = "ten";
  EXPECT_EQ(publish(second, 11), published.path);
  EXPECT_EQ(rows_of(published.path), 11);
}

TEST_F(RunFileTest, ManyAtOnceMakeOneFile) {
  const std::vector<int> turns(100);
  std::atomic<int> written = 0;
  const auto rows = make_rows(kRunA, 10);
  const auto work = [&] {
    for ([[maybe_unused]] const int turn : turns) {
      RunFile run = file(kRunA);
      run.metadata = {{"source_events", "ten"}};
      written += publish_run_file(posix_file_system(), run, *reader_of(rows)).written ? 1 : 0;
    }
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_EQ(written, 1);
  EXPECT_THAT(names(), ElementsAre("20260310T143022Z_SN001.parquet"));
}

TEST_F(RunFileTest, AfterAFailedWriteTheStreamTakesNothingMore) {
  FaultyFileSystem files;
  const std::string path = folder_ / "x";
  const auto output = files.open_for_append(path, FileSystem::Create::kNew);
  RunFileStream stream(*output);
  ASSERT_TRUE(stream.Write("abc", 3).ok());
  files.fail_at(FaultyFileSystem::Operation::kWrite, 0);
  EXPECT_FALSE(stream.Flush().ok());
  EXPECT_FALSE(stream.Write("def", 3).ok());
  EXPECT_TRUE(stream.Close().ok());
  EXPECT_EQ(output->size(), 0U);
  EXPECT_THROW(std::rethrow_exception(stream.error()), Error);
}

TEST_F(RunFileTest, ADamagedFileKeepsItsName) {
  const std::string damaged =
      folder_.write("runs/2026-03-10/20260310T143022Z_SN001.parquet", "junk");
  const std::string path = publish(file(kRunA));
  EXPECT_EQ(file_name(path), "20260310T143022Z_SN001_2.parquet");
  EXPECT_EQ(posix_file_system().read(damaged)->bytes().size(), 4U);
}

TEST_F(RunFileTest, TheSerialCannotLeaveTheFolderOrBecomeTooLong) {
  const Timestamp start{std::chrono::microseconds(1'773'153'022'123'456)};
  EXPECT_EQ(run_file_stem(start, " SN001 "), "20260310T143022Z_SN001");
  EXPECT_EQ(run_file_stem(start, "  "), "20260310T143022Z");
  EXPECT_EQ(run_file_stem(start, "../../a/b"), "20260310T143022Z_..-..-a-b");
  RunFile long_one = file(kRunA);
  long_one.stem = run_file_stem(start, std::string(500, '/'));
  EXPECT_EQ(long_one.stem, "20260310T143022Z_" + std::string(80, '-'));
  EXPECT_EQ(parent_folder(publish(long_one)), long_one.folder);
}

TEST_F(RunFileTest, TheUmaskDecidesWhoMayRead) {
  const auto mode_with = [&](mode_t mask) {
    const mode_t before = ::umask(mask);
    const std::string path = publish(file(kRunA));
    ::umask(before);
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 0777U;
  };
  EXPECT_EQ(mode_with(0022), 0644U);
  EXPECT_EQ(mode_with(0007), 0660U);
  EXPECT_EQ(mode_with(0077), 0600U);
}

TEST_F(RunFileTest, LargeValuesAreThereBeforeTheFileIs) {
  RunFile run = file(kRunA);
  run.blobs = {{folder_.write("events/x_ref/abcdef01_trace.npz", "samples"), "abcdef01_trace.npz"}};
  FaultyFileSystem files;
  files.fail_at(FaultyFileSystem::Operation::kRename, 0);
  EXPECT_THROW(publish(run, 10, files), Error);
  const std::string linked = join_path(run.folder, "20260310T143022Z_SN001_ref/abcdef01_trace.npz");
  EXPECT_TRUE(posix_file_system().exists(linked));
  EXPECT_EQ(publish(run, 10, files), join_path(run.folder, "20260310T143022Z_SN001.parquet"));
  EXPECT_EQ(run_ref_folder(publish(run)), parent_folder(linked));
  EXPECT_EQ(posix_file_system().read(linked)->bytes().size(), 7U);
}

// At every moment the run has its old file or its new one (or, the first time, none), whole.
TEST_F(RunFileTest, WhateverFailsLeavesTheOldFileOrTheNewOne) {
  using Operation = FaultyFileSystem::Operation;
  const std::vector<std::pair<const char*, std::function<void(FaultyFileSystem&, int)>>> faults{
      {"open", [](auto& files, int n) { files.fail_at(Operation::kOpen, n); }},
      {"write", [](auto& files, int n) { files.fail_at(Operation::kWrite, n); }},
      {"torn write", [](auto& files, int n) { files.cut_write_at(n, 777); }},
      {"sync", [](auto& files, int n) { files.fail_at(Operation::kSync, n); }},
      {"rename", [](auto& files, int n) { files.fail_at(Operation::kRename, n); }},
      {"sync of the folder", [](auto& files, int n) { files.fail_at(Operation::kSyncFolder, n); }},
      {"full disk", [](auto& files, int n) {
         files.set_free_space(static_cast<std::uint64_t>(n) * 1'500'000);
       }}};
  // Large enough for several writes.
  constexpr std::int64_t kOld = 130'000;
  constexpr std::int64_t kNew = 140'000;
  for (const bool replacing : {false, true}) {
    for (const auto& [name, fail] : faults) {
      bool succeeded = false;
      int failures = 0;
      for (int n = 0; !succeeded && n < 50; ++n) {
        std::filesystem::remove_all(file(kRunA).folder);
        if (replacing) publish(file(kRunA), kOld);
        FaultyFileSystem files;
        fail(files, n);
        try {
          publish(file(kRunA), kNew, files);
          succeeded = true;
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), Code::kIo) << error.what();
          ++failures;
        }
        const auto found = names();
        if (!replacing && !succeeded && found.empty()) continue;
        ASSERT_THAT(found, ElementsAre("20260310T143022Z_SN001.parquet")) << name << " " << n;
        const std::int64_t rows = rows_of(join_path(file(kRunA).folder, found[0]));
        EXPECT_TRUE(rows == kNew || (rows == kOld && replacing && !succeeded)) << name << " " << n;
      }
      EXPECT_TRUE(succeeded) << name;
      EXPECT_GT(failures, 0) << name;
    }
  }
}

TEST_F(RunFileTest, TheErrorSaysWhyTheFileCouldNotBeWritten) {
  FaultyFileSystem files;
  files.set_free_space(100);
  try {
    publish(file(kRunA), 10, files);
    ADD_FAILURE() << "written to a full disk";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kIo);
    EXPECT_THAT(error.what(), HasSubstr("No space left on device"));
  }
  EXPECT_THAT(names(), IsEmpty());
}

}  // namespace
}  // namespace litmus
