// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace litmus {

class Console;

// What the shell can offer where a value is expected.
enum class Completion { kNothing, kChoices, kFile, kFolder, kRunId, kSessionId, kChannelId };

// An option, or with a name without dashes a positional argument.
struct CommandOption {
  // Where the value goes; bool is a flag, a vector may be given several times.
  using Target =
      std::variant<bool*, std::string*, std::optional<std::string>*, std::vector<std::string>*,
                   std::int64_t*, std::optional<std::int64_t>*>;

  std::string names;  // `-o,--output`, `RUN_ID`
  std::string help;
  Target target;
  std::string value_name = {};  // in the help; empty: the kind of value
  Completion completion = Completion::kNothing;
  std::vector<std::string> choices = {};  // offered, not enforced
  bool required = false;
  std::int64_t lowest = 1;  // of a number

  bool is_positional() const { return !names.starts_with('-'); }
  bool is_flag() const { return std::holds_alternative<bool*>(target); }
  bool has_name(std::string_view name) const;  // `--output`
};

// One command as data: from it come the parser, the help and the completions of the shell. The
// targets live in an object that `run` shares.
struct Command {
  std::string name;
  std::string summary;
  std::string details = {};  // more help, below the options: examples
  std::vector<CommandOption> options = {};
  std::vector<Command> subcommands = {};
  std::function<int(Console&)> run = {};  // returns the exit status; absent: subcommands only

  const Command* find(std::string_view subcommand) const;
};

inline constexpr int kSuccess = 0;
inline constexpr int kFailure = 1;
inline constexpr int kUsageError = 2;
inline constexpr int kClosedPipe = 141;

}  // namespace litmus
