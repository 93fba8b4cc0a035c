// SPDX-License-Identifier: Apache-2.0
#include "upkeep/event_verification.h"

#include <gmock/gmock.h>

#include "store/data_layout.h"
#include "store/event_store_fixture.h"

namespace litmus {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class EventVerificationTest : public EventStoreTest {
 protected:
  Verification verify(bool whole_store) {
    return verify_event_files(posix_file_system(),
                              find_event_files(posix_file_system(), data_dir()), whole_store);
  }
};

TEST_F(EventVerificationTest, SegmentsThatFollowEachOtherHaveNoGap) {
  Segment(path("2026-03-10", "a.arrow"), writer_, 0, 0).append(3).close();
  Segment(path("2026-03-10", "a_0001.arrow"), writer_, 3, 3).append(2).close();
  const Verification result = verify(true);
  EXPECT_EQ(result.damage_count(), 0U);
  EXPECT_EQ(result.unclosed_count(), 0U);
  EXPECT_EQ(result.event_count(), 5);
}

TEST_F(EventVerificationTest, MissingSegmentIsAGapWithItsNumbers) {
  Segment(path("2026-03-10", "a.arrow"), writer_, 0, 0).append(3).close();
  Segment(path("2026-03-10", "a_0002.arrow"), writer_, 7, 7).append(2).close();
  for (const bool whole_store : {true, false}) {
    const Verification result = verify(whole_store);
    ASSERT_THAT(result.gaps, SizeIs(1));
    EXPECT_EQ(result.gaps[0].seqs, (SeqRange{3, 6}));
    EXPECT_EQ(result.gaps[0].path, path("2026-03-10", "a_0002.arrow"));
    EXPECT_EQ(result.damage_count(), 1U);
  }
}

TEST_F(EventVerificationTest, MissingFirstSegmentIsMissedInAWholeStoreOnly) {
  Segment(path("2026-03-10", "a_0001.arrow"), writer_, 3, 3).append(2).close();
  ASSERT_THAT(verify(true).gaps, SizeIs(1));
  EXPECT_EQ(verify(true).gaps[0].seqs, (SeqRange{0, 2}));
  EXPECT_THAT(verify(false).gaps, IsEmpty());
}

TEST_F(EventVerificationTest, EachWriterCountsForItself) {
  Segment(path("2026-03-10", "a.arrow"), writer_, 0, 0).append(3).close();
  Segment(path("2026-03-10", "b.arrow"), Uuid::random(), 0, 0).append(7).close();
  EXPECT_EQ(verify(true).damage_count(), 0U);
}

TEST_F(EventVerificationTest, UnclosedFileIsNoDamage) {
  Segment(path("2026-03-10", "a.arrow"), writer_, 0, 0).append(3);
  EXPECT_EQ(verify(true).damage_count(), 0U);
  EXPECT_EQ(verify(true).unclosed_count(), 1U);
}

}  // namespace
}  // namespace litmus
