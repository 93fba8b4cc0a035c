// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/temporary_folder.h"
#include "store/event_file_writer.h"

namespace litmus {

// A store with event files of chosen writers, numbers and times.
class EventStoreTest : public ::testing::Test {
 protected:
  // A segment whose events are numbered from first_seq and received from `first_second` on, one a
  // second; their content is `{"seq":n}`.
  class Segment {
   public:
    Segment(const std::string& path, const Uuid& writer, std::int64_t first_seq,
            std::int64_t first_second)
        : next_{first_seq},
          offset_(first_second - first_seq),
          writer_(open(path, writer, first_seq)) {}

    Segment& append(int count) {
      for (int i = 0; i < count; ++i, ++next_) {
        const std::string json = R"({"seq":)" + std::to_string(next_) + "}";
        EventRow row;
        row.seq = next_;
        row.occurred_at = Timestamp(std::chrono::seconds(next_ + offset_));
        row.received_at = row.occurred_at;
        row.id = kId;
        row.event_type = "test.record";
        row.session_id = kId;
        row.json = json;
        writer_->append(row);
      }
      return *this;
    }
    void close() { writer_->finish(); }

   private:
    static std::unique_ptr<EventFileWriter> open(const std::string& path, const Uuid& writer,
                                                 std::int64_t first_seq) {
      EventFileHeader header;
      header.writer_id = writer;
      header.session_id = Uuid::parse(kId);
      header.first_seq = first_seq;
      return std::make_unique<EventFileWriter>(posix_file_system(), path, header);
    }

    std::int64_t next_;
    std::int64_t offset_;
    std::unique_ptr<EventFileWriter> writer_;
  };

  static constexpr char kId[] = "0b7e7f3c-64bd-4d0e-8a6b-3c8f6d2a9001";

  std::string data_dir() const { return folder_.path(); }
  std::string path(const std::string& date, const std::string& name) const {
    const std::string folder = folder_.path() + "/events/" + date;
    posix_file_system().create_folders(folder);
    return join_path(folder, name);
  }

  Uuid writer_ = Uuid::random();

 private:
  TemporaryFolder folder_;
};

}  // namespace litmus
