// SPDX-License-Identifier: Apache-2.0
#include "project/dynamic_columns.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <map>
#include <ranges>
#include <utility>

#include "base/json_writer.h"

namespace litmus {
namespace {

using enum SeenValues::Kind;

constexpr std::array<std::pair<unsigned, std::string_view>, 6> kKindNames{{{kBool, "boolean"},
                                                                           {kNumber, "number"},
                                                                           {kNonFinite, "number"},
                                                                           {kText, "text"},
                                                                           {kList, "list"},
                                                                           {kMap, "map"}}};

// The ends of the names that describe how a stimulus reached the DUT.
constexpr std::array<std::string_view, 5> kPathEnds{"_instrument", "_resource", "_channel",
                                                    "_dut_pin", "_fixture_connection"};

bool only(unsigned kinds, unsigned allowed) { return (kinds & ~allowed) == 0; }

std::string kind_names(unsigned kinds) {
  std::string names;
  for (const auto& [kind, name] : kKindNames) {
    if ((kinds & kind) == 0 || names.ends_with(name)) continue;
    names += names.empty() ? name : ", " + std::string(name);
  }
  return names;
}

void choose_type(const SeenValues& seen, DynamicColumn& column) {
  const bool lists = seen.kinds == kList;
  const unsigned kinds = lists ? seen.element_kinds : seen.kinds;
  if (kinds != 0 && only(kinds, kNumber | kNonFinite)) {
    column.type = lists ? DynamicType::kNumberList : DynamicType::kNumber;
  } else if (kinds == kBool && !lists) {
    column.type = DynamicType::kBool;
  } else {
    column.type = lists ? DynamicType::kTextList : DynamicType::kText;
    // Values of one kind have one text form; those of several can only be told apart as JSON.
    column.json = !only(kinds, kText | kNonFinite) && !std::has_single_bit(kinds);
    if (column.json) column.kinds = kind_names(kinds);
  }
}

// By where it stands, not by its name alone: beside the stimulus and its instrument, and never
// among the parameters of a step.
bool is_stimulus_path(const ValueSurvey& survey, const std::string& key) {
  if (survey.keys.find(key)->second.in_steps) return false;
  return std::ranges::any_of(kPathEnds, [&](std::string_view end) {
    if (!key.ends_with(end)) return false;
    const std::string stimulus = key.substr(0, key.size() - end.size());
    return survey.keys.contains(stimulus) && survey.keys.contains(stimulus + "_instrument");
  });
}

std::string to_json(const std::vector<std::pair<std::string, std::string>>& members) {
  if (members.empty()) return "";
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  for (const auto& [key, value] : members) {
    json.key(key);
    json.value(value);
  }
  json.end_object();
  return text;
}

}  // namespace

std::optional<double> non_finite_number(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

DynamicColumns::DynamicColumns(const RunRows& rows) {
  ValueSurvey custom;
  ValueSurvey inputs;
  ValueSurvey outputs;
  custom.add(rows.custom, false);
  for (const StepRow& step : rows.steps) {
    inputs.add(step.inputs, true);
    outputs.add(step.outputs, true);
    for (const AttemptRow& attempt : step.attempts) inputs.add(attempt.start_inputs, true);
  }
  inputs.add(rows.measurements->inputs());
  outputs.add(rows.measurements->outputs());

  // The prefixes are in alphabetical order, and so are the keys: so are the columns.
  const auto add_columns = [&](const ValueSurvey& survey, std::string_view prefix,
                               DynamicOrigin origin, Positions& positions) {
    for (const auto& [key, seen] : survey.keys) {
      positions.emplace(key, columns_.size());
      DynamicColumn& column = columns_.emplace_back();
      column.name = std::string(prefix) + key;
      const bool path = origin == DynamicOrigin::kInput && is_stimulus_path(survey, key);
      column.origin = path ? DynamicOrigin::kStimulusPath : origin;
      choose_type(seen, column);
    }
  };
  add_columns(custom, "custom_", DynamicOrigin::kCustom, custom_);
  add_columns(inputs, "in_", DynamicOrigin::kInput, inputs_);
  add_columns(outputs, "out_", DynamicOrigin::kOutput, outputs_);
}

std::optional<std::size_t> DynamicColumns::position(DynamicOrigin origin,
                                                    std::string_view key) const {
  const Positions& positions = origin == DynamicOrigin::kCustom   ? custom_
                               : origin == DynamicOrigin::kOutput ? outputs_
                                                                  : inputs_;
  const auto found = positions.find(key);
  return found == positions.end() ? std::nullopt : std::optional(found->second);
}

std::string DynamicColumns::io_schema() const {
  constexpr std::array kNames{"input", "stimulus_path", "output", "custom"};
  std::vector<std::pair<std::string, std::string>> members;
  for (const DynamicColumn& column : columns_ | std::views::take(kMost)) {
    members.emplace_back(column.name, kNames[static_cast<std::size_t>(column.origin)]);
  }
  return to_json(members);
}

std::string DynamicColumns::coerced_columns() const {
  std::vector<std::pair<std::string, std::string>> members;
  for (const DynamicColumn& column : columns_ | std::views::take(kMost)) {
    if (column.json) members.emplace_back(column.name, column.kinds);
  }
  return to_json(members);
}

}  // namespace litmus
