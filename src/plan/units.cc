// SPDX-License-Identifier: Apache-2.0
#include "plan/units.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <numbers>

#include "base/blanks.h"
#include "litmus/error.h"

namespace litmus {
namespace {

struct KnownUnit {
  std::string_view name;
  double scale;
  std::string_view base;  // `kg^1 m^2 s^-3 A^-1`, written as exponents of the base units below
  std::array<int, 5> exponents;  // kg, m, s, A, K
  bool takes_prefix;
};

constexpr std::array<std::string_view, 5> kBaseUnits{"kg", "m", "s", "A", "K"};
constexpr KnownUnit derived(std::string_view name, std::array<int, 5> exponents, double scale = 1.0,
                            bool takes_prefix = true) {
  return {name, scale, {}, exponents, takes_prefix};
}

constexpr KnownUnit own(std::string_view name, std::string_view base, double scale = 1.0,
                        bool takes_prefix = false) {
  return {name, scale, base, {}, takes_prefix};
}

constexpr std::array kKnownUnits{
    derived("g", {1, 0, 0, 0, 0}, 1e-3),
    derived("m", {0, 1, 0, 0, 0}),
    derived("s", {0, 0, 1, 0, 0}),
    derived("A", {0, 0, 0, 1, 0}),
    derived("K", {0, 0, 0, 0, 1}),
    derived("V", {1, 2, -3, -1, 0}),
    derived("ohm", {1, 2, -3, -2, 0}),
    derived("Ohm", {1, 2, -3, -2, 0}),
    derived("Ω", {1, 2, -3, -2, 0}),
    derived("\xE2\x84\xA6", {1, 2, -3, -2, 0}),  // the ohm sign, U+2126
    derived("S", {-1, -2, 3, 2, 0}),
    derived("W", {1, 2, -3, 0, 0}),
    derived("VA", {1, 2, -3, 0, 0}),
    derived("J", {1, 2, -2, 0, 0}),
    derived("F", {-1, -2, 4, 2, 0}),
    derived("H", {1, 2, -2, -2, 0}),
    derived("C", {0, 0, 1, 1, 0}),
    derived("Wb", {1, 2, -2, -1, 0}),
    derived("T", {1, 0, -2, -1, 0}),
    derived("N", {1, 1, -2, 0, 0}),
    derived("Pa", {1, -1, -2, 0, 0}),
    derived("bar", {1, -1, -2, 0, 0}, 1e5),
    derived("Hz", {0, 0, -1, 0, 0}),
    derived("rpm", {0, 0, -1, 0, 0}, 1.0 / 60.0, false),
    derived("min", {0, 0, 1, 0, 0}, 60.0, false),
    derived("h", {0, 0, 1, 0, 0}, 3600.0, false),
    own("%", "1", 0.01),
    own("percent", "1", 0.01),
    own("ppm", "1", 1e-6),
    own("ppb", "1", 1e-9),
    own("1", "1"),
    own("rad", "rad", 1.0, true),
    own("deg", "rad", std::numbers::pi / 180.0),
    own("°", "rad", std::numbers::pi / 180.0),
    own("degC", "degC"),
    own("°C", "degC"),
    own("degF", "degF"),
    own("°F", "degF"),
    own("bit", "bit", 1.0, true),
    own("B", "bit", 8.0, true),
    own("Sa", "Sa", 1.0, true),
    own("lm", "lm", 1.0, true),
    own("cd", "cd", 1.0, true),
    own("lx", "lx", 1.0, true),
    own("dB", "dB"),
    own("dBm", "dBm"),
};

struct Prefix {
  std::string_view name;
  double scale;
};

constexpr std::array kPrefixes{
    Prefix{"f", 1e-15}, Prefix{"p", 1e-12}, Prefix{"n", 1e-9},
    Prefix{"u", 1e-6},  Prefix{"µ", 1e-6},  Prefix{"\xCE\xBC", 1e-6},  // the Greek letter
    Prefix{"m", 1e-3},  Prefix{"c", 1e-2},  Prefix{"k", 1e3},
    Prefix{"M", 1e6},   Prefix{"G", 1e9},   Prefix{"T", 1e12},
};

const KnownUnit* find_unit(std::string_view name) {
  for (const KnownUnit& unit : kKnownUnits) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

}  // namespace

Unit::Unit(std::string_view text) {
  text = without_outer_blanks(text);
  int sign = 1;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    constexpr std::string_view kDot = "·";
    const bool is_end = i == text.size();
    const bool is_dot = text.substr(i).starts_with(kDot);
    if (!is_end && !is_dot && text[i] != '*' && text[i] != '/') continue;
    multiply(without_outer_blanks(text.substr(start, i - start)), sign);
    if (!is_end) sign = text[i] == '/' ? -1 : 1;
    if (is_dot) i += kDot.size() - 1;
    start = i + 1;
  }
}

// `m`, `s^2`, `m²`
void Unit::multiply(std::string_view factor, int sign) {
  if (factor.empty()) return;
  int exponent = 1;
  if (const std::size_t caret = factor.find('^'); caret != std::string_view::npos) {
    const std::string_view power = factor.substr(caret + 1);
    const auto [end, error] = std::from_chars(power.data(), power.data() + power.size(), exponent);
    if (error == std::errc() && end == power.data() + power.size()) {
      factor = factor.substr(0, caret);
    } else {
      exponent = 1;
    }
  } else if (factor.ends_with("²") || factor.ends_with("³")) {
    exponent = factor.ends_with("²") ? 2 : 3;
    factor.remove_suffix(std::string_view("²").size());
  }
  add(factor, sign * exponent);
}

void Unit::add(std::string_view name, int exponent) {
  const KnownUnit* unit = find_unit(name);
  double scale = 1.0;
  for (const Prefix& prefix : kPrefixes) {
    if (unit != nullptr) break;
    if (!name.starts_with(prefix.name)) continue;
    const KnownUnit* rest = find_unit(name.substr(prefix.name.size()));
    if (rest == nullptr || !rest->takes_prefix) continue;
    unit = rest;
    scale = prefix.scale;
  }
  const auto count = [&](std::string_view base, int times) {
    if (times == 0 || base == "1") return;
    const auto place = dimensions_.try_emplace(std::string(base), 0).first;
    place->second += times;
    if (place->second == 0) dimensions_.erase(place);
  };
  if (unit == nullptr) {
    count(name, exponent);
    return;
  }
  scale_ *= std::pow(scale * unit->scale, exponent);
  if (!unit->base.empty()) count(unit->base, exponent);
  for (std::size_t i = 0; i < kBaseUnits.size(); ++i) {
    count(kBaseUnits[i], unit->exponents[i] * exponent);
  }
}

std::optional<double> Unit::factor_to(const Unit& other) const {
  if (dimensions_ != other.dimensions_) return std::nullopt;
  const double factor = scale_ / other.scale_;
  // Powers of ten multiplied up are off in the last digits: 1e-3 of them, not
  // 0.0010000000000000002.
  return std::strtod(fmt::format("{:.14g}", factor).c_str(), nullptr);
}

double unit_factor(std::string_view units, std::string_view wanted) {
  const auto factor = Unit(units).factor_to(Unit(wanted));
  if (!factor) {
    throw Error(Code::kInvalidArgument,
                fmt::format("units that cannot match: `{}` and `{}` are of unlike dimensions",
                            units, wanted));
  }
  return *factor;
}

}  // namespace litmus
