// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "litmus/value.h"

namespace litmus {

// The options of a command that asks a named query, made from the query's own description: its
// name, meaning and choices stand there and nowhere else. The targets live in this object.
class QueryOptions {
 public:
  using Fallbacks = std::vector<std::pair<std::string_view, Value>>;

  // `left_out`: parameters that are no option of the command. `fallbacks`: where the command takes
  // something else than the query when an option is not given.
  explicit QueryOptions(std::string_view query, const std::vector<std::string_view>& left_out = {},
                        Fallbacks fallbacks = {});
  QueryOptions(const QueryOptions&) = delete;
  QueryOptions& operator=(const QueryOptions&) = delete;

  std::vector<CommandOption> command_options();
  // What was given, as parameters of the query.
  ValueMap parameters() const;

 private:
  struct Option {
    std::string parameter;
    CommandOption option;  // its target is one of the following
    std::optional<std::string> text;
    std::optional<std::int64_t> number;
    std::vector<std::string> texts;
    bool flag = false;
    bool splits_at_commas = false;
  };

  std::deque<Option> options_;  // targets keep their place
  Fallbacks fallbacks_;
};

}  // namespace litmus
