// SPDX-License-Identifier: Apache-2.0
#include "plan/conditions.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.h"
#include "config/config_file.h"
#include "plan/numbers.h"
#include "plan/units.h"

namespace litmus {
namespace {

bool equal(const Value& left, const Value& right) {
  const auto left_number = find_number(left);
  const auto right_number = find_number(right);
  if (left_number && right_number) return nearly_equal(*left_number, *right_number);
  return left == right;
}

}  // namespace

Conditions::Conditions(const ValueMap& when, const ConfigSource& source,
                       const UnitsOfParameter& units) {
  for (const auto& [parameter, written] : when) {
    conditions_.push_back(condition(parameter, written, source.at(parameter), units));
  }
}

Conditions::Condition Conditions::condition(const std::string& parameter, const Value& written,
                                            const ConfigSource& source,
                                            const UnitsOfParameter& units) {
  Condition condition{.parameter = parameter};
  const auto* map = written.get_if<ValueMap>();
  if (map == nullptr) {
    if (const auto* list = written.get_if<ValueList>()) {
      condition.values = *list;
    } else {
      condition.values.push_back(written);
    }
    return condition;
  }
  double factor = 1.0;
  if (const auto given = find_text(*map, "units")) {
    if (const auto wanted = units(parameter)) {
      try {
        factor = unit_factor(*given, *wanted);
      } catch (const Error& error) {
        throw source.error(error.what());
      }
    }
  }
  const Value* value = map->find("value");
  const Value* values = map->find("values");
  condition.is_range = map->find("min") != nullptr || map->find("max") != nullptr;
  const int forms =
      (value != nullptr ? 1 : 0) + (values != nullptr ? 1 : 0) + (condition.is_range ? 1 : 0);
  if (forms != 1) {
    throw source.error("expected `min` or `max`, a `value`, or `values`");
  }
  if (condition.is_range) {
    if (const auto least = find_number(*map, "min")) condition.least = *least * factor;
    if (const auto most = find_number(*map, "max")) condition.most = *most * factor;
    if (condition.least > condition.most) {
      throw source.error(fmt::format("expected `min` to be at most `max`, found {} and {}",
                                     condition.least, condition.most));
    }
    return condition;
  }
  if (value != nullptr) {
    condition.values.push_back(*value);
  } else {
    condition.values = *values->get_if<ValueList>();
  }
  for (Value& one : condition.values) {
    if (const auto number = find_number(one); number && factor != 1.0) one = *number * factor;
  }
  return condition;
}

bool Conditions::Condition::met_by(const Value& value) const {
  if (!is_range) {
    return std::ranges::any_of(values, [&](const Value& one) { return equal(one, value); });
  }
  const auto number = find_number(value);
  if (!number) return false;
  return (*number >= least || nearly_equal(*number, least)) &&
         (*number <= most || nearly_equal(*number, most));
}

bool Conditions::Condition::overlaps(const Condition& other) const {
  if (is_range && other.is_range) {
    return std::max(least, other.least) < std::min(most, other.most);
  }
  const Condition& listed = is_range ? other : *this;
  const Condition& counterpart = is_range ? *this : other;
  return std::ranges::any_of(listed.values,
                             [&](const Value& one) { return counterpart.met_by(one); });
}

std::string Conditions::Condition::text() const {
  if (is_range) {
    const std::string from = std::isinf(least) ? "" : fmt::format("{}", least);
    const std::string to = std::isinf(most) ? "" : fmt::format("{}", most);
    return fmt::format("{} {}..{}", parameter, from, to);
  }
  std::string text;
  for (const Value& value : values) text += (text.empty() ? "" : " or ") + shown(value);
  return parameter + " = " + text;
}

bool Conditions::met_by(const ValueMap& parameters) const {
  return std::ranges::all_of(conditions_, [&](const Condition& condition) {
    const Value* value = parameters.find(condition.parameter);
    return value != nullptr && condition.met_by(*value);
  });
}

std::vector<std::string> Conditions::parameters() const {
  std::vector<std::string> names;
  names.reserve(conditions_.size());
  for (const Condition& condition : conditions_) names.push_back(condition.parameter);
  return names;
}

bool Conditions::overlaps(const Conditions& other) const {
  return std::ranges::all_of(conditions_, [&](const Condition& condition) {
    const auto same =
        std::ranges::find(other.conditions_, condition.parameter, &Condition::parameter);
    return same == other.conditions_.end() || condition.overlaps(*same);
  });
}

std::optional<std::pair<double, double>> Conditions::only_range() const {
  if (conditions_.size() != 1 || !conditions_.front().is_range) return std::nullopt;
  return std::pair(conditions_.front().least, conditions_.front().most);
}

std::string Conditions::text() const {
  std::string text;
  for (const Condition& condition : conditions_) {
    text += (text.empty() ? "" : ", ") + condition.text();
  }
  return text.empty() ? "always" : text;
}

std::string shown(const Value& value) {
  if (const auto* text = value.get_if<std::string>()) return *text;
  if (const auto* number = value.get_if<double>()) return fmt::format("{}", *number);
  std::string text;
  JsonWriter(text).value(value);
  return text;
}

std::string shown(const ValueMap& parameters) {
  std::string text;
  for (const auto& [name, value] : parameters) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", name, shown(value));
  }
  return text.empty() ? "no parameters" : text;
}

}  // namespace litmus
