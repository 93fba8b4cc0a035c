// SPDX-License-Identifier: Apache-2.0
#include "config/config_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/did_you_mean.h"
#include "base/json_writer.h"
#include "config/generators.h"
#include "litmus/error.h"
#include "litmus/time.h"

namespace litmus {
namespace {

std::string_view type_of(const YamlNode& node) {
  if (node.is_map()) return "object";
  if (node.is_list()) return "array";
  const Value value = node.value();
  if (value.is_null()) return "null";
  if (value.get_if<bool>() != nullptr) return "boolean";
  if (value.get_if<std::int64_t>() != nullptr) return "integer";
  if (value.get_if<double>() != nullptr) return "number";
  return "string";
}

bool allows(const ConfigSchema& schema, std::string_view type) {
  return schema.allows(type) || (type == "integer" && schema.allows("number"));
}

bool fits(const YamlNode& node, const ConfigSchema& schema) {
  const std::string_view type = type_of(node);
  if (allows(schema, type)) return true;
  // A serial number of digits is a text all the same.
  return schema.allows("string") && type != "object" && type != "array" && type != "null";
}

// `{linspace: [0, 1, 5]}`, or something like it that is meant as one.
bool stands_for_list(const YamlNode& node, const ConfigSchema& schema) {
  if (!node.is_map() || !schema.allows("array") || schema.allows("object")) return false;
  const auto entries = node.entries();
  return entries.size() == 1 && closest_word(entries.front().key, generator_names());
}

std::string found(const YamlNode& node) {
  if (node.is_map()) return "found a mapping";
  if (node.is_list()) return "found a list";
  if (node.is_null()) return "found none";
  return fmt::format("found `{}`", node.text());
}

// "a, b or c"
std::string one_of(const std::vector<std::string>& words) {
  if (words.size() == 1) return words.front();
  return fmt::format("{} or {}", fmt::join(words.begin(), words.end() - 1, ", "), words.back());
}

std::vector<std::string> texts(const ValueList& list) {
  std::vector<std::string> texts;
  for (const Value& value : list) texts.push_back(std::get<std::string>(value.data()));
  return texts;
}

std::string expected(const ConfigSchema& schema) {
  std::vector<std::string> kinds;
  for (const auto& [type, words] :
       {std::pair("string", "a text"), std::pair("integer", "a whole number"),
        std::pair("number", "a number"), std::pair("boolean", "true or false"),
        std::pair("array", "a list"), std::pair("object", "a mapping")}) {
    if (schema.allows(type)) kinds.emplace_back(words);
  }
  const std::string description = schema.text("description");
  return one_of(kinds) + (description.empty() ? "" : " (" + description + ")");
}

std::string below(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

// Of a generated value that is to be a text: a channel, for example.
std::string scalar_text(const Value& value) {
  if (const auto* text = value.get_if<std::string>()) return *text;
  std::string json;
  JsonWriter(json).value(value);
  return json;
}

std::string lower_case(std::string text) {
  for (char& letter : text) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return text;
}

std::string suggestion(const std::string& typed, const std::vector<std::string>& known) {
  const auto closest = closest_word(typed, known);
  return closest ? fmt::format("; did you mean `{}`?", *closest) : "";
}

}  // namespace

bool is_date(const std::string& text) {
  try {
    return text.size() == 10 && to_date(parse_iso8601(text + "T00:00:00Z")) == text;
  } catch (const Error&) {
    return false;
  }
}

ValueMap ConfigCheck::check(const YamlDocument& document, const ConfigSchema& schema) {
  const auto root = document.root();
  ValueMap content = check_map(root ? root->entries() : std::vector<YamlEntry>(), 1, schema, "");
  std::ranges::stable_sort(errors_, {}, &ConfigProblem::line);
  return content;
}

Value ConfigCheck::check(const YamlNode& node, const ConfigSchema& schema,
                         const std::string& path) {
  if (schema.find("anyOf") != nullptr) return check_alternatives(node, schema, path);
  if (stands_for_list(node, schema)) return check_generator(node, schema, path);
  if (!fits(node, schema)) {
    reject(node.line(), path, fmt::format("expected {}, {}", expected(schema), found(node)));
    return {};
  }
  if (node.is_map()) return check_map(node.entries(), node.line(), schema, path);
  if (node.is_list()) return check_list(node, schema, path);
  if (!allows(schema, type_of(node)) && schema.allows("string")) {
    return check_text(node, schema, path);
  }
  Value value = node.value();
  if (value.get_if<std::string>() != nullptr) return check_text(node, schema, path);
  if (const auto* integer = value.get_if<std::int64_t>()) {
    check_range(static_cast<double>(*integer), node, schema, path);
  }
  if (const auto* number = value.get_if<double>()) check_range(*number, node, schema, path);
  return value;
}

ValueMap ConfigCheck::check_map(const std::vector<YamlEntry>& entries, int line,
                                const ConfigSchema& schema, const std::string& path) {
  const auto* properties = schema.find_as<ValueMap>("properties");
  const Value* others = schema.find("additionalProperties");
  const bool closed = others != nullptr && *others == Value(false);
  const bool described = others != nullptr && others->get_if<ValueMap>() != nullptr;
  ValueMap content;
  for (const YamlEntry& entry : entries) {
    const Value* rules = properties == nullptr ? nullptr : properties->find(entry.key);
    if (rules == nullptr && closed) {
      check_unknown_key(entry, schema, path);
      continue;
    }
    if (rules == nullptr && described) rules = others;
    if (rules == nullptr) {
      content.set(entry.key, entry.value.value());
      continue;
    }
    const ConfigSchema below_schema = schema.at(*rules);
    const bool is_property = rules != others;
    if (is_property && entry.value.is_null() && !below_schema.allows("null")) continue;
    content.set(entry.key, check(entry.value, below_schema, below(path, entry.key)));
  }
  complete(content, line, schema, path);
  return content;
}

void ConfigCheck::check_unknown_key(const YamlEntry& entry, const ConfigSchema& schema,
                                    const std::string& path) {
  std::vector<std::string> known;
  for (const auto& [key, rules] : *schema.find_as<ValueMap>("properties")) known.push_back(key);
  const std::string hint = suggestion(entry.key, known);
  reject(entry.line, below(path, entry.key),
         "unknown key" + (hint.empty() ? fmt::format("; expected {}", one_of(known)) : hint));
}

// What is not there: required keys, defaults, and the name of the file.
void ConfigCheck::complete(ValueMap& map, int line, const ConfigSchema& schema,
                           const std::string& path) {
  const auto* properties = schema.find_as<ValueMap>("properties");
  if (const auto* required = schema.find_as<ValueList>("required")) {
    for (const std::string& key : texts(*required)) {
      if (map.find(key) != nullptr) continue;
      const std::string what = schema.at(*properties->find(key)).text("description");
      reject(line, below(path, key), fmt::format("expected {}, found none", what));
    }
  }
  if (properties == nullptr) return;
  for (const auto& [key, rules] : *properties) {
    if (map.find(key) != nullptr) continue;
    const ConfigSchema property = schema.at(rules);
    const Value* value = property.find("default");
    if (property.find("x-file-stem") != nullptr) {
      map.set(key, file_stem_);
    } else if (value != nullptr && value->get_if<ValueMap>() != nullptr) {
      ValueMap defaults;  // those of its own keys
      complete(defaults, line, property, below(path, key));
      map.set(key, std::move(defaults));
    } else if (value != nullptr) {
      map.set(key, *value);
    }
  }
}

ValueList ConfigCheck::check_generator(const YamlNode& node, const ConfigSchema& schema,
                                       const std::string& path) {
  const Value* items = schema.find("items");
  if (items != nullptr && !schema.at(*items).allows("number") &&
      !schema.at(*items).allows("string")) {
    reject(node.line(), path, fmt::format("expected {}, found a mapping", expected(schema)));
    return {};
  }
  const YamlEntry entry = node.entries().front();
  const std::vector<std::string>& names = generator_names();
  if (std::ranges::find(names, entry.key) == names.end()) {
    reject(entry.line, below(path, entry.key),
           fmt::format("unknown generator{}", suggestion(entry.key, names)));
    return {};
  }
  try {
    const Value arguments = entry.value.value();
    const auto* list = arguments.get_if<ValueList>();
    ValueList values = generate(entry.key, list == nullptr ? ValueList{arguments} : *list);
    check_length(values, node, schema, path);
    const bool are_texts = items != nullptr && !schema.at(*items).allows("number");
    for (Value& value : values) {
      if (!are_texts) break;
      if (value.get_if<ValueList>() != nullptr || value.get_if<ValueMap>() != nullptr) {
        reject(entry.line, path, fmt::format("expected {}", expected(schema.at(*items))));
      }
      value = scalar_text(value);
    }
    return values;
  } catch (const Error& error) {
    reject(entry.line, path, error.what());
    return {};
  }
}

ValueList ConfigCheck::check_list(const YamlNode& node, const ConfigSchema& schema,
                                  const std::string& path) {
  const Value* items = schema.find("items");
  ValueList list;
  for (const YamlNode& element : node.elements()) {
    const std::string place = fmt::format("{}[{}]", path, list.size());
    list.push_back(items == nullptr ? element.value() : check(element, schema.at(*items), place));
  }
  check_length(list, node, schema, path);
  return list;
}

void ConfigCheck::check_length(const ValueList& list, const YamlNode& node,
                               const ConfigSchema& schema, const std::string& path) {
  const auto* least = schema.find_as<std::int64_t>("minItems");
  if (least != nullptr && std::cmp_less(list.size(), *least)) {
    reject(node.line(), path,
           fmt::format("expected at least {} elements, found {}", *least, list.size()));
  }
}

Value ConfigCheck::check_alternatives(const YamlNode& node, const ConfigSchema& schema,
                                      const std::string& path) {
  std::vector<std::string> wanted;
  for (const Value& alternative : *schema.find_as<ValueList>("anyOf")) {
    const ConfigSchema rules = schema.at(alternative);
    if (fits(node, rules) || stands_for_list(node, rules)) return check(node, rules, path);
    const std::string description = rules.text("description");
    wanted.push_back(description.empty() ? expected(rules) : description);
  }
  reject(node.line(), path, fmt::format("expected {}, {}", one_of(wanted), found(node)));
  return {};
}

std::string ConfigCheck::check_text(const YamlNode& node, const ConfigSchema& schema,
                                    const std::string& path) {
  std::string text = node.text();
  if (const auto* allowed = schema.find_as<ValueList>("enum")) {
    const std::vector<std::string> words = texts(*allowed);
    if (std::ranges::find(words, text) == words.end()) {
      reject(
          node.line(), path,
          fmt::format("expected {}, found `{}`{}", one_of(words), text, suggestion(text, words)));
    }
  }
  const auto* least = schema.find_as<std::int64_t>("minLength");
  if (least != nullptr && std::cmp_less(text.size(), *least)) {
    reject(node.line(), path,
           fmt::format("expected {}, found an empty text", schema.text("description")));
  }
  if (schema.text("format") == "date" && !is_date(text)) {
    reject(node.line(), path,
           fmt::format("expected {}, found `{}`", schema.text("description"), text));
  }
  if (schema.find("x-file-stem") != nullptr && text != file_stem_) {
    reject(
        node.line(), path,
        fmt::format("expected `{}`, {}, found `{}`", file_stem_, schema.text("description"), text));
  }
  return check_word(std::move(text), node.line(), schema, path);
}

std::string ConfigCheck::check_word(std::string word, int line, const ConfigSchema& schema,
                                    const std::string& path) {
  const auto* aliases = schema.find_as<ValueMap>("x-aliases");
  const auto* known = schema.find_as<ValueList>("x-known");
  if (aliases == nullptr && known == nullptr) return word;
  word = lower_case(std::move(word));
  if (const Value* meant = aliases == nullptr ? nullptr : aliases->find(word)) {
    word = std::get<std::string>(meant->data());
  }
  if (known != nullptr && std::ranges::find(*known, Value(word)) == known->end()) {
    warnings_.push_back({line, fmt::format("`{}`: `{}` is not known{}", path, word,
                                           suggestion(word, texts(*known)))});
  }
  return word;
}

void ConfigCheck::check_range(double number, const YamlNode& node, const ConfigSchema& schema,
                              const std::string& path) {
  const auto bound = [&](std::string_view keyword) -> std::optional<double> {
    const Value* value = schema.find(keyword);
    if (value == nullptr) return std::nullopt;
    if (const auto* integer = value->get_if<std::int64_t>()) return static_cast<double>(*integer);
    return *value->get_if<double>();
  };
  const auto least = bound("minimum");
  if (least && !(number >= *least)) {
    reject(node.line(), path, fmt::format("expected at least {}, {}", *least, found(node)));
  }
  const auto above = bound("exclusiveMinimum");
  if (above && !(number > *above)) {
    reject(node.line(), path, fmt::format("expected more than {}, {}", *above, found(node)));
  }
}

void ConfigCheck::reject(int line, const std::string& path, const std::string& problem) {
  errors_.push_back({line, fmt::format("`{}`: {}", path, problem)});
}

}  // namespace litmus
