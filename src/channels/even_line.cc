// SPDX-License-Identifier: Apache-2.0
#include "channels/even_line.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace litmus {
namespace {

// Numbers that every processor calculates with at once: more would be taken apart again, at the
// price of one by one.
constexpr std::int64_t kLanes = 2;
using Lanes = double __attribute__((vector_size(kLanes * sizeof(double))));

constexpr std::int64_t kBuckets = 4;

// Sums of neighbouring buckets, four at a time: each is added up in the order of its points, as one
// by one, but no addition waits for that of another bucket.
void sum_buckets(std::span<const double> y, std::span<const std::int64_t> begins,
                 std::span<double> sums) {
  const auto count = static_cast<std::int64_t>(sums.size());
  std::int64_t bucket = 0;
  for (; bucket + kBuckets <= count; bucket += kBuckets) {
    const std::int64_t* begin = &begins[static_cast<std::size_t>(bucket)];
    std::int64_t common = INT64_MAX;
    std::array<const double*, kBuckets> points;
    for (int one = 0; one < kBuckets; ++one) {
      common = std::min(common, begin[one + 1] - begin[one]);
      points[static_cast<std::size_t>(one)] = y.data() + begin[one];
    }
    double a = 0.0;
    double b = 0.0;
    double c = 0.0;
    double d = 0.0;
    for (std::int64_t i = 0; i < common; ++i) {
      a += points[0][i];
      b += points[1][i];
      c += points[2][i];
      d += points[3][i];
    }
    const std::array<double, kBuckets> common_sums{a, b, c, d};
    for (int one = 0; one < kBuckets; ++one) {
      double sum = common_sums[static_cast<std::size_t>(one)];
      for (std::int64_t i = begin[one] + common; i < begin[one + 1]; ++i) {
        sum += y[static_cast<std::size_t>(i)];
      }
      sums[static_cast<std::size_t>(bucket + one)] = sum;
    }
  }
  for (; bucket < count; ++bucket) {
    double sum = 0.0;
    for (std::int64_t i = begins[static_cast<std::size_t>(bucket)];
         i < begins[static_cast<std::size_t>(bucket) + 1]; ++i) {
      sum += y[static_cast<std::size_t>(i)];
    }
    sums[static_cast<std::size_t>(bucket)] = sum;
  }
}

struct Point {
  double x;
  double y;
};

// The first of the points from `begin` to `end` whose triangle with the two others is largest.
std::int64_t largest_triangle(const double* y, std::int64_t begin, std::int64_t end, Point last,
                              Point mean) {
  const double run = last.x - mean.x;
  const double rise = mean.y - last.y;
  double largest = -1.0;
  std::int64_t best = begin;
  std::int64_t i = begin;
  if (end - begin >= kLanes) {
    const auto x = static_cast<double>(begin);
    Lanes places{x, x + 1};
    Lanes best_areas{-1.0, -1.0};
    Lanes best_places = places;
    for (; i + kLanes <= end; i += kLanes) {
      const Lanes values{y[i], y[i + 1]};
      const Lanes areas = run * (values - last.y) - (last.x - places) * rise;
      const Lanes sizes = areas < 0.0 ? -areas : areas;
      const auto is_larger = sizes > best_areas;
      best_areas = is_larger ? sizes : best_areas;
      best_places = is_larger ? places : best_places;
      places += static_cast<double>(kLanes);
    }
    for (int lane = 0; lane < kLanes; ++lane) {
      const auto place = static_cast<std::int64_t>(best_places[lane]);
      if (best_areas[lane] > largest || (best_areas[lane] == largest && place < best)) {
        largest = best_areas[lane];
        best = place;
      }
    }
  }
  for (; i < end; ++i) {
    const double size = std::abs(run * (y[i] - last.y) - (last.x - static_cast<double>(i)) * rise);
    if (size > largest) {
      largest = size;
      best = i;
    }
  }
  return best;
}

}  // namespace

std::optional<std::vector<std::int64_t>> thin_even_line(std::span<const double> y,
                                                        std::int64_t most) {
  const auto count = static_cast<std::int64_t>(y.size());
  const auto buckets = static_cast<std::size_t>(most - 2);
  const double width = static_cast<double>(count - 2) / static_cast<double>(buckets);
  // Of the buckets and of the last point, which is one of its own.
  std::vector<std::int64_t> begins(buckets + 2);
  for (std::size_t i = 0; i <= buckets; ++i) {
    begins[i] = static_cast<std::int64_t>(static_cast<double>(i) * width) + 1;
  }
  begins[buckets + 1] = count;
  std::vector<double> sums(buckets + 1);
  double all = y[0];
  std::vector<std::int64_t> chosen{0};
  std::size_t bucket = 0;
  // A few buckets at a time, so that their points are still in the processor's cache when one of
  // them is chosen.
  for (std::size_t summed = 0; summed < sums.size();) {
    const std::size_t group = std::min<std::size_t>(kBuckets, sums.size() - summed);
    sum_buckets(y, std::span(begins).subspan(summed), std::span(sums).subspan(summed, group));
    for (std::size_t i = 0; i < group; ++i) all += sums[summed++];
    if (std::isnan(all)) return std::nullopt;  // one is missing, or they are without bounds
    for (; bucket + 1 < summed; ++bucket) {
      const std::int64_t begin = begins[bucket + 1];
      const std::int64_t end = begins[bucket + 2];
      const auto points = static_cast<double>(end - begin);
      const auto places = static_cast<double>((begin + end - 1) * (end - begin)) / 2.0;
      const std::int64_t last = chosen.back();
      chosen.push_back(
          largest_triangle(y.data(), begins[bucket], begin,
                           {static_cast<double>(last), y[static_cast<std::size_t>(last)]},
                           {places / points, sums[bucket + 1] / points}));
    }
  }
  chosen.push_back(count - 1);
  return chosen;
}

}  // namespace litmus
