// SPDX-License-Identifier: Apache-2.0
#include <arrow/array/array_base.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "base/faulty_file_system.h"
#include "litmus/error.h"
#include "store/event_batch.h"
#include "store/event_file_fixture.h"
#include "store/event_file_rewrite.h"

namespace litmus {
namespace {

using ::testing::IsEmpty;

TEST_F(EventFileTest, WhatWasWrittenIsReadBackInOrder) {
  const auto written = write(path("a.arrow"), 25);
  const auto read = read_events(bytes_of(path("a.arrow")));
  EXPECT_EQ(read.events, written);
  EXPECT_TRUE(read.report.closed);
  EXPECT_THAT(read.report.damages, IsEmpty());
  EXPECT_EQ(read.report.header, header());
}

TEST_F(EventFileTest, EventBatchesAreByteForByteWhatTheArrowLibraryWrites) {
  write(path("a.arrow"), 12);
  const auto bytes = bytes_of(path("a.arrow"));
  auto input = std::make_shared<arrow::io::BufferReader>(
      std::make_shared<arrow::Buffer>(bytes.data(), static_cast<std::int64_t>(bytes.size())));
  auto reader = arrow::ipc::RecordBatchStreamReader::Open(input).ValueOrDie();
  auto out = arrow::io::BufferOutputStream::Create().ValueOrDie();
  auto writer = arrow::ipc::MakeStreamWriter(out, reader->schema()).ValueOrDie();
  std::shared_ptr<arrow::RecordBatch> batch;
  while (reader->ReadNext(&batch).ok() && batch) {
    ASSERT_TRUE(batch->ValidateFull().ok());
    ASSERT_TRUE(writer->WriteRecordBatch(*batch).ok());
  }
  ASSERT_TRUE(writer->Close().ok());
  const auto again = out->Finish().ValueOrDie();
  ASSERT_EQ(static_cast<std::size_t>(again->size()), bytes.size());
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), again->data()));
}

// The file that docs/formats/event-file.md explains byte by byte.
TEST_F(EventFileTest, TheDocumentedExampleIsWhatTheWriterWrites) {
  EventFileHeader example;
  example.writer_id = Uuid::parse("6f1c2b4e-0d3a-4a57-9a11-7f0c5ad0e001");
  example.session_id = Uuid::parse("0b7e7f3c-64bd-4d0e-8a6b-3c8f6d2a9001");
  example.pid = 4242;
  example.host = "bench-1";
  EventFileWriter writer(posix_file_system(), path("a.arrow"), example);
  EventRow row;
  row.seq = 0;
  row.occurred_at = parse_iso8601("2026-03-10T14:30:22.000001Z");
  row.received_at = parse_iso8601("2026-03-10T14:30:22.000005Z");
  row.id = "3f0a51c2-9d7e-4b61-8c40-5a2b7e9d0001";
  row.event_type = "session.ended";
  row.session_id = "0b7e7f3c-64bd-4d0e-8a6b-3c8f6d2a9001";
  row.json =
      R"({"id":"3f0a51c2-9d7e-4b61-8c40-5a2b7e9d0001","event_type":"session.ended",)"
      R"("occurred_at":"2026-03-10T14:30:22.000001+00:00",)"
      R"("received_at":"2026-03-10T14:30:22.000005+00:00",)"
      R"("session_id":"0b7e7f3c-64bd-4d0e-8a6b-3c8f6d2a9001","outcome":"passed","synthetic":false})";
  writer.append(row);
  writer.finish();
  const auto example_file =
      std::filesystem::path(__FILE__).parent_path() / "testdata" / "one_event.arrow";
  EXPECT_EQ(bytes_of(path("a.arrow")), bytes_of(example_file.string()));
}

TEST_F(EventFileTest, SealingKeepsEveryRowAndIsMuchSmaller) {
  const auto written = write(path("a.arrow"), 2500);
  const auto size_before = bytes_of(path("a.arrow")).size();
  EXPECT_TRUE(seal_event_file(posix_file_system(), path("a.arrow")));
  const auto bytes = bytes_of(path("a.arrow"));
  EXPECT_LT(bytes.size() * 5, size_before);
  const auto read = read_events(bytes);
  EXPECT_EQ(read.events, written);
  EXPECT_THAT(read.report.damages, IsEmpty());
  EXPECT_FALSE(seal_event_file(posix_file_system(), path("a.arrow"))) << "it is sealed already";
}

TEST_F(EventFileTest, AnOpenFileIsNotSealed) {
  write(path("a.arrow"), 3, /*close=*/false);
  EXPECT_FALSE(seal_event_file(posix_file_system(), path("a.arrow")));
}

// Every row that is read must be one that was written, in order; whatever is missing must be told.
void expect_no_wrong_value_and_no_silent_loss(const std::vector<StoredEvent>& written, Bytes bytes,
                                              bool may_be_unclosed, const std::string& what) {
  const auto read = read_events(bytes);
  auto next = written.begin();
  for (const StoredEvent& event : read.events) {
    next = std::find(next, written.end(), event);
    ASSERT_NE(next, written.end()) << what << ": a row that was never written";
    ++next;
  }
  if (read.events.size() < written.size()) {
    const bool told = !read.report.damages.empty() || (may_be_unclosed && !read.report.closed);
    ASSERT_TRUE(told) << what << ": rows are missing and nothing says so";
  }
}

struct Form {
  const char* name;
  int rows;
  bool close;
  bool seal;
};

class DamagedEventFile : public EventFileTest, public ::testing::WithParamInterface<Form> {
 protected:
  std::vector<StoredEvent> make() {
    auto written = write(path("a.arrow"), GetParam().rows, GetParam().close);
    if (GetParam().seal) {
      EXPECT_TRUE(seal_event_file(posix_file_system(), path("a.arrow")));
    }
    return written;
  }
};

TEST_P(DamagedEventFile, TruncationAtEveryByteGivesNoWrongValueAndNoSilentLoss) {
  const auto written = make();
  const auto bytes = bytes_of(path("a.arrow"));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    // A sealed file knows how many rows it holds, so that even a cut between batches is seen; an
    // empty file knows nothing and reads as unclosed.
    expect_no_wrong_value_and_no_silent_loss(written, Bytes(bytes).first(size),
                                             !GetParam().seal || size == 0,
                                             "cut at " + std::to_string(size));
  }
}

TEST_P(DamagedEventFile, AFlipOfEveryByteGivesNoWrongValueAndNoSilentLoss) {
  const auto written = make();
  auto bytes = bytes_of(path("a.arrow"));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const std::uint8_t mask : {0x01, 0x80, 0xFF}) {
      bytes[at] ^= mask;
      expect_no_wrong_value_and_no_silent_loss(written, bytes, false,
                                               "flip at " + std::to_string(at));
      bytes[at] ^= mask;
    }
  }
}

TEST_P(DamagedEventFile, AZeroedPageIsNotTakenForTheEnd) {
  const auto written = make();
  const auto bytes = bytes_of(path("a.arrow"));
  for (std::size_t at = 0; at < bytes.size(); at += 64) {
    auto damaged = bytes;
    const auto end = std::min(bytes.size(), at + 512);
    std::fill(damaged.begin() + static_cast<std::ptrdiff_t>(at),
              damaged.begin() + static_cast<std::ptrdiff_t>(end), std::uint8_t{0});
    expect_no_wrong_value_and_no_silent_loss(written, damaged, false,
                                             "zeroed at " + std::to_string(at));
  }
}

TEST_P(DamagedEventFile, RepairKeepsTheGoodRowsAndItsOutputVerifiesClean) {
  const auto written = make();
  const auto bytes = bytes_of(path("a.arrow"));
  for (std::size_t at = 0; at < bytes.size(); at += 97) {
    auto damaged = bytes;
    damaged[at] ^= 0x10U;
    put_bytes(path("b.arrow"), damaged);
    const auto before = read_events(damaged);
    const RepairResult result = repair_event_file(posix_file_system(), path("b.arrow"));
    const auto after = read_events(bytes_of(path("b.arrow")));
    ASSERT_EQ(after.events, before.events) << "flip at " << at;
    ASSERT_THAT(after.report.damages, IsEmpty()) << "flip at " << at;
    ASSERT_TRUE(after.report.closed) << "flip at " << at;
    if (!result.original.empty()) {
      ASSERT_EQ(bytes_of(result.original), damaged);
      posix_file_system().remove(result.original);
    }
    ASSERT_FALSE(repair_event_file(posix_file_system(), path("b.arrow")).changed)
        << "repairing twice changes nothing";
  }
}

TEST_F(EventFileTest, RepairFreesTheReserveOfADeadWriter) {
  write(path("a.arrow"), 3, /*close=*/false);
  put_bytes(path("a.arrow.reserve"), {});
  EXPECT_TRUE(repair_event_file(posix_file_system(), path("a.arrow")).changed);
  EXPECT_FALSE(posix_file_system().exists(path("a.arrow.reserve")));
}

INSTANTIATE_TEST_SUITE_P(Forms, DamagedEventFile,
                         ::testing::Values(Form{"closed", 5, true, false},
                                           Form{"unclosed", 5, false, false},
                                           Form{"sealed", 40, true, true},
                                           Form{"empty", 0, true, false}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(EventFileTest, ACutExactlyAtABatchBoundaryOfAnOpenFileReadsAsUnclosed) {
  write(path("a.arrow"), 2, /*close=*/false);
  const auto shorter = bytes_of(path("a.arrow")).size();
  write(path("b.arrow"), 3, /*close=*/false);
  const auto bytes = bytes_of(path("b.arrow"));
  const auto read = read_events(Bytes(bytes).first(shorter));
  EXPECT_EQ(read.events.size(), 2U);
  EXPECT_FALSE(read.report.closed);
  EXPECT_THAT(read.report.damages, IsEmpty());
}

TEST_F(EventFileTest, ADamagedEventIsNamedWithItsBytesAndItsNumber) {
  write(path("a.arrow"), 1, false);
  const auto second_at = bytes_of(path("a.arrow")).size();
  write(path("b.arrow"), 2, false);
  const auto third_at = bytes_of(path("b.arrow")).size();
  write(path("c.arrow"), 3);
  auto bytes = bytes_of(path("c.arrow"));
  bytes[second_at + 700] ^= 0x01U;
  const auto read = read_events(bytes);
  ASSERT_EQ(read.report.damages.size(), 1U);
  EXPECT_EQ(read.report.damages[0].begin, second_at);
  EXPECT_EQ(read.report.damages[0].end, third_at);
  EXPECT_EQ(read.report.damages[0].seqs, (SeqRange{1, 1}));
  EXPECT_EQ(read.events.size(), 2U);
}

TEST_F(EventFileTest, AFollowerGoesOnWhereItStopped) {
  const auto written = write(path("a.arrow"), 9);
  const auto bytes = bytes_of(path("a.arrow"));
  for (const std::size_t cut : {std::size_t{100}, bytes.size() / 3, bytes.size() / 2}) {
    std::vector<StoredEvent> events;
    const auto take = [&](const EventRow& row) { events.emplace_back(row); };
    const auto first = scan_event_file(Bytes(bytes).first(cut), take);
    const auto second = follow_event_file(Bytes(bytes).subspan(first.good_end), first, take);
    EXPECT_EQ(events, written);
    EXPECT_TRUE(second.closed);
    EXPECT_THAT(second.damages, IsEmpty());
  }
}

TEST_F(EventFileTest, AFailedWriteLeavesTheFileAsItWasBefore) {
  FaultyFileSystem files;
  EventFileWriter writer(files, path("a.arrow"), header());
  EventRow row;
  row.id = "first";
  writer.append(row);
  files.fail_at(FaultyFileSystem::Operation::kWrite, 0);
  row.seq = 1;
  EXPECT_THROW(writer.append(row), Error);
  row.id = "second";
  writer.append(row);
  writer.finish();
  const auto read = read_events(bytes_of(path("a.arrow")));
  EXPECT_EQ(read.events.size(), 2U);
  EXPECT_THAT(read.report.damages, IsEmpty());
}

TEST_F(EventFileTest, EveryFaultDuringSealingLeavesOneWholeVersion) {
  using Operation = FaultyFileSystem::Operation;
  for (const Operation operation : {Operation::kOpen, Operation::kWrite, Operation::kSync,
                                    Operation::kRename, Operation::kSyncFolder}) {
    const auto written = write(path("a.arrow"), 30);
    FaultyFileSystem files;
    files.fail_at(operation, 0);
    EXPECT_THROW(seal_event_file(files, path("a.arrow")), Error);
    EXPECT_EQ(read_events(bytes_of(path("a.arrow"))).events, written);
    EXPECT_FALSE(posix_file_system().exists(path("a.arrow.tmp")));
    posix_file_system().remove(path("a.arrow"));
  }
}

TEST_F(EventFileTest, TheHeaderSurvivesARoundTripWithEveryField) {
  EventFileHeader full = header();
  full.process_started_at = parse_iso8601("2026-03-10T14:30:22.5Z");
  full.process_start_key = "0f3c1f2e-boot:4711";
  full.segment = 3;
  full.first_seq = 30'000;
  full.sealed = EventFileHeader::Sealed{12, 30'014};
  full.lost = {{30'002, 30'003}, {30'009, 30'009}};
  const std::string bytes = encode_event_file_header(full);
  const auto read =
      read_events({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  EXPECT_EQ(read.report.header, full);
}

}  // namespace
}  // namespace litmus
