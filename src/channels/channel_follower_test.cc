// SPDX-License-Identifier: Apache-2.0
#include "channels/channel_follower.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <gmock/gmock.h>

#include "base/temporary_folder.h"
#include "model/value_json.h"
#include "record/background.h"
#include "store/channel_registry.h"

namespace litmus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class ChannelFollowerTest : public ::testing::Test {
 protected:
  // All that is new, as a subscriber takes it: the values, and the cursor behind them.
  std::vector<double> read(ChannelFollower& follower, ChannelCursor* cursor = nullptr) {
    std::vector<double> values;
    const auto take = [&](const FollowedRows& found) {
      const auto& column = static_cast<const arrow::DoubleArray&>(*found.rows->column(1));
      for (std::int64_t i = 0; i < column.length(); ++i) values.push_back(column.Value(i));
      const auto& seqs = static_cast<const arrow::Int64Array&>(*found.rows->GetColumnByName("seq"));
      if (cursor != nullptr) cursor->recordings[found.recording] = seqs.Value(seqs.length() - 1);
    };
    while (follower.read(take, std::chrono::milliseconds(0))) {
    }
    return values;
  }
  ChannelFollower follow(std::optional<ChannelCursor> after = std::nullopt) {
    return {files_, folder_.path(), {}, std::move(after)};
  }

  TemporaryFolder folder_;
  FileSystem& files_ = posix_file_system();
};

TEST_F(ChannelFollowerTest, ACursorGoesOnWhereItWasTakenWhateverHappenedMeanwhile) {
  ChannelStore store(folder_.path(), Uuid::random());
  store.write("old", -1.0);
  store.flush();
  ChannelFollower first = follow();
  ChannelCursor cursor = first.start();
  store.write("dmm.voltage", 1.0);
  store.flush();
  EXPECT_THAT(read(first, &cursor), ElementsAre(1.0));
  store.write("dmm.voltage", 2.0);
  store.write("old", 3.0);
  store.close();
  {
    ChannelStore other(folder_.path(), Uuid::random());
    other.write("dmm.voltage", 4.0);
  }
  background::drain();  // all segments are compacted
  ChannelFollower second = follow(ChannelCursor::from_value(parse_value(cursor.to_json())));
  EXPECT_THAT(read(second, &cursor), UnorderedElementsAre(2.0, 3.0, 4.0));
  ChannelFollower third = follow(cursor);
  EXPECT_THAT(read(third), IsEmpty());
  ChannelFollower all = follow(ChannelCursor{});
  EXPECT_THAT(read(all), UnorderedElementsAre(-1.0, 1.0, 2.0, 3.0, 4.0));
}

TEST_F(ChannelFollowerTest, TheNextSegmentsOfALongSessionAreFollowedInTheirOrder) {
  ChannelStoreOptions aging;
  aging.segment_life = {};
  ChannelStore store(folder_.path(), Uuid::random(), aging);
  ChannelFollower live = follow();
  ChannelCursor cursor = live.start();
  ChannelFollower late = follow();
  late.start();
  for (int i = 0; i < 12; ++i) {
    store.write("dmm.voltage", i);
    store.flush();
    if (i % 2 == 0) background::drain();  // those before are compacted
    EXPECT_THAT(read(live, &cursor), ElementsAre(i));
  }
  EXPECT_THAT(read(late), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
  ChannelFollower all = follow(ChannelCursor{});
  EXPECT_THAT(read(all), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
}

TEST_F(ChannelFollowerTest, MuchThatIsStoredComesInParts) {
  ChannelStore store(folder_.path(), Uuid::random());
  const std::vector<double> values(50'000, 1.0);
  for (int i = 0; i < 6; ++i) store.write_block("ch" + std::to_string(i), Samples{values, 1e-3});
  store.flush();
  ChannelFollower follower = follow(ChannelCursor{});
  std::vector<std::int64_t> parts;
  bool is_more = true;
  while (is_more) {
    std::int64_t rows = 0;
    is_more = follower.read([&](const FollowedRows& found) { rows += found.rows->num_rows(); },
                            std::chrono::milliseconds(0));
    if (is_more) parts.push_back(rows);
  }
  EXPECT_THAT(parts, ElementsAre(100'000, 100'000, 100'000));
}

}  // namespace
}  // namespace litmus
