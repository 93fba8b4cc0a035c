// SPDX-License-Identifier: Apache-2.0
#include "config/range_text.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "base/blanks.h"
#include "litmus/error.h"

namespace litmus {
namespace {

constexpr int kMostItems = 10000;

std::optional<int> whole(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

[[noreturn]] void reject(std::string_view text) {
  throw Error(
      Code::kInvalidArgument,
      fmt::format("expected a name or a range (`1:4`, `CH[1:4]`, `GPIO[0,2,4:6]`, `1,3,5`), "
                  "found `{}`",
                  text));
}

}  // namespace

std::vector<std::string> expand_range(std::string_view text) {
  const std::string_view whole_text = text = without_outer_blanks(text);
  std::string prefix;
  if (const std::size_t open = text.find('['); open != std::string_view::npos) {
    if (!text.ends_with(']')) reject(whole_text);
    prefix = text.substr(0, open);
    text = text.substr(open + 1, text.size() - open - 2);
  }
  std::vector<std::string> items;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view part = without_outer_blanks(text.substr(0, comma));
    const std::size_t colon = part.find(':');
    if (part.empty()) reject(whole_text);
    if (colon == std::string_view::npos) {
      items.push_back(prefix + std::string(part));
    } else {
      const auto first = whole(part.substr(0, colon));
      const auto last = whole(part.substr(colon + 1));
      if (!first || !last || std::abs(*last - *first) > kMostItems) reject(whole_text);
      const int step = *first <= *last ? 1 : -1;
      for (int number = *first; number != *last + step; number += step) {
        items.push_back(prefix + std::to_string(number));
      }
    }
    if (comma == std::string_view::npos) return items;
    text = text.substr(comma + 1);
  }
}

std::vector<std::string> expand_ranges(const Value& value) {
  if (const auto* text = value.get_if<std::string>()) return expand_range(*text);
  std::vector<std::string> items;
  if (const auto* list = value.get_if<ValueList>()) {
    for (const Value& element : *list) {
      for (std::string& item : expand_ranges(element)) items.push_back(std::move(item));
    }
  }
  return items;
}

}  // namespace litmus
