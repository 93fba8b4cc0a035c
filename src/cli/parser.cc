// SPDX-License-Identifier: Apache-2.0
#include "cli/parser.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>

#include "base/did_you_mean.h"
#include "litmus/error.h"
#include "litmus/version.h"

namespace litmus {
namespace {

constexpr std::size_t kHelpColumn = 28;

[[noreturn]] void reject(const std::string& message) {
  throw Error(Code::kInvalidArgument, message);
}

std::string suggestion(const std::string& typed, const std::vector<std::string>& known) {
  const auto word = closest_word(typed, known);
  return word ? fmt::format(" (did you mean {}?)", *word) : "";
}

// The deepest command that the words name, and its full name.
struct Target {
  const Command* command;
  std::string name;
};

Target find_command(const Command& root, const std::vector<std::string>& words) {
  Target target{&root, root.name};
  for (const std::string& word : words) {
    if (target.command->subcommands.empty() || word.starts_with('-')) break;
    const Command* next = target.command->find(word);
    if (next == nullptr) {
      std::vector<std::string> known;
      known.reserve(target.command->subcommands.size());
      for (const Command& command : target.command->subcommands) {
        known.push_back(command.name);
      }
      reject(fmt::format("unknown command {}{}; `{} --help` lists all", word,
                         suggestion(word, known), target.name));
    }
    target = {next, target.name + " " + next->name};
  }
  return target;
}

std::int64_t parse_integer(const CommandOption& option, const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < option.lowest) {
    reject(fmt::format("{}: expected a whole number from {} on, found {}", option.names,
                       option.lowest, text));
  }
  return number;
}

void assign(const CommandOption& option, const std::vector<std::string>& values) {
  std::visit(
      [&](auto* target) {
        using T = std::remove_pointer_t<decltype(target)>;
        if constexpr (std::same_as<T, std::vector<std::string>>) {
          *target = values;
        } else if constexpr (std::same_as<T, std::int64_t> ||
                             std::same_as<T, std::optional<std::int64_t>>) {
          *target = parse_integer(option, values.back());
        } else if constexpr (!std::same_as<T, bool>) {
          *target = values.back();
        }
      },
      option.target);
}

void add_option(CLI::App& app, const CommandOption& option) {
  if (auto* const* flag = std::get_if<bool*>(&option.target)) {
    app.add_flag_callback(option.names, [target = *flag] { *target = true; }, option.help);
    return;
  }
  CLI::Option* added = app.add_option(
      option.names,
      [&option](const CLI::results_t& values) {
        assign(option, values);
        return true;
      },
      option.help);
  const bool is_list = std::holds_alternative<std::vector<std::string>*>(option.target);
  if (is_list && option.is_positional()) {
    added->expected(0, CLI::detail::expected_max_vector_size)->allow_extra_args();
  } else if (is_list) {
    added->take_all();
  } else {
    added->take_last();
  }
  if (const auto* const* number = std::get_if<std::int64_t*>(&option.target)) {
    added->default_str(std::to_string(**number));
  }
  const bool is_number = std::holds_alternative<std::int64_t*>(option.target) ||
                         std::holds_alternative<std::optional<std::int64_t>*>(option.target);
  added->type_name(option.is_positional()       ? ""
                   : !option.value_name.empty() ? option.value_name
                   : is_number                  ? "N"
                                                : "TEXT");
  added->required(option.required);
}

void add_command(CLI::App& app, const Command& command) {
  app.get_formatter()->column_width(kHelpColumn);
  app.footer(command.details);
  app.set_help_flag("-h,--help", "show this help");
  app.prefix_command(false);
  app.allow_extras();  // told by complain_about_extras, in better words
  for (const CommandOption& option : command.options) add_option(app, option);
  for (const Command& subcommand : command.subcommands) {
    CLI::App* added = app.add_subcommand(subcommand.name, subcommand.summary);
    add_command(*added, subcommand);
  }
}

CLI::App& deepest(CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : deepest(*chosen.front());
}

void complain_about_extras(const CLI::App& app, const Target& target) {
  const std::vector<std::string> extras = app.remaining();
  if (extras.empty()) return;
  const std::string& extra = extras.front();
  if (!extra.starts_with('-') || extra == "-") {
    reject(fmt::format("unexpected argument {}; see `{} --help`", extra, target.name));
  }
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  }
  const std::string typed = extra.substr(0, extra.find('='));
  reject(fmt::format("unknown option {}{}; see `{} --help`", typed, suggestion(typed, known),
                     target.name));
}

}  // namespace

int run_command_line(const Command& root, const std::vector<std::string>& words, Console& console) {
  const Target target = find_command(root, words);
  CLI::App app(root.summary, root.name);
  app.set_version_flag("--version", fmt::format("{}, version {}", root.name, kVersion),
                       "show the version");
  add_command(app, root);
  try {
    app.parse(
        std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 takes the last first
  } catch (const CLI::CallForVersion& version) {
    console.print(std::string(version.what()) + "\n");
    return kSuccess;
  } catch (const CLI::CallForHelp&) {
    console.print(app.help());
    return kSuccess;
  } catch (const CLI::ParseError& error) {
    reject(fmt::format("{}; see `{} --help`", error.what(), target.name));
  }
  complain_about_extras(deepest(app), target);
  if (target.command->run) return target.command->run(console);
  console.print(app.help());  // `litmus`, `litmus data`: what could follow
  return kSuccess;
}

}  // namespace litmus
