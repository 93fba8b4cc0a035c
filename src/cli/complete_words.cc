// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ranges>
#include <set>

#include "cli/commands.h"
#include "cli/console.h"
#include "config/data_dir.h"
#include "reader/daemon_client.h"
#include "reader/daemon_results.h"
#include "report/text_width.h"
#include "results/sealed_runs.h"
#include "service/daemon_directory.h"
#include "store/channel_registry.h"
#include "store/data_layout.h"

namespace litmus {
namespace {

constexpr std::size_t kShortIdLength = 8;
constexpr std::int64_t kRunsOffered = 200;
constexpr std::size_t kSessionsOffered = 100;

struct Candidate {
  std::string word;
  std::string description;
};

// The words before the cursor, understood as far as that is possible, and the one at the cursor.
struct CommandLine {
  const Command* command = nullptr;
  const CommandOption* expects = nullptr;  // the option whose value stands at the cursor
  std::size_t positionals = 0;             // so many are there already
  std::optional<std::string> data_dir;
  std::string current;
};

const CommandOption* find_option(const Command& command, std::string_view name) {
  const auto found = std::ranges::find_if(
      command.options, [&](const CommandOption& option) { return option.has_name(name); });
  return found == command.options.end() ? nullptr : &*found;
}

// `--option=value` as two words, whether the shell has split it at the `=` (bash) or not.
std::vector<std::string> without_equals(const std::vector<std::string>& given) {
  std::vector<std::string> words;
  for (const std::string& word : given) {
    const auto equals = word.starts_with("--") ? word.find('=') : std::string::npos;
    if (word == "=") continue;
    words.push_back(word.substr(0, equals));
    if (equals != std::string::npos) words.push_back(word.substr(equals + 1));
  }
  if (!given.empty() && given.back() == "=") words.emplace_back();
  return words;
}

CommandLine understand(const Command& root, const std::vector<std::string>& given) {
  const std::vector<std::string> words = without_equals(given);
  CommandLine line;
  line.command = &root;
  if (words.empty()) return line;
  line.current = words.back();
  for (const std::string& word : words | std::views::take(words.size() - 1)) {
    if (line.expects != nullptr) {
      if (line.expects->has_name("--data-dir")) line.data_dir = word;
      line.expects = nullptr;
    } else if (const Command* next = line.command->find(word)) {
      line.command = next;
    } else if (word.starts_with('-')) {
      const CommandOption* option = find_option(*line.command, word);
      if (option != nullptr && !option->is_flag()) line.expects = option;
    } else {
      ++line.positionals;
    }
  }
  if (line.expects == nullptr) {
    auto positionals = line.command->options | std::views::filter(&CommandOption::is_positional);
    std::size_t index = 0;
    for (const CommandOption& option : positionals) {
      const bool takes_all = std::holds_alternative<std::vector<std::string>*>(option.target);
      if (!line.current.starts_with('-') && (index == line.positionals || takes_all)) {
        line.expects = &option;
        break;
      }
      ++index;
    }
  }
  return line;
}

std::vector<Candidate> run_ids(const CommandLine& line) {
  // Nobody waits for a daemon to start while a word is completed.
  const std::string data_dir = resolve_data_dir(line.data_dir);
  std::unique_ptr<ResultsReader> results;
  if (find_daemon(daemon_places(data_dir))) {
    results = std::make_unique<DaemonResults>(std::make_shared<DaemonClient>(data_dir));
  } else {
    results = std::make_unique<SealedRuns>(data_dir);
  }
  std::vector<Candidate> candidates;
  for (const RunSummary& run : results->list_runs(kRunsOffered)) {
    const bool short_is_enough = line.current.size() <= kShortIdLength;
    candidates.push_back(
        {short_is_enough ? run.run_id.substr(0, kShortIdLength) : run.run_id,
         run.dut_serial.value_or("no serial") + " " + run.outcome.value_or("running") +
             (run.started_at ? " " + to_iso8601(*run.started_at).substr(0, 16) : "")});
  }
  return candidates;
}

std::vector<Candidate> session_ids(const CommandLine& line) {
  constexpr std::size_t kIdLength = 36;
  std::vector<Candidate> candidates;
  std::set<std::string> known;
  const auto paths = find_event_files(posix_file_system(), resolve_data_dir(line.data_dir));
  for (const std::string& path : paths | std::views::reverse) {
    const std::string id = file_name(path).substr(0, kIdLength);
    if (known.insert(id).second) candidates.push_back({id, file_name(parent_folder(path))});
    if (candidates.size() == kSessionsOffered) break;
  }
  return candidates;
}

std::vector<Candidate> channel_ids(const CommandLine& line) {
  std::vector<Candidate> candidates;
  const auto channels = read_channel_registry(posix_file_system(), resolve_data_dir(line.data_dir));
  for (const auto& [id, channel] : channels) {
    candidates.push_back({id, channel.data_type + " " + channel.units.value_or("")});
  }
  return candidates;
}

std::vector<Candidate> subcommands_of(const Command& command) {
  std::vector<Candidate> candidates;
  candidates.reserve(command.subcommands.size());
  for (const Command& subcommand : command.subcommands) {
    candidates.push_back({subcommand.name, subcommand.summary});
  }
  return candidates;
}

std::vector<Candidate> options_of(const Command& command) {
  std::vector<Candidate> candidates;
  for (const CommandOption& option : command.options) {
    if (option.is_positional()) continue;
    const auto comma = option.names.find(',');
    candidates.push_back(
        {comma == std::string::npos ? option.names : option.names.substr(comma + 1), option.help});
  }
  candidates.push_back({"--help", "show this help"});
  if (command.name == "litmus") candidates.push_back({"--version", "show the version"});
  return candidates;
}

std::vector<Candidate> choices_of(const CommandOption& option) {
  std::vector<Candidate> candidates;
  candidates.reserve(option.choices.size());
  for (const std::string& choice : option.choices) candidates.push_back({choice, ""});
  return candidates;
}

std::vector<Candidate> candidates_for(const CommandLine& line) {
  if (line.expects == nullptr) {
    return line.current.starts_with('-') ? options_of(*line.command)
                                         : subcommands_of(*line.command);
  }
  switch (line.expects->completion) {
    case Completion::kRunId: return run_ids(line);
    case Completion::kSessionId: return session_ids(line);
    case Completion::kChannelId: return channel_ids(line);
    case Completion::kChoices: return choices_of(*line.expects);
    default: return {};
  }
}

}  // namespace

int complete_words(const std::vector<std::string>& words, Console& console) {
  const Command root = litmus_command();
  const CommandLine line = understand(root, words);
  const Completion kind = line.expects == nullptr ? Completion::kNothing : line.expects->completion;
  if (kind == Completion::kFile || kind == Completion::kFolder) {
    console.print(kind == Completion::kFile ? "files\n" : "folders\n");
    return kSuccess;
  }
  console.print("words\n");
  for (const Candidate& candidate : candidates_for(line)) {
    if (!candidate.word.starts_with(line.current)) continue;
    console.print(candidate.word + "\t" + printable(candidate.description) + "\n");
  }
  return kSuccess;
}

}  // namespace litmus
