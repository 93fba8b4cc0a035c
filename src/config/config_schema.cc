// SPDX-License-Identifier: Apache-2.0
#include "config/config_schema.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <stdexcept>

#include "config/schema_text.h"
#include "config/yaml_document.h"

namespace litmus {
namespace {

// JSON is YAML, so one parser reads both.
const Value& parsed_schema(std::string_view name) {
  static std::mutex mutex;
  static std::map<std::string, Value, std::less<>> schemas;
  const std::lock_guard lock(mutex);
  auto found = schemas.find(name);
  if (found == schemas.end()) {
    const std::string path = std::string(name) + ".json";
    const YamlDocument document(schema_text(name), path);
    const auto root = document.root();
    if (!root) throw std::logic_error("no schema is called " + path);
    found = schemas.emplace(name, root->value()).first;
  }
  return found->second;
}

const ValueMap& map_of(const Value& value) { return std::get<ValueMap>(value.data()); }

}  // namespace

ConfigSchema ConfigSchema::of_file(std::string_view name) {
  const Value& root = parsed_schema(name);
  return ConfigSchema(map_of(root), map_of(root)).at(root);
}

std::string ConfigSchema::text(std::string_view keyword) const {
  const auto* text = find_as<std::string>(keyword);
  return text == nullptr ? std::string() : *text;
}

bool ConfigSchema::allows(std::string_view type) const {
  const Value* types = find("type");
  if (types == nullptr) return true;
  if (const auto* list = types->get_if<ValueList>()) {
    return std::ranges::find(*list, Value(type)) != list->end();
  }
  return *types == Value(type);
}

ConfigSchema ConfigSchema::at(const Value& rules) const {
  const auto& map = std::get<ValueMap>(rules.data());
  const Value* reference = map.find("$ref");
  if (reference == nullptr) return {*root_, map};
  const auto& target = std::get<std::string>(reference->data());
  const std::size_t fragment = target.find('#');
  constexpr std::string_view kFileEnd = ".json";
  constexpr std::string_view kFragment = "#/$defs/";
  const ValueMap& root =
      fragment == 0 ? *root_ : map_of(parsed_schema(target.substr(0, fragment - kFileEnd.size())));
  const auto& definitions = std::get<ValueMap>(root.find("$defs")->data());
  const Value* found = definitions.find(target.substr(fragment + kFragment.size()));
  return {root, std::get<ValueMap>(found->data())};
}

}  // namespace litmus
