// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "base/json_writer.h"
#include "config/yaml_scalar.h"

namespace litmus {
namespace {

constexpr std::size_t kLongestLine = 100;

bool is_scalar(const Value& value) {
  return value.get_if<ValueList>() == nullptr && value.get_if<ValueMap>() == nullptr;
}

// Nothing below it but scalars, or nothing at all.
bool is_leaf(const Value& value) {
  if (const auto* list = value.get_if<ValueList>()) return std::ranges::all_of(*list, is_scalar);
  if (const auto* map = value.get_if<ValueMap>()) {
    return std::ranges::all_of(*map, [](const auto& entry) { return is_scalar(entry.second); });
  }
  return true;
}

std::string scalar_text(const Value& value) {
  if (const auto* number = value.get_if<double>(); number != nullptr && !std::isfinite(*number)) {
    if (std::isnan(*number)) return ".nan";
    return *number > 0 ? ".inf" : "-.inf";
  }
  std::string text;
  JsonWriter(text).value(value);  // every scalar of JSON is one of YAML
  return text;
}

// What readers of YAML 1.1 take for true or false.
bool is_old_boolean(std::string word) {
  std::ranges::transform(word, word.begin(),
                         [](unsigned char letter) { return std::tolower(letter); });
  constexpr std::array kWords{"y", "n", "yes", "no", "on", "off"};
  return std::ranges::find(kWords, word) != kWords.end();
}

std::string block_text(const Value& value, std::size_t indent) {
  std::string text;
  if (const auto* map = value.get_if<ValueMap>()) {
    for (const auto& [key, below] : *map) text += yaml_entry(key, below, indent);
    return text;
  }
  for (const Value& element : *value.get_if<ValueList>()) {
    const std::string on_one_line = yaml_inline(element);
    if (is_leaf(element) && indent + 2 + on_one_line.size() <= kLongestLine) {
      text += std::string(indent, ' ') + "- " + on_one_line + "\n";
      continue;
    }
    std::string below = block_text(element, indent + 2);
    below[indent] = '-';  // in the place of the first line's indentation
    text += below;
  }
  return text;
}

}  // namespace

std::string yaml_key(const std::string& key) {
  const bool is_plain =
      !key.empty() && (std::isalpha(static_cast<unsigned char>(key[0])) != 0 || key[0] == '_') &&
      std::ranges::all_of(key, [](unsigned char letter) {
        return std::isalnum(letter) != 0 || letter == '_' || letter == '-' || letter == '.';
      });
  const bool is_text = plain_scalar(key).get_if<std::string>() != nullptr && !is_old_boolean(key);
  return is_plain && is_text ? key : scalar_text(Value(key));
}

std::string yaml_inline(const Value& value) {
  std::string text;
  if (const auto* list = value.get_if<ValueList>()) {
    for (const Value& element : *list) text += (text.empty() ? "" : ", ") + yaml_inline(element);
    return "[" + text + "]";
  }
  if (const auto* map = value.get_if<ValueMap>()) {
    for (const auto& [key, below] : *map) {
      text += (text.empty() ? "" : ", ") + yaml_key(key) + ": " + yaml_inline(below);
    }
    return "{" + text + "}";
  }
  return scalar_text(value);
}

std::string yaml_entry(const std::string& key, const Value& value, std::size_t indent) {
  const std::string start = std::string(indent, ' ') + yaml_key(key) + ":";
  const std::string on_one_line = yaml_inline(value);
  const bool fits = start.size() + 1 + on_one_line.size() <= kLongestLine;
  if (is_scalar(value) || (is_leaf(value) && (fits || on_one_line.size() == 2))) {
    return start + " " + on_one_line + "\n";
  }
  return start + "\n" + block_text(value, indent + 2);
}

std::string yaml_text(const ValueMap& content) {
  std::string text;
  for (const auto& [key, value] : content) text += yaml_entry(key, value, 0);
  return text.empty() ? "{}\n" : text;
}

}  // namespace litmus
