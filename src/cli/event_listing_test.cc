// SPDX-License-Identifier: Apache-2.0
#include "cli/event_listing.h"

#include <gmock/gmock.h>

#include "litmus/error.h"
#include "store/data_layout.h"
#include "store/event_store_fixture.h"

namespace litmus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EventListingTest : public EventStoreTest {
 protected:
  std::vector<std::int64_t> list(const EventFilter& filter,
                                 std::optional<std::int64_t> limit = {}) {
    std::vector<std::int64_t> seqs;
    list_events(posix_file_system(), find_event_files(posix_file_system(), data_dir()),
                EventMatcher(filter), limit,
                {.on_event = [&](const ListedEvent& event) { seqs.push_back(event.seq); },
                 .on_damage = [](const std::string&, const EventDamage&) { FAIL(); },
                 .on_progress = [](std::size_t, std::size_t) {}});
    return seqs;
  }
};

TEST_F(EventListingTest, FilesAreMergedByTimeOfReceipt) {
  Segment(path("2026-03-10", "a.arrow"), writer_, 0, 0).append(3);
  Segment(path("2026-03-10", "b.arrow"), Uuid::random(), 100, 1).append(3);
  Segment(path("2026-03-11", "c.arrow"), Uuid::random(), 200, 2).append(1);
  EXPECT_THAT(list({}), ElementsAre(0, 1, 100, 2, 101, 200, 102));
}

TEST_F(EventListingTest, LimitKeepsTheNewestAfterTheFilter) {
  Segment(path("2026-03-10", "a.arrow"), writer_, 0, 0).append(100);
  EXPECT_THAT(list({}, 2), ElementsAre(98, 99));
  EventFilter filter;
  filter.until = "1970-01-01T00:00:10Z";
  EXPECT_THAT(list(filter, 2), ElementsAre(9, 10)) << "until is included";
  filter.since = "1970-01-01T00:00:10Z";
  EXPECT_THAT(list(filter), ElementsAre(10)) << "and so is since";
}

TEST_F(EventListingTest, DateIsTheWholeDay) {
  Segment(path("2026-03-10", "a.arrow"), writer_, 0, 86'399).append(2);
  EventFilter filter;
  filter.until = "1970-01-01";
  EXPECT_THAT(list(filter), ElementsAre(0));
  filter.since = "1970-01-02";
  filter.until = "1970-01-02";
  EXPECT_THAT(list(filter), ElementsAre(1));
}

TEST_F(EventListingTest, TypeIsExactOrTheBeginningWithAStar) {
  Segment(path("2026-03-10", "a.arrow"), writer_, 0, 0).append(1);
  EventFilter filter;
  for (const char* fitting : {"test.record", "test.*", "*"}) {
    filter.types = {"run.started", fitting};
    EXPECT_THAT(list(filter), ElementsAre(0)) << fitting;
  }
  for (const char* other : {"test", "test.rec", "record", "run.*"}) {
    filter.types = {other};
    EXPECT_THAT(list(filter), IsEmpty()) << other;
  }
}

TEST_F(EventListingTest, SessionIsFoundByTheBeginningOfItsIdInEitherCase) {
  Segment(path("2026-03-10", std::string(kId) + "-1.arrow"), writer_, 0, 0).append(1);
  EventFilter filter;
  filter.session = "0B7E";
  EXPECT_THAT(list(filter), ElementsAre(0));
  filter.session = "0b7f";
  EXPECT_THAT(list(filter), IsEmpty());
}

TEST_F(EventListingTest, UnreadableTimeNamesItsOption) {
  EventFilter filter;
  filter.since = "10.3.2026";
  EXPECT_THROW(EventMatcher{filter}, Error);
}

}  // namespace
}  // namespace litmus
