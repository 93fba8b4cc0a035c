// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_scalar.h"

#include <charconv>
#include <limits>
#include <optional>

namespace litmus {
namespace {

bool is_digit(char character) { return character >= '0' && character <= '9'; }

template <class Number, class... Format>
std::optional<Number> parse(std::string_view text, Format... format) {
  Number number{};
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, format...);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Value> special_float(std::string_view text) {
  const bool negative = text.starts_with('-');
  const std::string_view word = text.substr(text.starts_with('+') || negative ? 1 : 0);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (word == ".inf" || word == ".Inf" || word == ".INF") return negative ? -kInfinity : kInfinity;
  if (text == ".nan" || text == ".NaN" || text == ".NAN") {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return std::nullopt;
}

std::optional<Value> number(std::string_view text) {
  if (text.starts_with("0x")) {
    if (const auto hex = parse<std::int64_t>(text.substr(2), 16)) return *hex;
    return std::nullopt;
  }
  if (text.starts_with("0o")) {
    if (const auto octal = parse<std::int64_t>(text.substr(2), 8)) return *octal;
    return std::nullopt;
  }
  if (text.starts_with('+')) text.remove_prefix(1);
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  // from_chars also knows `inf` and `nan`, which are texts.
  if (digits.empty() ||
      !(is_digit(digits[0]) || (digits[0] == '.' && digits.size() > 1 && is_digit(digits[1])))) {
    return std::nullopt;
  }
  if (const auto integer = parse<std::int64_t>(text, 10)) return *integer;
  if (const auto real = parse<double>(text, std::chars_format::general)) return *real;
  return std::nullopt;
}

}  // namespace

bool is_null_text(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

Value plain_scalar(const std::string& text) {
  if (is_null_text(text)) return {};
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (auto special = special_float(text)) return *special;
  if (auto found = number(text)) return *found;
  return text;
}

}  // namespace litmus
