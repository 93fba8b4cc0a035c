// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/temporary_folder.h"
#include "store/event_file_reader.h"
#include "store/event_file_writer.h"

namespace litmus {

// An event that owns its texts, to compare with what was written.
struct StoredEvent {
  std::int64_t seq;
  Timestamp occurred_at, received_at;
  std::string id, event_type, session_id;
  std::optional<std::string> run_id;
  std::string json;

  explicit StoredEvent(const EventRow& row)
      : seq(row.seq),
        occurred_at(row.occurred_at),
        received_at(row.received_at),
        id(row.id),
        event_type(row.event_type),
        session_id(row.session_id),
        run_id(row.run_id),
        json(row.json) {}
  friend bool operator==(const StoredEvent&, const StoredEvent&) = default;
};

struct ReadBack {
  std::vector<StoredEvent> events;
  EventFileReport report;
};

inline ReadBack read_events(Bytes bytes) {
  ReadBack result;
  result.report =
      scan_event_file(bytes, [&](const EventRow& row) { result.events.emplace_back(row); });
  return result;
}

// A folder of its own for each test, and event files with a few plausible events.
class EventFileTest : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_ / name; }

  static EventFileHeader header() {
    EventFileHeader header;
    header.writer_id = Uuid::parse("6f1c2b4e-0d3a-4a57-9a11-7f0c5ad0e001");
    header.session_id = Uuid::parse("0b7e7f3c-64bd-4d0e-8a6b-3c8f6d2a9001");
    header.pid = 4242;
    header.host = "bench-1.example";
    return header;
  }

  // Writes `count` events; returns them as they must be read back.
  std::vector<StoredEvent> write(const std::string& file_path, int count, bool close = true,
                                 FileSystem& files = posix_file_system()) {
    std::vector<StoredEvent> written;
    EventFileWriter writer(files, file_path, header());
    const std::string session = header().session_id.to_string();
    const std::string run = "7d3b1f52-2c61-4f0e-b7ef-9f1fb1f6c002";
    for (int i = 0; i < count; ++i) {
      const std::string id = Uuid::random().to_string();
      const std::string json = R"({"value":)" + std::to_string(i) + R"(,"text":")" +
                               std::string(static_cast<std::size_t>(i % 11), 'x') + R"("})";
      EventRow row;
      row.seq = i;
      row.occurred_at = Timestamp(std::chrono::microseconds(1'773'153'022'123'456 + i));
      row.received_at = row.occurred_at + std::chrono::microseconds(3);
      row.id = id;
      row.event_type = i == 0 ? "session.started" : "test.measurement";
      row.session_id = session;
      if (i > 0) row.run_id = run;
      row.json = json;
      writer.append(row);
      written.emplace_back(row);
    }
    if (close) writer.finish();
    return written;
  }

  std::vector<std::uint8_t> bytes_of(const std::string& file_path) const {
    const auto content = posix_file_system().read(file_path);
    return {content->bytes().begin(), content->bytes().end()};
  }

  void put_bytes(const std::string& file_path, Bytes bytes) const {
    auto file = posix_file_system().open_for_append(file_path, FileSystem::Create::kReplace);
    file->append(bytes);
    file->close();
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace litmus
