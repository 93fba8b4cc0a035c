// SPDX-License-Identifier: Apache-2.0
#include "project/record_log.h"

#include <gtest/gtest.h>

#include <random>
#include <utility>

#include "base/forwarding_file_system.h"
#include "litmus/error.h"

namespace litmus {
namespace {

std::string record(std::size_t number) {
  return std::string(number * 7919 % 3000, static_cast<char>('a' + number % 26)) +
         std::to_string(number);
}

std::vector<RecordLog::Position> fill(RecordLog& log, std::size_t count) {
  std::vector<RecordLog::Position> positions;
  for (std::size_t i = 0; i < count; ++i) positions.push_back(log.append(record(i)));
  return positions;
}

void expect_all(const RecordLog& log, const std::vector<RecordLog::Position>& positions) {
  RecordLog::Reader reader(log);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    EXPECT_EQ(reader.read(positions[i]), record(i));
    EXPECT_EQ(reader.next(), i + 1 < positions.size() ? positions[i + 1] : log.end());
  }
  for (std::size_t i = positions.size(); i-- > 0;) EXPECT_EQ(reader.read(positions[i]), record(i));
}

// How much the log holds, told by what it gives away.
class CountingFiles final : public ForwardingFileSystem {
 public:
  explicit CountingFiles(std::uint64_t room) : room_(room) {}
  std::unique_ptr<ScratchFile> open_scratch() override {
    return std::make_unique<File>(*this, ForwardingFileSystem::open_scratch());
  }
  std::uint64_t written = 0;

 private:
  class File final : public ScratchFile {
   public:
    File(CountingFiles& files, std::unique_ptr<ScratchFile> file)
        : files_(files), file_(std::move(file)) {}
    void append(Bytes bytes) override {
      if (files_.written + bytes.size() > files_.room_) throw Error(Code::kIo, "no space");
      file_->append(bytes);
      files_.written += bytes.size();
    }
    void read(std::uint64_t offset, std::span<std::uint8_t> bytes) const override {
      file_->read(offset, bytes);
    }
    std::uint64_t size() const override { return file_->size(); }

   private:
    CountingFiles& files_;
    std::unique_ptr<ScratchFile> file_;
  };
  std::uint64_t room_;
};

TEST(RecordLog, GivesBackEveryRecordInAnyOrder) {
  CountingFiles files(UINT64_MAX);
  RecordLog log(files);
  expect_all(log, fill(log, 2'000));
  EXPECT_EQ(files.written, 0U) << "there was room in memory";
}

TEST(RecordLog, KeepsNoMoreInMemoryThanItMayAndTheRestInAFile) {
  constexpr std::size_t kMemory = std::size_t{1} << 20U;
  CountingFiles files(UINT64_MAX);
  RecordLog log(files, kMemory);
  std::vector<RecordLog::Position> positions;
  for (std::size_t i = 0; i < 5'000; ++i) {
    positions.push_back(log.append(record(i)));
    EXPECT_LE(log.end() - files.written, 2 * kMemory);
  }
  EXPECT_GT(files.written, 2 * kMemory);
  expect_all(log, positions);
}

TEST(RecordLog, WhereThereIsNoRoomForTheFileNothingIsLost) {
  for (const std::uint64_t room : {0U, 1'000'000U}) {
    CountingFiles files(room);
    RecordLog log(files, 100'000);
    expect_all(log, fill(log, 3'000));
  }
}

TEST(RecordLog, ARecordMayBeLargerThanAnythingElse) {
  CountingFiles files(UINT64_MAX);
  RecordLog log(files, 1);
  const std::string large(3'000'000, 'x');
  const auto first = log.append("a");
  const auto second = log.append(large);
  const auto third = log.append("");
  log.append(std::string(300'000, 'y'));
  RecordLog::Reader reader(log);
  EXPECT_EQ(reader.read(second), large);
  EXPECT_EQ(reader.read(first), "a");
  EXPECT_EQ(reader.read(third), "");
}

}  // namespace
}  // namespace litmus
