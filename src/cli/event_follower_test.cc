// SPDX-License-Identifier: Apache-2.0
#include "cli/event_follower.h"

#include <gmock/gmock.h>

#include "store/event_file_rewrite.h"
#include "store/event_store_fixture.h"

namespace litmus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using EventFollowerTest = EventStoreTest;

std::vector<std::int64_t> poll(EventFollower& follower) {
  std::vector<std::int64_t> seqs;
  follower.poll([&](const EventRow& row) { seqs.push_back(row.seq); });
  return seqs;
}

TEST_F(EventFollowerTest, GivesWhatIsThereAndThenWhatIsNew) {
  Segment segment(path("2026-03-10", "a.arrow"), writer_, 0, 0);
  segment.append(2);
  EventFollower follower(posix_file_system(), data_dir());
  EXPECT_THAT(poll(follower), ElementsAre(0, 1));
  EXPECT_THAT(poll(follower), IsEmpty());
  segment.append(2);
  EXPECT_THAT(poll(follower), ElementsAre(2, 3));
  Segment(path("2026-03-11", "b.arrow"), Uuid::random(), 0, 0).append(1).close();
  EXPECT_THAT(poll(follower), ElementsAre(0));
}

TEST_F(EventFollowerTest, StoreMayAppearLater) {
  EventFollower follower(posix_file_system(), data_dir());
  EXPECT_THAT(poll(follower), IsEmpty());
  Segment(path("2026-03-10", "a.arrow"), writer_, 0, 0).append(1);
  EXPECT_THAT(poll(follower), ElementsAre(0));
}

TEST_F(EventFollowerTest, CompressingAClosedFileRepeatsNothing) {
  const std::string file = path("2026-03-10", "a.arrow");
  Segment segment(file, writer_, 0, 0);
  segment.append(3).close();
  EventFollower follower(posix_file_system(), data_dir());
  EXPECT_THAT(poll(follower), ElementsAre(0, 1, 2));
  ASSERT_TRUE(seal_event_file(posix_file_system(), file));
  EXPECT_THAT(poll(follower), IsEmpty());
}

TEST_F(EventFollowerTest, FileThatWasClosedAndCompressedUnseenGivesItsLastEventsOnce) {
  const std::string file = path("2026-03-10", "a.arrow");
  for (const int unseen : {1, 500}) {  // the compressed file is larger, or smaller, than before
    posix_file_system().remove(file);
    Segment segment(file, writer_, 0, 0);
    segment.append(2);
    EventFollower follower(posix_file_system(), data_dir());
    EXPECT_THAT(poll(follower), ElementsAre(0, 1));
    segment.append(unseen).close();
    ASSERT_TRUE(seal_event_file(posix_file_system(), file));
    const auto seqs = poll(follower);
    ASSERT_EQ(seqs.size(), static_cast<std::size_t>(unseen));
    EXPECT_EQ(seqs.front(), 2);
    EXPECT_EQ(seqs.back(), 1 + unseen);
  }
}

TEST_F(EventFollowerTest, OldFileThatGrowsGivesOnlyWhatWasReceivedSince) {
  const std::int64_t future =
      std::chrono::floor<std::chrono::seconds>(now()).time_since_epoch().count() + 3600;
  Segment old(path("2026-03-10", "a.arrow"), writer_, 0, future - 3600 - 86'400 - 2);
  old.append(2);
  Segment later(path("2026-03-10", "b.arrow"), Uuid::random(), 7, future);
  Segment(path("2026-03-11", "c.arrow"), Uuid::random(), 0, 0).close();
  Segment(path("2026-03-12", "d.arrow"), Uuid::random(), 0, 0).close();
  EventFollower follower(posix_file_system(), data_dir());
  old.append(1);    // received long ago
  later.append(1);  // received from now on
  EXPECT_THAT(poll(follower), ElementsAre(7));
}

TEST_F(EventFollowerTest, FileThatIsRemovedIsForgotten) {
  const std::string file = path("2026-03-10", "a.arrow");
  Segment(file, writer_, 0, 0).append(1);
  EventFollower follower(posix_file_system(), data_dir());
  poll(follower);
  posix_file_system().remove(file);
  EXPECT_THAT(poll(follower), IsEmpty());
}

}  // namespace
}  // namespace litmus
