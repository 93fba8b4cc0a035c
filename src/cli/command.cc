// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <algorithm>
#include <ranges>

namespace litmus {

bool CommandOption::has_name(std::string_view name) const {
  return std::ranges::any_of(names | std::views::split(','), [&](auto part) {
    return std::string_view(part.begin(), part.end()) == name;
  });
}

const Command* Command::find(std::string_view subcommand) const {
  const auto found = std::ranges::find(subcommands, subcommand, &Command::name);
  return found == subcommands.end() ? nullptr : &*found;
}

}  // namespace litmus
