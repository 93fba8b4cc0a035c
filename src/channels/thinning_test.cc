// SPDX-License-Identifier: Apache-2.0
#include "channels/thinning.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace litmus {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

struct Line {
  std::vector<std::int64_t> x;
  std::vector<double> y;
};

Line random_line(std::size_t count, unsigned seed, bool has_gaps) {
  std::mt19937 dice(seed);
  Line line;
  std::int64_t time = 1'700'000'000'000'000;
  for (std::size_t i = 0; i < count; ++i) {
    time += 1 + dice() % 1000;
    line.x.push_back(time);
    line.y.push_back(has_gaps && dice() % 10 == 0 ? std::nan("") : dice() % 1000 * 0.25);
  }
  return line;
}

// In as many pieces as the points allow.
std::vector<LinePiece> pieces(const Line& line, std::size_t size) {
  std::vector<LinePiece> result;
  for (std::size_t i = 0; i < line.y.size(); i += size) {
    const std::size_t count = std::min(size, line.y.size() - i);
    result.push_back({std::span(line.x).subspan(i, count), std::span(line.y).subspan(i, count)});
  }
  return result;
}

TEST(Thinning, TheFirstAndTheLastPointStay) {
  const Line line = random_line(10'000, 1, false);
  for (const std::int64_t most : {3, 4, 10, 999, 9'999}) {
    const auto kept = thin_by_triangles(pieces(line, 777), most);
    EXPECT_EQ(kept.size(), static_cast<std::size_t>(most));
    EXPECT_EQ(kept.front(), 0);
    EXPECT_EQ(kept.back(), 9'999);
    EXPECT_TRUE(std::ranges::is_sorted(kept));
    EXPECT_EQ(std::ranges::adjacent_find(kept), kept.end());
  }
}

TEST(Thinning, ItDoesNotMatterHowThePointsLieInMemory) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const Line line = random_line(1'000, seed, seed % 2 == 1);
    const auto whole = thin_by_triangles(pieces(line, 1'000), 50);
    for (const std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{333}}) {
      EXPECT_EQ(thin_by_triangles(pieces(line, size), 50), whole);
      EXPECT_EQ(thin_by_extremes(pieces(line, size), 50),
                thin_by_extremes(pieces(line, 1'000), 50));
    }
  }
}

TEST(Thinning, FewPointsAndFewWantedLeaveAllOfThem) {
  const Line line = random_line(5, 1, false);
  EXPECT_THAT(thin_by_triangles(pieces(line, 5), 5), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(thin_by_triangles(pieces(line, 5), 2), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(thin_by_triangles({}, 5), ElementsAre());
}

TEST(Thinning, TheFirstOfEqualTrianglesIsTaken) {
  Line line;
  for (int i = 0; i < 10; ++i) {
    line.x.push_back(i);
    line.y.push_back(0.0);
  }
  EXPECT_THAT(thin_by_triangles(pieces(line, 10), 4), ElementsAre(0, 1, 5, 9));
}

TEST(Thinning, AGapIsKeptAsItsFirstPoint) {
  Line line = random_line(1'000, 3, false);
  for (std::size_t i = 400; i < 450; ++i) line.y[i] = std::nan("");
  line.y[0] = std::nan("");
  const auto kept = thin_by_triangles(pieces(line, 100), 20);
  EXPECT_EQ(kept.size(), 20U);
  EXPECT_THAT(kept, Contains(0));
  EXPECT_THAT(kept, Contains(1));
  EXPECT_THAT(kept, Contains(400));
  EXPECT_EQ(std::ranges::count_if(kept, [](auto i) { return i > 400 && i < 450; }), 0);
}

TEST(Thinning, MoreGapsThanPlacesLeavePlacesForPoints) {
  Line line = random_line(1'000, 4, false);
  for (std::size_t i = 0; i < 1'000; i += 2) line.y[i] = std::nan("");
  for (const auto& kept :
       {thin_by_triangles(pieces(line, 64), 20), thin_by_extremes(pieces(line, 64), 20)}) {
    EXPECT_LE(kept.size(), 20U);
    EXPECT_EQ(std::ranges::count_if(kept, [](auto i) { return i % 2 == 0; }), 10);
  }
  std::ranges::fill(line.y, std::nan(""));
  EXPECT_EQ(thin_by_triangles(pieces(line, 64), 20).size(), 1U);
}

TEST(Thinning, SamplesOfACaptureAreChosenAsOneByOne) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    Line line = random_line(20 + seed * 7, seed, false);
    if (seed % 3 == 0) std::ranges::for_each(line.y, [](double& y) { y = std::floor(y / 50); });
    if (seed % 7 == 6) line.y[seed] = std::nan("");
    const std::size_t half = line.y.size() / 2;
    const std::vector<LinePiece> whole{{{}, line.y}};
    const std::vector<LinePiece> halves{{{}, std::span(line.y).first(half)},
                                        {{}, std::span(line.y).subspan(half)}};
    for (const std::int64_t most : {3, 4, 7, 19}) {
      EXPECT_EQ(thin_by_triangles(whole, most), thin_by_triangles(halves, most)) << seed;
    }
  }
}

TEST(Thinning, NoSpikeIsLostBetweenExtremes) {
  Line line = random_line(100'000, 5, false);
  line.y[54'321] = 1e9;
  line.y[12'345] = -1e9;
  const auto kept = thin_by_extremes(pieces(line, 1'000), 100);
  EXPECT_LE(kept.size(), 100U);
  EXPECT_THAT(kept, Contains(54'321));
  EXPECT_THAT(kept, Contains(12'345));
  EXPECT_TRUE(std::ranges::is_sorted(kept));
}

}  // namespace
}  // namespace litmus
