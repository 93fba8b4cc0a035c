// SPDX-License-Identifier: Apache-2.0
#include "channels/thinning.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "channels/even_line.h"

namespace litmus {
namespace {

// Goes through the points that have a y, from bucket to bucket.
class Walk {
 public:
  Walk(std::span<const LinePiece> line, bool all_have_y) : line_(line), all_have_y_(all_have_y) {
    skip();
  }

  bool at_end() const { return piece_ == line_.size(); }
  std::int64_t place() const { return first_ + static_cast<std::int64_t>(at_); }
  double x() const {
    const LinePiece& piece = line_[piece_];
    return piece.x.empty() ? static_cast<double>(place())
                           : static_cast<double>(piece.x[at_] - zero_);
  }
  double y() const { return line_[piece_].y[at_]; }
  void set_zero(std::int64_t x) { zero_ = x; }
  void next() {
    ++at_;
    skip();
  }

  // Calls `visit(x, y, place)` for the next `count` points.
  template <class Visit>
  void for_next(std::int64_t count, const Visit& visit) {
    while (count > 0 && !at_end()) {
      const LinePiece& piece = line_[piece_];
      const auto run = std::min<std::size_t>(piece.y.size() - at_, static_cast<std::size_t>(count));
      if (!all_have_y_) {
        visit(x(), y(), place());
        next();
        --count;
        continue;
      }
      const double* y = piece.y.data() + at_;
      const std::int64_t begin = place();
      if (piece.x.empty()) {
        for (std::size_t i = 0; i < run; ++i) {
          const std::int64_t place = begin + static_cast<std::int64_t>(i);
          visit(static_cast<double>(place), y[i], place);
        }
      } else {
        const std::int64_t* x = piece.x.data() + at_;
        for (std::size_t i = 0; i < run; ++i) {
          visit(static_cast<double>(x[i] - zero_), y[i], begin + static_cast<std::int64_t>(i));
        }
      }
      at_ += run;
      count -= static_cast<std::int64_t>(run);
      skip();
    }
  }

 private:
  void skip() {
    while (piece_ < line_.size()) {
      const auto y = line_[piece_].y;
      while (!all_have_y_ && at_ < y.size() && std::isnan(y[at_])) ++at_;
      if (at_ < y.size()) return;
      first_ += static_cast<std::int64_t>(y.size());
      ++piece_;
      at_ = 0;
    }
  }

  std::span<const LinePiece> line_;
  bool all_have_y_;
  std::size_t piece_ = 0;
  std::size_t at_ = 0;
  std::int64_t first_ = 0;  // place of the piece's first point
  std::int64_t zero_ = 0;
};

// The first of each run of points without y, and how many points have one.
struct Gaps {
  std::vector<std::int64_t> places;
  std::int64_t points = 0;
  bool none = true;
};

Gaps find_gaps(std::span<const LinePiece> line) {
  Gaps gaps;
  std::int64_t place = 0;
  bool in_gap = false;
  for (const LinePiece& piece : line) {
    std::int64_t missing = 0;
    for (const double y : piece.y) missing += std::isnan(y) ? 1 : 0;
    gaps.points += static_cast<std::int64_t>(piece.y.size()) - missing;
    if (missing > 0) {
      gaps.none = false;
      for (std::size_t i = 0; i < piece.y.size(); ++i) {
        const bool is_gap = std::isnan(piece.y[i]);
        if (is_gap && !in_gap) gaps.places.push_back(place + static_cast<std::int64_t>(i));
        in_gap = is_gap;
      }
    } else if (!piece.y.empty()) {
      in_gap = false;
    }
    place += static_cast<std::int64_t>(piece.y.size());
  }
  return gaps;
}

// Evenly chosen, the first and the last included.
void keep_evenly(std::vector<std::int64_t>& places, std::int64_t most) {
  const auto count = static_cast<std::int64_t>(places.size());
  if (count <= most) return;
  std::vector<std::int64_t> kept;
  for (std::int64_t i = 0; i < most; ++i) {
    kept.push_back(places[static_cast<std::size_t>(most == 1 ? 0 : i * (count - 1) / (most - 1))]);
  }
  places = std::move(kept);
}

// Chooses among the points that have a y, and puts the marks of gaps among them.
template <class Choose>
std::vector<std::int64_t> thin(std::span<const LinePiece> line, std::int64_t most,
                               const Choose& choose) {
  std::int64_t total = 0;
  for (const LinePiece& piece : line) total += static_cast<std::int64_t>(piece.y.size());
  std::vector<std::int64_t> chosen;
  if (total <= most || most < 3) {
    for (std::int64_t i = 0; i < total; ++i) chosen.push_back(i);
    return chosen;
  }
  Gaps gaps = find_gaps(line);
  keep_evenly(gaps.places, std::max<std::int64_t>(gaps.points == 0 ? most : most / 2, 1));
  const std::int64_t places = most - static_cast<std::int64_t>(gaps.places.size());
  if (gaps.points <= places) {
    for (Walk walk(line, gaps.none); !walk.at_end(); walk.next()) chosen.push_back(walk.place());
  } else {
    chosen = choose(gaps, places);
  }
  std::vector<std::int64_t> result;
  std::ranges::merge(chosen, gaps.places, std::back_inserter(result));
  return result;
}

std::int64_t first_x(std::span<const LinePiece> line) {
  for (const LinePiece& piece : line) {
    if (!piece.x.empty()) return piece.x[0];
  }
  return 0;
}

}  // namespace

std::vector<std::int64_t> thin_by_triangles(std::span<const LinePiece> line, std::int64_t most) {
  const bool is_even = line.size() == 1 && line[0].x.empty() && most >= 3 &&
                       std::cmp_greater(line[0].y.size(), most);
  if (is_even) {
    if (auto chosen = thin_even_line(line[0].y, most)) return *std::move(chosen);
  }
  return thin(line, most, [&](const Gaps& gaps, std::int64_t places) {
    std::vector<std::int64_t> chosen;
    Walk points(line, gaps.none);
    points.set_zero(first_x(line));
    Walk ahead = points;  // one bucket further
    chosen.push_back(points.place());
    if (places == 1) return chosen;
    double last_x = points.x();
    double last_y = points.y();
    points.next();
    ahead.next();
    const double width =
        places == 2 ? 0.0 : static_cast<double>(gaps.points - 2) / static_cast<double>(places - 2);
    const auto begin_of = [&](std::int64_t bucket) {
      return static_cast<std::int64_t>(static_cast<double>(bucket) * width) + 1;
    };
    if (places > 2) ahead.for_next(begin_of(1) - 1, [](double, double, std::int64_t) {});
    for (std::int64_t bucket = 0; bucket < places - 2; ++bucket) {
      // The bucket behind the last one is the last point alone.
      const std::int64_t next_begin = begin_of(bucket + 1);
      const std::int64_t next_end = std::min(begin_of(bucket + 2), gaps.points);
      double sum_x = 0.0;
      double sum_y = 0.0;
      ahead.for_next(next_end - next_begin, [&](double x, double y, std::int64_t) {
        sum_x += x;
        sum_y += y;
      });
      const auto count = static_cast<double>(next_end - next_begin);
      const double mean_x = sum_x / count;
      const double mean_y = sum_y / count;
      double largest = -1.0;
      std::int64_t best = points.place();
      double best_x = points.x();
      double best_y = points.y();
      points.for_next(next_begin - begin_of(bucket), [&](double x, double y, std::int64_t place) {
        const double area =
            std::abs((last_x - mean_x) * (y - last_y) - (last_x - x) * (mean_y - last_y));
        if (area > largest) {
          largest = area;
          best = place;
          best_x = x;
          best_y = y;
        }
      });
      chosen.push_back(best);
      last_x = best_x;
      last_y = best_y;
    }
    std::int64_t last = chosen.back();
    ahead = points;
    ahead.for_next(gaps.points, [&](double, double, std::int64_t place) { last = place; });
    chosen.push_back(last);
    return chosen;
  });
}

std::vector<std::int64_t> thin_by_extremes(std::span<const LinePiece> line, std::int64_t most) {
  return thin(line, most, [&](const Gaps& gaps, std::int64_t places) {
    std::vector<std::int64_t> chosen;
    Walk points(line, gaps.none);
    const std::int64_t buckets = std::max<std::int64_t>(places / 2, 1);
    for (std::int64_t bucket = 0; bucket < buckets; ++bucket) {
      const std::int64_t begin = gaps.points * bucket / buckets;
      const std::int64_t end = gaps.points * (bucket + 1) / buckets;
      std::int64_t least = points.place();
      std::int64_t most_place = least;
      double smallest = points.y();
      double largest = smallest;
      points.for_next(end - begin, [&](double, double y, std::int64_t place) {
        if (y < smallest) {
          smallest = y;
          least = place;
        }
        if (y > largest) {
          largest = y;
          most_place = place;
        }
      });
      chosen.push_back(std::min(least, most_place));
      if (least != most_place && places > 1) chosen.push_back(std::max(least, most_place));
    }
    return chosen;
  });
}

}  // namespace litmus
