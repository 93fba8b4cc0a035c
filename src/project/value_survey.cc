// SPDX-License-Identifier: Apache-2.0
#include "project/value_survey.h"

#include "project/dynamic_columns.h"
#include "store/run_file.h"

namespace litmus {
namespace {

unsigned kind_of(const Value& value) {
  if (value.get_if<bool>() != nullptr) return SeenValues::kBool;
  if (value.get_if<std::int64_t>() != nullptr || value.get_if<double>() != nullptr) {
    return SeenValues::kNumber;
  }
  if (const auto* text = value.get_if<std::string>()) {
    return non_finite_number(*text) ? SeenValues::kNonFinite : SeenValues::kText;
  }
  if (value.get_if<ValueList>() != nullptr) return SeenValues::kList;
  if (value.get_if<ValueMap>() != nullptr) return SeenValues::kMap;
  return 0;
}

void add_references(std::set<std::string>& names, const Value& value) {
  if (const auto* text = value.get_if<std::string>()) {
    if (const auto name = referenced_name(*text)) names.emplace(*name);
  } else if (const auto* list = value.get_if<ValueList>()) {
    for (const Value& element : *list) add_references(names, element);
  } else if (const auto* map = value.get_if<ValueMap>()) {
    litmus::add_references(names, *map);
  }
}

}  // namespace

void ValueSurvey::add(const ValueMap& map, bool of_step) {
  for (const auto& [key, value] : map) {
    if (key.starts_with('_')) continue;
    auto place = keys.find(key);
    if (place == keys.end()) place = keys.emplace(key, SeenValues{}).first;
    SeenValues& seen = place->second;
    seen.kinds |= kind_of(value);
    seen.in_steps |= of_step;
    if (const auto* list = value.get_if<ValueList>()) {
      for (const Value& element : *list) seen.element_kinds |= kind_of(element);
    }
  }
}

void ValueSurvey::add(const ValueSurvey& other) {
  for (const auto& [key, more] : other.keys) {
    SeenValues& seen = keys[key];
    seen.kinds |= more.kinds;
    seen.element_kinds |= more.element_kinds;
    seen.in_steps |= more.in_steps;
  }
}

void add_references(std::set<std::string>& names, const ValueMap& map) {
  for (const auto& [key, value] : map) add_references(names, value);
}

}  // namespace litmus
