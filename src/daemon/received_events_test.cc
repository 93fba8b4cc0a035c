// SPDX-License-Identifier: Apache-2.0
#include "daemon/received_events.h"

#include <gmock/gmock.h>

#include "litmus/error.h"
#include "store/data_layout.h"
#include "store/event_file_fixture.h"

namespace litmus {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class ReceivedEventsTest : public EventFileTest {
 protected:
  // Events as another machine has recorded them, of `header()`.
  std::vector<EventMessage::Row> sent(int count) {
    recorded_ = write(path("sent.arrow"), count);
    std::vector<EventMessage::Row> rows;
    for (const StoredEvent& event : recorded_) rows.push_back({row_of(event), true});
    return rows;
  }

  static EventFileHeader header() {
    EventFileHeader header = EventFileTest::header();
    header.host = "another-host.example";  // nobody can tell from here whether it lives
    return header;
  }

  static EventRow row_of(const StoredEvent& event) {
    EventRow row;
    row.seq = event.seq;
    row.occurred_at = event.occurred_at;
    row.received_at = event.received_at;
    row.id = event.id;
    row.event_type = event.event_type;
    row.session_id = event.session_id;
    row.run_id = event.run_id;
    row.json = event.json;
    return row;
  }

  std::vector<std::string> event_files() const {
    return find_event_files(posix_file_system(), path("data"));
  }

  // All of the writer, in the order of segments; each file is whole.
  std::vector<StoredEvent> stored() const {
    std::vector<StoredEvent> all;
    for (const std::string& file : event_files()) {
      const auto content = bytes_of(file);
      auto [events, report] = read_events(content);
      EXPECT_TRUE(report.damages.empty()) << file << ": " << report.damages[0].what;
      EXPECT_TRUE(report.closed) << file;
      EXPECT_EQ(report.header->writer_id, header().writer_id);
      EXPECT_EQ(report.header->host, header().host);
      all.insert(all.end(), events.begin(), events.end());
    }
    std::ranges::sort(all, {}, &StoredEvent::seq);
    return all;
  }

  const std::vector<StoredEvent>& recorded() const { return recorded_; }

 private:
  std::vector<StoredEvent> recorded_;
};

using Rows = std::span<const EventMessage::Row>;

TEST_F(ReceivedEventsTest, BatchesBecomeOneClosedFileOfTheirWriter) {
  const auto rows = sent(10);
  ReceivedEvents events(path("data"));
  EXPECT_EQ(events.append(header(), Rows(rows).first(4)), 3);
  EXPECT_EQ(events.append(header(), Rows(rows).subspan(4)), 9);
  events.finish(header());
  EXPECT_EQ(stored(), recorded());
  EXPECT_EQ(event_files().size(), 1U);
}

TEST_F(ReceivedEventsTest, WhatIsKnownIsPassedOver) {
  const auto rows = sent(10);
  {
    ReceivedEvents events(path("data"));
    EXPECT_EQ(events.append(header(), Rows(rows).first(6)), 5);
    EXPECT_EQ(events.append(header(), Rows(rows).first(6)), 5);
    EXPECT_EQ(events.append(header(), Rows(rows).subspan(2, 5)), 6);
    EXPECT_EQ(events.append(header(), {}), 6);
  }
  ReceivedEvents after_restart(path("data"));
  EXPECT_EQ(after_restart.append(header(), Rows(rows).first(3)), 6);
  EXPECT_EQ(after_restart.append(header(), rows), 9);
  after_restart.finish(header());
  EXPECT_EQ(stored(), recorded());
}

TEST_F(ReceivedEventsTest, GapIsRefusedAndNamesWhatIsExpected) {
  const auto rows = sent(10);
  ReceivedEvents events(path("data"));
  events.append(header(), Rows(rows).first(3));
  EXPECT_THAT([&] { events.append(header(), Rows(rows).subspan(5)); },
              ThrowsMessage<Error>(HasSubstr("expected seq 3, found 5")));
  EXPECT_EQ(events.append(header(), Rows(rows).subspan(3)), 9);
  events.finish(header());
  EXPECT_EQ(stored(), recorded());
}

TEST_F(ReceivedEventsTest, GapThatTheWriterKnowsOfIsTaken) {
  const auto rows = sent(10);
  EventFileHeader repaired = header();
  repaired.lost = {{3, 4}};
  ReceivedEvents events(path("data"));
  events.append(repaired, Rows(rows).first(3));
  EXPECT_EQ(events.append(repaired, Rows(rows).subspan(5)), 9);
  events.finish(repaired);
  EXPECT_EQ(stored().size(), 8U);
}

TEST_F(ReceivedEventsTest, NothingOfABatchWithADamagedRowIsStored) {
  auto rows = sent(10);
  rows[7].checksum_holds = false;
  ReceivedEvents events(path("data"));
  EXPECT_THAT([&] { events.append(header(), rows); },
              ThrowsMessage<Error>(HasSubstr("event 7 of writer")));
  EXPECT_EQ(event_files().size(), 0U);
  rows[7].checksum_holds = true;
  EXPECT_EQ(events.append(header(), rows), 9);
}

TEST_F(ReceivedEventsTest, EventsOfAnotherSessionAreRefused) {
  const auto rows = sent(3);
  EventFileHeader other = header();
  other.session_id = Uuid::random();
  ReceivedEvents events(path("data"));
  EXPECT_THAT([&] { events.append(other, rows); },
              ThrowsMessage<Error>(HasSubstr("expected one of session")));
}

// The process ended at any byte of the file that it was writing.
TEST_F(ReceivedEventsTest, AfterAKillTheWriterGoesOnWhereItsFileEnds) {
  const auto rows = sent(6);
  {
    ReceivedEvents events(path("data"));
    events.append(header(), rows);
  }
  const std::string file = event_files().at(0);
  const auto live = bytes_of(path("sent.arrow"));  // as it was before it was compressed
  const std::vector<std::uint8_t> own = [&] {
    const std::string start = encode_event_file_header(header());
    std::vector<std::uint8_t> bytes(start.begin(), start.end());
    const auto first = encode_event_file_header(EventFileTest::header()).size();
    bytes.insert(bytes.end(), live.begin() + static_cast<std::ptrdiff_t>(first), live.end());
    return bytes;
  }();
  const auto header_size = encode_event_file_header(header()).size();
  for (std::size_t end = header_size; end < own.size(); end += 331) {
    for (const std::string& old : event_files()) posix_file_system().remove(old);
    put_bytes(file, Bytes(own).first(end));
    ReceivedEvents events(path("data"));
    EXPECT_EQ(events.append(header(), rows), 5);
    events.finish(header());
    ASSERT_EQ(stored(), recorded()) << "killed at byte " << end;
  }
}

TEST_F(ReceivedEventsTest, NameThatAnotherWriterHasIsLeftAlone) {
  const auto rows = sent(3);
  {
    ReceivedEvents events(path("data"));
    EventFileHeader other = header();
    other.writer_id = Uuid::random();
    events.append(other, rows);
  }
  const auto before = bytes_of(event_files().at(0));
  ReceivedEvents events(path("data"));
  EXPECT_EQ(events.append(header(), rows), 2);
  EXPECT_EQ(event_files().size(), 2U);
  EXPECT_EQ(bytes_of(event_files().at(0)), before);
}

TEST_F(ReceivedEventsTest, LongSessionsAreCutIntoSegments) {
  const auto rows = sent(static_cast<int>(kRowsPerSegment) + 5);
  ReceivedEvents events(path("data"));
  events.append(header(), rows);
  events.finish(header());
  EXPECT_EQ(event_files().size(), 2U);
  EXPECT_EQ(stored(), recorded());
}

}  // namespace
}  // namespace litmus
