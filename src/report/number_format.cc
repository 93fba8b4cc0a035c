// SPDX-License-Identifier: Apache-2.0
#include "report/number_format.h"

#include <fmt/format.h>

#include <cmath>

namespace litmus {
namespace {

constexpr int kMaxExtraDecimals = 16;          // a double has 17 digits
constexpr std::size_t kExactLimitLength = 10;  // what people type; longer ones were computed

std::string with_decimals(double number, int extra) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  if (number == 0) return "0";
  const double magnitude = std::abs(number);
  if (magnitude >= 1e15) return fmt::format("{:.{}e}", number, 5 + extra);
  if (magnitude >= 1000) return fmt::format("{:.{}f}", number, 1 + extra);
  if (magnitude >= 1) return fmt::format("{:.{}f}", number, 3 + extra);
  if (magnitude >= 0.001) return fmt::format("{:.{}f}", number, 6 + extra);
  return fmt::format("{:.{}e}", number, 5 + extra);
}

std::string without_trailing_zeros(std::string text) {
  const auto end = std::min(text.find('e'), text.size());
  if (text.find('.') >= end) return text;
  auto last = text.find_last_not_of('0', end - 1);
  if (text[last] == '.') --last;
  return text.erase(last + 1, end - last - 1);
}

}  // namespace

std::string format_number(double number) { return with_decimals(number, 0); }

NumberFormat::NumberFormat(std::optional<double> value,
                           std::initializer_list<std::optional<double>> limits) {
  if (!value || std::isnan(*value)) return;
  for (const auto& limit : limits) {
    if (!limit || *limit == *value) continue;
    while (extra_decimals_ < kMaxExtraDecimals &&
           with_decimals(*value, extra_decimals_) == with_decimals(*limit, extra_decimals_)) {
      ++extra_decimals_;
    }
  }
}

std::string NumberFormat::value(double number) const {
  return with_decimals(number, extra_decimals_);
}

std::string NumberFormat::limit(double number) const {
  std::string exact = exact_number(number);
  if (exact.size() <= kExactLimitLength) return exact;
  return without_trailing_zeros(with_decimals(number, extra_decimals_));
}

std::string exact_number(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return fmt::format("{}", number);
}

std::string format_duration(double seconds) {
  if (seconds < 0.0009995) return fmt::format("{:.0f} µs", seconds * 1e6);
  if (seconds < 0.01) return fmt::format("{:.1f} ms", seconds * 1e3);
  if (seconds < 0.9995) return fmt::format("{:.0f} ms", seconds * 1e3);
  if (seconds < 59.995) return fmt::format("{:.2f} s", seconds);
  const long long whole = std::llround(seconds);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  const long long minutes = (whole + 30) / 60;
  return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

}  // namespace litmus
