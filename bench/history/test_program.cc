// SPDX-License-Identifier: Apache-2.0
#include "history/test_program.h"

#include <array>
#include <limits>

namespace litmus::history {
namespace {

constexpr double kOpen = std::numeric_limits<double>::quiet_NaN();

struct Kind {
  std::size_t step;
  const char* name;
  const char* units;
  double mean;
  double sigma;
  double low;
  double high;
  const char* instrument;
};

constexpr std::array kStepNames{"power_up", "rails", "current_draw", "clock", "radio", "self_test"};

// Most are capable with room to spare; `rail_5v0` and `evm` are not.
constexpr std::array kKinds{
    Kind{0, "inrush_current", "A", 0.82, 0.03, kOpen, 1.02, "dmm"},
    Kind{0, "settling_time", "ms", 12, 0.8, kOpen, 17, "dmm"},
    Kind{1, "rail_3v3", "V", 3.3, 0.012, 3.21, 3.39, "dmm"},
    Kind{1, "rail_1v8", "V", 1.8, 0.006, 1.758, 1.842, "dmm"},
    Kind{1, "rail_5v0", "V", 5.02, 0.021, 4.92, 5.1, "dmm"},
    Kind{1, "ripple_3v3", "mV", 14, 1.6, kOpen, 25, "dmm"},
    Kind{2, "idle_current", "mA", 41, 1.1, 34, 48, "psu"},
    Kind{2, "active_current", "mA", 183, 4.5, 155, 211, "psu"},
    Kind{2, "sleep_current", "uA", 6.2, 0.55, kOpen, 10, "dmm"},
    Kind{3, "frequency_error", "ppm", 0.4, 1.5, -10, 10, nullptr},
    Kind{3, "jitter", "ps", 21, 1.5, kOpen, 31, nullptr},
    Kind{3, "duty_cycle", "%", 50, 0.35, 47.5, 52.5, nullptr},
    Kind{4, "output_power", "dBm", 10.1, 0.2, 8.8, 11.4, nullptr},
    Kind{4, "evm", "%", 3.1, 0.4, kOpen, 4.6, nullptr},
    Kind{4, "sensitivity", "dBm", -104, 0.6, kOpen, -100, nullptr},
    Kind{5, "boot_time", "s", 2.3, 0.12, kOpen, 3.2, nullptr},
    Kind{5, "temperature_rise", "K", 11, 0.9, kOpen, 17, nullptr},
    Kind{5, "signal_to_noise", "dB", 71, 1.2, 63, kOpen, nullptr},
    Kind{5, "supply_ripple_rejection", "dB", 58, 1.4, 49, kOpen, nullptr},
    Kind{5, "light_level", "lx", 240, 14, 160, 320, nullptr},
};

std::optional<double> bound(double limit) {
  return limit == limit ? std::optional(limit) : std::nullopt;
}

TestedValue value_of(const Kind& kind, std::size_t round) {
  TestedValue value;
  value.name = kind.name;
  if (round > 0) value.name += "_" + std::to_string(round + 1);
  value.units = kind.units;
  value.mean = kind.mean;
  value.sigma = kind.sigma;
  value.limits.low = bound(kind.low);
  value.limits.high = bound(kind.high);
  if (value.limits.low && value.limits.high) value.limits.nominal = (kind.low + kind.high) / 2;
  value.instrument = kind.instrument;
  value.later_limits = value.limits;
  if (value.name == "rail_3v3") {  // tightened
    value.later_limits.low = 3.24;
    value.later_limits.high = 3.36;
  }
  return value;
}

}  // namespace

std::vector<TestStep> make_test_program(std::size_t measurements) {
  std::vector<TestStep> steps(kStepNames.size());
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i].name = kStepNames[i];
  steps[1].inputs = {{"supply_voltage", 12.0}};
  steps[4].inputs = {{"channel", 7}, {"band", "upper"}};
  for (std::size_t i = 0; i < measurements; ++i) {
    const Kind& kind = kKinds[i % kKinds.size()];
    steps[kind.step].values.push_back(value_of(kind, i / kKinds.size()));
  }
  return steps;
}

}  // namespace litmus::history
