// SPDX-License-Identifier: Apache-2.0
#include "cli/query_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "index/query_catalogue.h"
#include "litmus/error.h"
#include "litmus/outcome.h"
#include "report/measurement_text.h"

namespace litmus {
namespace {

constexpr std::size_t kChoicesShown = 8;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> words;
  for (const auto part : text | std::views::split(separator)) {
    if (!part.empty()) words.emplace_back(part.begin(), part.end());
  }
  return words;
}

std::string option_name(std::string_view parameter) {
  std::string name = "--" + std::string(parameter);
  std::ranges::replace(name, '_', '-');
  return name;
}

const char* value_name(ParameterKind kind) {
  switch (kind) {
    case ParameterKind::kInteger: return "N";
    case ParameterKind::kMoment: return "TIME";
    case ParameterKind::kZone: return "ZONE";
    case ParameterKind::kChoice: return "WORD";
    case ParameterKind::kChoices:
    case ParameterKind::kColumns: return "A,B,..";
    default: return "TEXT";
  }
}

std::string help_of(const QueryParameter& parameter, std::string_view fallback) {
  std::string help(parameter.meaning);
  // Longer lists are for the completion, and for the error about something else.
  const std::vector<std::string> choices = split(parameter.choices, ' ');
  if (!choices.empty() && choices.size() <= kChoicesShown) {
    help += fmt::format("{}{}", help.empty() ? "" : ": ", fmt::join(choices, ", "));
  }
  if (parameter.kind == ParameterKind::kTexts) help += "; may be given several times";
  if (!fallback.empty()) help += fmt::format(" [{}]", fmt::join(split(fallback, ' '), ","));
  return help;
}

// A mistyped word would find nothing, which looks like an answer.
void check_choice(const CommandOption& option, const std::string& text) {
  const auto& choices = option.choices;
  if (choices.empty() || std::ranges::find(choices, text) != choices.end()) return;
  throw Error(Code::kInvalidArgument, fmt::format("{}: expected one of {}, found {}", option.names,
                                                  fmt::join(choices, ", "), text));
}

}  // namespace

QueryOptions::QueryOptions(std::string_view query, const std::vector<std::string_view>& left_out,
                           Fallbacks fallbacks)
    : fallbacks_(std::move(fallbacks)) {
  const auto catalogue = query_catalogue();
  const auto description = std::ranges::find(catalogue, query, &QueryDescription::name);
  if (description == catalogue.end()) {
    throw Error(Code::kNotFound, fmt::format("there is no query {}", query));
  }
  const auto add = [&](const QueryParameter& parameter) {
    if (std::ranges::find(left_out, parameter.name) != left_out.end()) return;
    if (parameter.kind == ParameterKind::kColumnFilters) return;
    const bool is_flag = parameter.kind == ParameterKind::kBoolean;
    if (is_flag && parameter.fallback == "true") return;  // a flag can only say yes
    const auto ours = std::ranges::find(fallbacks_, parameter.name, &Fallbacks::value_type::first);
    const std::string fallback = is_flag                    ? ""
                                 : ours == fallbacks_.end() ? std::string(parameter.fallback)
                                                            : text_of(ours->second);
    Option& added = options_.emplace_back();
    added.parameter = parameter.name;
    added.splits_at_commas =
        parameter.kind == ParameterKind::kChoices || parameter.kind == ParameterKind::kColumns;
    added.option = {.names = option_name(parameter.name),
                    .help = help_of(parameter, fallback),
                    .target = &added.text,
                    .value_name = value_name(parameter.kind),
                    .choices = split(parameter.choices, ' ')};
    if (!added.option.choices.empty()) added.option.completion = Completion::kChoices;
    if (parameter.name == "session_id") added.option.completion = Completion::kSessionId;
    if (is_flag) added.option.target = &added.flag;
    if (parameter.kind == ParameterKind::kInteger) {
      added.option.target = &added.number;
      added.option.lowest = parameter.name == "limit" ? 1 : parameter.low;  // no list of nothing
    }
    if (parameter.kind == ParameterKind::kTexts || added.splits_at_commas) {
      added.option.target = &added.texts;
    }
  };
  if (description->filters) std::ranges::for_each(run_filter_parameters(), add);
  std::ranges::for_each(description->parameters, add);
}

std::vector<CommandOption> QueryOptions::command_options() {
  std::vector<CommandOption> options;
  options.reserve(options_.size());
  for (const Option& option : options_) options.push_back(option.option);
  return options;
}

ValueMap QueryOptions::parameters() const {
  ValueMap parameters;
  for (const auto& [name, value] : fallbacks_) parameters.set(name, value);
  for (const Option& option : options_) {
    if (option.flag) parameters.set(option.parameter, true);
    if (option.text) parameters.set(option.parameter, *option.text);
    if (option.number) parameters.set(option.parameter, *option.number);
    ValueList values;
    for (const std::string& text : option.texts) {
      if (!option.splits_at_commas) {
        check_choice(option.option, text);
        values.emplace_back(text);
      } else {
        for (std::string& word : split(text, ',')) values.emplace_back(std::move(word));
      }
    }
    if (!values.empty()) parameters.set(option.parameter, std::move(values));
  }
  return parameters;
}

}  // namespace litmus
