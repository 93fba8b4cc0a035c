// SPDX-License-Identifier: Apache-2.0
#include "config/config_kinds.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.h"
#include "config/config_schema.h"
#include "config/generators.h"
#include "config/project_file.h"
#include "config/schema_text.h"
#include "config/yaml_document.h"
#include "litmus/error.h"

namespace litmus {
namespace {

bool allows_only(const ValueMap& rules, std::string_view type) {
  const Value* given = rules.find("type");
  return given != nullptr && *given == Value(type);
}

Value generator_schema() {
  ValueMap generators;
  for (const std::string& name : generator_names()) {
    generators.set(name, ValueMap{{"type", "array"}});
  }
  return ValueMap{{"type", "object"},
                  {"description", "a generator of a list"},
                  {"properties", std::move(generators)},
                  {"additionalProperties", false},
                  {"minProperties", 1},
                  {"maxProperties", 1}};
}

// Only `properties` and `$defs` have names for keys; everything else has keywords.
Value for_editors(const Value& value, bool is_schema);

Value schema_for_editors(const ValueMap& rules) {
  ValueMap result;
  for (const auto& [keyword, value] : rules) {
    if (keyword.starts_with("x-")) continue;
    if (keyword == "$ref") {
      std::string target = std::get<std::string>(value.data());
      constexpr std::string_view kFileEnd = ".json#";
      const std::size_t end = target.find(kFileEnd);
      if (end != std::string::npos) target.insert(end, ".schema");
      result.set(keyword, std::move(target));
    } else if (keyword == "properties" || keyword == "$defs") {
      ValueMap below;
      for (const auto& [name, schema] : std::get<ValueMap>(value.data())) {
        below.set(name, for_editors(schema, true));
      }
      result.set(keyword, std::move(below));
    } else {
      const bool is_schema =
          keyword == "items" || keyword == "additionalProperties" || keyword == "anyOf";
      result.set(keyword, for_editors(value, is_schema));
    }
  }
  const bool is_free_text = allows_only(rules, "string") && rules.find("enum") == nullptr &&
                            rules.find("format") == nullptr;
  if (is_free_text) result.set("type", ValueList{"string", "number", "boolean"});
  if (!allows_only(rules, "array")) return result;
  const Value* description = rules.find("description");
  return ValueMap{{"description", description == nullptr ? Value("a list") : *description},
                  {"anyOf", ValueList{std::move(result), generator_schema()}}};
}

Value for_editors(const Value& value, bool is_schema) {
  const auto* map = value.get_if<ValueMap>();
  const auto* list = value.get_if<ValueList>();
  if (!is_schema || (map == nullptr && list == nullptr)) return value;
  if (map != nullptr) return schema_for_editors(*map);
  ValueList result;
  for (const Value& one : *list) result.push_back(for_editors(one, true));
  return result;
}

}  // namespace

std::vector<std::string> config_kind_names() {
  std::vector<std::string> names;
  names.reserve(kConfigKinds.size());
  for (const ConfigKind& kind : kConfigKinds) names.emplace_back(kind.name);
  return names;
}

std::optional<std::string_view> kind_of_place(const std::string& path) {
  const std::string name = file_name(path);
  if (name == kProjectFileName) return "project";
  std::optional<std::string_view> found;
  std::size_t nearest = 0;
  const std::string folder = "/" + parent_folder(path) + "/";
  for (const ConfigKind& kind : kConfigKinds) {
    if (kind.folder.empty()) continue;
    const std::size_t at = folder.rfind(fmt::format("/{}/", kind.folder));
    if (at == std::string::npos) continue;
    const std::size_t end = at + kind.folder.size();  // `stations/types` ends after `stations`
    if (!found || end >= nearest) {
      found = kind.name;
      nearest = end;
    }
  }
  if (!found && name.starts_with("test_")) return "sidecar";
  return found;
}

std::optional<std::string_view> kind_of_keys(FileSystem& files, const std::string& path) {
  const auto file = files.read(path);
  const Bytes bytes = file->bytes();
  const YamlDocument document({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
  const auto root = document.root();
  if (!root) return std::nullopt;
  const auto entries = root->entries();
  std::optional<std::string_view> best;
  std::size_t fewest = 0;  // of keys that the kind knows: the more special one wins
  for (const ConfigKind& kind : kConfigKinds) {
    const auto* properties = ConfigSchema::of_file(kind.name).find_as<ValueMap>("properties");
    const bool knows_all = std::ranges::all_of(
        entries, [&](const YamlEntry& entry) { return properties->find(entry.key) != nullptr; });
    if (knows_all && (!best || properties->size() < fewest)) {
      best = kind.name;
      fewest = properties->size();
    }
  }
  return best;
}

std::string editor_schema(std::string_view kind) {
  const std::string path = std::string(kind) + ".json";
  const YamlDocument document(schema_text(kind), path);
  const auto root = document.root();
  if (!root) throw Error(Code::kNotFound, fmt::format("there is no schema `{}`", kind));
  std::string text;
  JsonWriter(text, 2).value(for_editors(root->value(), true));
  return text + "\n";
}

}  // namespace litmus
