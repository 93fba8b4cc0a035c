// SPDX-License-Identifier: Apache-2.0
#include "history/plan.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <numeric>

#include "history/random.h"

namespace litmus::history {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;

microseconds minutes(double count) { return microseconds(static_cast<std::int64_t>(count * 60e6)); }

template <std::size_t count>
std::size_t weighted(Random& random, const std::array<double, count>& shares) {
  double left = random.uniform();
  for (std::size_t i = 0; i + 1 < count; ++i) {
    left -= shares[i];
    if (left < 0) return i;
  }
  return count - 1;
}

// Two shifts; little happens at weekends.
Timestamp working_time(Random& random, Timestamp begin, int first_day, int count) {
  for (;;) {
    const auto day =
        begin + days(first_day + static_cast<int>(random.below(static_cast<std::size_t>(count))));
    const std::chrono::weekday weekday(std::chrono::floor<days>(day));
    const bool weekend = weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
    if (weekend && !random.chance(0.15)) continue;
    return day + hours(6) + minutes(random.uniform(0, 16 * 60));
  }
}

// Each station is set up for some of the products.
std::uint8_t station_for(Random& random, std::uint8_t product, std::size_t but_not = kStations) {
  for (;;) {
    const std::size_t station = random.below(kStations);
    if ((station + product) % 3 != 0 && station != but_not) {
      return static_cast<std::uint8_t>(station);
    }
  }
}

class Planner {
 public:
  Planner(std::uint64_t seed, Timestamp begin) : random_(seed) {
    plan_.seed = seed;
    plan_.begin = begin;
  }

  Plan plan(std::size_t runs) {
    while (plan_.runs.size() < runs) add_unit();
    plan_.runs.resize(runs);
    std::ranges::stable_sort(plan_.runs, {}, &PlannedRun::started_at);
    number_units();
    return std::move(plan_);
  }

 private:
  enum class Fault { kNone, kContact, kComponent };

  void add_unit() {
    Unit unit;
    unit.product =
        static_cast<std::uint8_t>(weighted<kProducts>(random_, {0.35, 0.25, 0.2, 0.12, 0.08}));
    unit.phase = static_cast<Phase>(weighted<3>(random_, {0.82, 0.1, 0.08}));
    unit.blank_serial = random_.chance(0.01);
    plan_.units.push_back(unit);

    Fault fault = Fault::kNone;
    if (random_.chance(0.04)) fault = random_.chance(0.4) ? Fault::kContact : Fault::kComponent;
    // Some measurements fail far more often than others.
    const auto defect = static_cast<float>(std::pow(random_.uniform(), 2.5));
    PlannedRun run;
    run.unit = static_cast<std::uint32_t>(plan_.units.size() - 1);
    run.started_at = working_time(random_, plan_.begin, 0, kDays);
    run.station = station_for(random_, unit.product);
    run.operator_number = static_cast<std::uint8_t>(random_.below(kOperators));
    for (int attempt = 0; attempt < 4; ++attempt) {
      run.defect = fault == Fault::kNone ? -1 : defect;
      run.ending = static_cast<Ending>(weighted<4>(random_, {0.986, 0.008, 0.003, 0.003}));
      if (run.started_at >= plan_.begin + days(kDays)) return;  // still to come
      plan_.runs.push_back(run);
      if (!tested_again(run, fault)) return;
      fault = next_test(run, unit, fault);
    }
  }

  // A few good units are tested again later, as an audit.
  bool tested_again(const PlannedRun& run, Fault fault) {
    if (run.ending != Ending::kRan) return true;
    return random_.chance(fault == Fault::kNone ? 0.004 : 0.9);
  }

  // Where and when; returns the fault that is left then.
  Fault next_test(PlannedRun& run, const Unit& unit, Fault fault) {
    const double place = random_.uniform();
    if (fault == Fault::kNone || place < 0.3) {
      const auto day = std::chrono::floor<days>(run.started_at - plan_.begin);
      run.started_at = working_time(random_, plan_.begin, static_cast<int>(day.count()) + 1, 10);
      run.operator_number = static_cast<std::uint8_t>(random_.below(kOperators));
      return random_.chance(0.85) ? Fault::kNone : fault;  // repaired
    }
    run.started_at += minutes(random_.uniform(3, 40));
    if (place < 0.5) run.station = station_for(random_, unit.product, run.station);
    return fault == Fault::kContact && random_.chance(0.9) ? Fault::kNone : fault;
  }

  void number_units() {
    std::array<std::uint32_t, kProducts> made{};
    for (const PlannedRun& run : plan_.runs) {
      Unit& unit = plan_.units[run.unit];
      if (unit.number == 0) unit.number = ++made[unit.product];
    }
  }

  Random random_;
  Plan plan_;
};

}  // namespace

Plan make_plan(std::size_t runs, std::uint64_t seed, Timestamp end) {
  return Planner(seed, end - days(kDays)).plan(runs);
}

}  // namespace litmus::history
