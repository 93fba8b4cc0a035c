// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace litmus {

// Without the spaces, tabs and line ends at both ends, as people and scanners leave them.
constexpr std::string_view without_outer_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace litmus
