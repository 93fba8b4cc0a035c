// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace litmus {

// Points of a line, given in pieces that lie apart in memory. x rises; y may be missing (NaN).
struct LinePiece {
  std::span<const std::int64_t> x;  // empty: the numbers of the points
  std::span<const double> y;
};

// Which of the points to keep: at most `most`, in order, the first and the last one included. Runs
// of points without y are kept as one point each, the first of the run, as long as they take no
// more than half of the places; then evenly chosen ones of them.
//
// Largest Triangle Three Buckets (S. Steinarsson, 2013): one point of each bucket, the one whose
// triangle with the point chosen before and the mean of the next bucket is largest; the first on
// ties. Fewer than three points wanted: all are kept.
std::vector<std::int64_t> thin_by_triangles(std::span<const LinePiece> line, std::int64_t most);

// The smallest and the largest of each of most/2 buckets: no spike is lost.
std::vector<std::int64_t> thin_by_extremes(std::span<const LinePiece> line, std::int64_t most);

}  // namespace litmus
