// SPDX-License-Identifier: Apache-2.0
#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <gmock/gmock.h>

#include <map>
#include <random>

#include "base/temporary_folder.h"
#include "litmus/channel_reference.h"
#include "store/channel_journal.h"
#include "store/channel_segment_reader.h"
#include "store/channel_segment_seal.h"
#include "store/channel_segment_writer.h"

namespace litmus {
namespace {

using ::testing::IsEmpty;

class Memory final : public FileContent {
 public:
  explicit Memory(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}
  Bytes bytes() const override { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

std::shared_ptr<arrow::Buffer> view(const void* data, std::size_t size) {
  return std::make_shared<arrow::Buffer>(static_cast<const std::uint8_t*>(data),
                                         static_cast<std::int64_t>(size));
}

// Segments of rows whose value and time are known from their number.
class ChannelSegmentTest : public ::testing::Test {
 protected:
  static constexpr int kBatches = 6;
  static constexpr int kRowsPerBatch = 3;

  std::string write(bool is_finished) {
    const std::string path = folder_ / "dmm.voltage_3fcca080.arrow";
    files_.remove(path);
    ChannelSegmentHeader header;
    header.writer_id = Uuid::random();
    header.session_id = Uuid::random();
    header.channel_id = "dmm.voltage";
    header.data_type = "scalar";
    ChannelSegmentWriter writer(files_, path, header, channel_schema(kScalar), true);
    std::vector<RowTexts> texts;
    for (int batch = 0; batch < kBatches; ++batch) {
      texts.push_back({batch % 2 == 0 ? std::optional<std::string>("V") : std::nullopt, "read",
                       "method_" + std::to_string(batch)});
      std::vector<double> values;
      std::vector<std::int64_t> times;
      for (int i = 0; i < kRowsPerBatch; ++i) {
        values.push_back((batch * kRowsPerBatch + i) * 1.5);
        times.push_back(1000 + batch * kRowsPerBatch + i);
      }
      const auto column = arrow::MakeArray(arrow::ArrayData::Make(
          arrow::float64(), kRowsPerBatch, {nullptr, view(values.data(), 8 * values.size())}, 0));
      const auto number = static_cast<std::uint8_t>(batch);
      writer.append({batch * kRowsPerBatch,
                     kRowsPerBatch,
                     view(times.data(), 8 * times.size()),
                     {column},
                     {&number, 1}},
                    texts);
    }
    if (is_finished) writer.finish();
    return path;
  }

  std::vector<std::uint8_t> bytes_of(const std::string& path) {
    const auto content = files_.read(path);
    return {content->bytes().begin(), content->bytes().end()};
  }

  // The rows that a reader gives, each checked against what was written.
  static std::pair<std::vector<std::int64_t>, ChannelSegmentReport> read(
      std::vector<std::uint8_t> bytes) {
    std::vector<std::int64_t> seqs;
    auto report = scan_channel_segment(
        std::make_shared<Memory>(std::move(bytes)),
        [&](const std::shared_ptr<arrow::RecordBatch>& rows) {
          const auto& values = static_cast<const arrow::DoubleArray&>(*rows->column(1));
          const auto& numbers =
              static_cast<const arrow::Int64Array&>(*rows->GetColumnByName("seq"));
          const auto& methods =
              static_cast<const arrow::DictionaryArray&>(*rows->GetColumnByName("source_method"));
          const auto& texts = static_cast<const arrow::StringArray&>(*methods.dictionary());
          for (std::int64_t i = 0; i < rows->num_rows(); ++i) {
            const std::int64_t seq = numbers.Value(i);
            EXPECT_EQ(values.Value(i), static_cast<double>(seq) * 1.5);
            EXPECT_EQ(texts.GetView(methods.GetValueIndex(i)),
                      "method_" + std::to_string(seq / kRowsPerBatch));
            seqs.push_back(seq);
          }
        });
    return {std::move(seqs), std::move(report)};
  }

  TemporaryFolder folder_;
  FileSystem& files_ = posix_file_system();
};

TEST_F(ChannelSegmentTest, CutAnywhereItGivesTheRowsOfWholeBatches) {
  const auto bytes = bytes_of(write(true));
  std::size_t last = 0;
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const auto [seqs, report] =
        read({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(cut)});
    EXPECT_GE(seqs.size(), last) << cut;
    EXPECT_EQ(seqs.size() % kRowsPerBatch, 0U) << cut;
    EXPECT_LE(report.damages.size(), 1U) << cut;
    EXPECT_EQ(report.closed, cut == bytes.size());
    last = seqs.size();
  }
  EXPECT_EQ(last, std::size_t{kBatches * kRowsPerBatch});
}

TEST_F(ChannelSegmentTest, AFlippedBitNeverGivesAWrongRowAndIsNeverSilent) {
  for (const bool is_sealed : {false, true}) {
    const std::string path = write(true);
    if (is_sealed) seal_channel_segments(files_, {path});
    const auto bytes = bytes_of(path);
    int harmless = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (const int bit : {0, 3, 7}) {
        auto flipped = bytes;
        flipped[at] = static_cast<std::uint8_t>(flipped[at] ^ (1U << bit));
        const auto [seqs, report] = read(std::move(flipped));
        const bool is_whole = seqs.size() == kBatches * kRowsPerBatch;
        EXPECT_TRUE(is_whole || !report.damages.empty()) << at;
        harmless += is_whole ? 1 : 0;
      }
    }
    // Padding and what Arrow does not look at.
    EXPECT_GT(harmless, 0);
  }
}

TEST_F(ChannelSegmentTest, AZeroedBlockCostsTheRowsInItAndNotThoseBehindIt) {
  const auto bytes = bytes_of(write(true));
  std::mt19937 dice(20260310);  // NOLINT(bugprone-random-generator-seed): the same each time
  const std::size_t begin = bytes.size() / 2;
  for (int i = 0; i < 200; ++i) {
    auto damaged = bytes;
    const std::size_t at = begin + dice() % (bytes.size() / 4);
    std::fill_n(damaged.begin() + static_cast<std::ptrdiff_t>(at), 256, std::uint8_t{0});
    const auto [seqs, report] = read(std::move(damaged));
    EXPECT_TRUE(seqs.size() == kBatches * kRowsPerBatch || !report.damages.empty());
    EXPECT_GE(seqs.size(), std::size_t{kRowsPerBatch});
  }
}

TEST_F(ChannelSegmentTest, WhatIsCompactedHasTheSameRowsAndKnowsTheirTimes) {
  const std::string path = write(true);
  const auto before = read(bytes_of(path)).first;
  seal_channel_segments(files_, {path});
  const auto [seqs, report] = read(bytes_of(path));
  EXPECT_EQ(seqs, before);
  EXPECT_THAT(report.damages, IsEmpty());
  ASSERT_TRUE(report.header && report.header->sealed);
  EXPECT_EQ(report.header->sealed->rows, kBatches * kRowsPerBatch);
  EXPECT_EQ(report.header->sealed->first_time.time_since_epoch().count(), 1000);
  EXPECT_EQ(report.header->sealed->last_time.time_since_epoch().count(),
            1000 + kBatches * kRowsPerBatch - 1);
  EXPECT_EQ(read_channel_head(files_, path)->header, report.header);
}

TEST(ChannelName, AFileNameSaysWhatItWasMadeOf) {
  const std::vector<ChannelFileName> names{
      {"dmm.voltage", "3fcca080", "", 0},     {"dmm.voltage", "3fcca080", "4242", 0},
      {"a_b", "12345678", "4242.2", 7},       {"x_aaaaaaaa", "12345678", "", 0},
      {"x_aaaaaaaa_001", "12345678", "", 12}, {"µ %2F [1]: -", "3fcca080", "", 999},
      {"dmm", "3fcca080", "", 1000}};
  for (const ChannelFileName& name : names) {
    EXPECT_EQ(ChannelFileName::parse(name.to_string()), name) << name.to_string();
  }
  for (const char* other : {"_registry.json", "x.arrow", "x_3fcca08.arrow", "x_3fcca080.arrow.tmp",
                            "_3fcca080.arrow", "x_3fcca080x.arrow"}) {
    EXPECT_FALSE(ChannelFileName::parse(other)) << other;
  }
}

class ChannelJournalTest : public ::testing::Test {
 protected:
  static constexpr int kRecords = 20;

  std::vector<std::uint8_t> write() {
    const std::string path = folder_ / "a.journal";
    JournalWriter writer(posix_file_system(), path,
                         {Uuid::random(), Uuid::random(), {"host", 42, std::nullopt}});
    EXPECT_TRUE(writer.append(JournalChannel{0, "2026-03-10", "dmm.voltage_3fcca080"}));
    EXPECT_TRUE(writer.append(JournalTexts{0, 0, {std::nullopt, "read", "measure_voltage"}}));
    for (int i = 0; i < kRecords; ++i) {
      const std::vector<std::int64_t> times(static_cast<std::size_t>(1 + i % 3), i);
      const std::vector<double> values(times.size(), i * 1.5);
      EXPECT_TRUE(writer.append(JournalRows{0, 0, false, i, times, values}));
    }
    return {writer.bytes().begin(),
            writer.bytes().begin() + static_cast<std::ptrdiff_t>(writer.written())};
  }

  static std::vector<std::int64_t> read(const std::vector<std::uint8_t>& bytes,
                                        JournalScan::Trust trust,
                                        std::uint64_t* damaged = nullptr) {
    std::vector<std::int64_t> seqs;
    JournalScan scan(bytes, trust);
    while (const auto record = scan.next()) {
      if (const auto* rows = std::get_if<JournalRows>(&*record)) {
        EXPECT_EQ(rows->values[0], static_cast<double>(rows->first_seq) * 1.5);
        EXPECT_EQ(rows->values.size(), static_cast<std::size_t>(1 + rows->first_seq % 3));
        seqs.push_back(rows->first_seq);
      }
    }
    if (damaged != nullptr) *damaged = scan.damaged_bytes();
    return seqs;
  }

  TemporaryFolder folder_;
};

TEST_F(ChannelJournalTest, CutAnywhereItGivesTheRecordsBeforeTheCut) {
  const auto bytes = write();
  std::size_t last = 0;
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    auto torn = bytes;
    std::fill(torn.begin() + static_cast<std::ptrdiff_t>(cut), torn.end(), std::uint8_t{0});
    const auto seqs = read(torn, JournalScan::Trust::kLive);
    EXPECT_GE(seqs.size(), last);
    last = seqs.size();
  }
  EXPECT_EQ(last, std::size_t{kRecords});
}

TEST_F(ChannelJournalTest, AFlippedBitCostsOneRecordAndNoneBehindIt) {
  const auto bytes = write();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto flipped = bytes;
    flipped[at] ^= 0x10;
    std::uint64_t damaged = 0;
    const auto seqs = read(flipped, JournalScan::Trust::kLeft, &damaged);
    EXPECT_GE(seqs.size(), std::size_t{kRecords - 1}) << at;
  }
}

}  // namespace
}  // namespace litmus
