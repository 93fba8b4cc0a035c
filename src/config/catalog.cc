// SPDX-License-Identifier: Apache-2.0
#include "config/catalog.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/did_you_mean.h"
#include "config/catalog_text.h"
#include "config/range_text.h"
#include "litmus/error.h"

namespace litmus {
namespace {

constexpr int kMostBases = 5;
constexpr const char* kKind = "catalog";

// What a variant has from its base where it does not say it itself.
constexpr std::array kInherited{"manufacturer", "type",     "name",       "description", "driver",
                                "form_factor",  "channels", "attributes", "interfaces"};

ValueList list_at(const ValueMap& content, std::string_view key) {
  const Value* value = content.find(key);
  const auto* list = value == nullptr ? nullptr : value->get_if<ValueList>();
  return list == nullptr ? ValueList() : *list;
}

// What tells two capabilities apart: function, direction, readback, channels.
ValueList identity_of(const ValueMap& capability) {
  ValueList identity;
  for (const char* key : {"function", "direction", "channels"}) {
    const Value* value = capability.find(key);
    identity.push_back(value == nullptr ? Value() : *value);
  }
  const Value* readback = capability.find("readback");
  identity.emplace_back(readback != nullptr && *readback == Value(true));
  return identity;
}

// Maps field by field; of anything else the variant's counts.
Value merged(const Value& base, const Value& variant) {
  const auto* below = base.get_if<ValueMap>();
  const auto* above = variant.get_if<ValueMap>();
  if (below == nullptr || above == nullptr) return variant;
  ValueMap both = *below;
  for (const auto& [key, value] : *above) {
    const Value* inherited = below->find(key);
    both.set(key, inherited == nullptr ? value : merged(*inherited, value));
  }
  return both;
}

ValueList merged_capabilities(const ValueList& base, const ValueList& variant) {
  ValueList all = base;
  for (const Value& capability : variant) {
    const ValueList identity = identity_of(*capability.get_if<ValueMap>());
    const auto same = std::ranges::find_if(all, [&](const Value& other) {
      return identity_of(*other.get_if<ValueMap>()) == identity;
    });
    if (same == all.end()) {
      all.push_back(capability);
    } else {
      *same = merged(*same, capability);
    }
  }
  return all;
}

void inherit(const ValueMap& base, ValueMap& variant) {
  for (const char* key : kInherited) {
    const Value* value = base.find(key);
    if (value != nullptr && variant.find(key) == nullptr) variant.set(key, *value);
  }
  ValueList capabilities =
      merged_capabilities(list_at(base, "capabilities"), list_at(variant, "capabilities"));
  if (!capabilities.empty()) variant.set("capabilities", std::move(capabilities));
}

std::vector<std::string> channels_of(const ValueMap& capability) {
  const Value* channels = capability.find("channels");
  return channels == nullptr ? std::vector<std::string>() : expand_ranges(*channels);
}

ValueMap map_at(const ValueMap& content, std::string_view key) {
  const Value* value = content.find(key);
  const auto* map = value == nullptr ? nullptr : value->get_if<ValueMap>();
  return map == nullptr ? ValueMap() : *map;
}

// What is wrong with the bands of something, whose conditions are parameters; empty if nothing is.
std::string problem_of_bands(const ValueMap& owner, const std::vector<std::string>& parameters) {
  for (const Value& band : list_at(owner, "bands")) {
    for (const auto& [name, condition] : map_at(*band.get_if<ValueMap>(), "when")) {
      if (parameters.empty() || std::ranges::find(parameters, name) != parameters.end()) continue;
      return fmt::format("`when`: expected {}, found `{}`", fmt::join(parameters, ", "), name);
    }
  }
  return "";
}

// What is wrong with a capability; empty if nothing is.
std::string problem_of_capability(const ValueMap& capability) {
  constexpr std::array kParameters{"signals", "conditions", "controls"};
  std::vector<std::string> names;
  for (const char* map : kParameters) {
    for (const auto& [name, rules] : map_at(capability, map)) {
      if (std::ranges::find(names, name) != names.end()) {
        return fmt::format("`{}`: `{}` stands in another map as well", map, name);
      }
      names.push_back(name);
    }
  }
  if (std::string problem = problem_of_bands(capability, names); !problem.empty()) return problem;
  for (const char* map : {"signals", "conditions", "controls", "attributes"}) {
    for (const auto& [name, rules] : map_at(capability, map)) {
      const std::string problem = problem_of_bands(*rules.get_if<ValueMap>(), names);
      if (!problem.empty()) return fmt::format("`{}.{}`: {}", map, name, problem);
    }
  }
  return "";
}

void check(const CatalogEntry& entry, const ConfigSource& source) {
  ConfigErrors errors;
  for (const char* key : {"manufacturer", "model", "type"}) {
    if (find_text(entry.content, key)) continue;
    errors.add(source.at(key).error("expected a text, here or in the base; found none"));
  }
  const ValueMap channels = map_at(entry.content, "channels");
  std::vector<std::string> names;
  for (const auto& [name, channel] : channels) names.push_back(name);
  std::size_t index = 0;
  for (const Value& value : list_at(entry.content, "capabilities")) {
    const ConfigSource capability = source.at("capabilities").at(index++);
    const std::string problem = problem_of_capability(*value.get_if<ValueMap>());
    if (!problem.empty()) errors.add(capability.error(problem));
    for (const std::string& name : channels_of(*value.get_if<ValueMap>())) {
      if (channels.find(name) != nullptr) continue;
      errors.add(capability.at("channels")
                     .error(fmt::format("there is no channel `{}`{}", name, suggest(name, names))));
    }
  }
  errors.raise();
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char letter) { return std::tolower(letter); });
  return text;
}

bool is_text(const ValueMap& content, const char* key, const std::string& text) {
  return lower_case(find_text(content, key).value_or("")) == lower_case(text);
}

}  // namespace

std::vector<std::string> find_catalog_files(FileSystem& files, const std::string& project_folder) {
  auto paths = find_yaml_files(files, join_path(project_folder, "catalog"), Depth::kBelow);
  std::erase_if(paths, [](const std::string& path) {
    return file_name(path).find(".variants.") != std::string::npos;
  });
  return paths;
}

Catalog::Catalog(FileSystem& files, const std::string& project_folder) : files_(files) {
  const auto add = [this](Source source) {
    if (source_of(source.id) == nullptr) sources_.push_back(std::move(source));
  };
  for (const std::string& path : find_catalog_files(files, project_folder)) {
    add({file_stem(path), path, false});
  }
  for (const char* id : kBuiltInModels) {
    add({id, fmt::format("built-in catalog/{}.yaml", id), true});
  }
}

std::vector<std::string> Catalog::ids() const {
  std::vector<std::string> ids;
  ids.reserve(sources_.size());
  for (const Source& source : sources_) ids.push_back(source.id);
  return ids;
}

std::optional<CatalogEntry> Catalog::find(const std::string& id) const {
  const Source* source = source_of(id);
  if (source == nullptr) return std::nullopt;
  return joined(read(*source));
}

CatalogEntry Catalog::load(const std::string& path) const {
  return joined(read_config_file(files_, kKind, path));
}

std::vector<CatalogEntry> Catalog::entries(std::vector<std::string>& warnings) const {
  std::vector<CatalogEntry> entries;
  for (const Source& source : sources_) {
    try {
      entries.push_back(joined(read(source)));
    } catch (const Error& error) {
      warnings.push_back(fmt::format("left out: {}", error.what()));
    }
  }
  return entries;
}

std::string Catalog::suggestion(const std::string& id) const {
  const auto closest = closest_word(id, ids());
  return closest ? fmt::format("; did you mean `{}`?", *closest) : "";
}

const Catalog::Source* Catalog::source_of(const std::string& id) const {
  const auto found = std::ranges::find(sources_, id, &Source::id);
  return found == sources_.end() ? nullptr : &*found;
}

ConfigFile Catalog::read(const Source& source) const {
  if (!source.built_in) return read_config_file(files_, kKind, source.path);
  return check_config_text(catalog_text(source.id), kKind, source.path);
}

ConfigFile Catalog::base_of(const ConfigFile& file, const std::string& id) const {
  const std::string beside = join_path(parent_folder(file.path), id + ".yaml");
  if (files_.exists(beside)) return read_config_file(files_, kKind, beside);
  if (const Source* source = source_of(id)) return read(*source);
  throw Error(Code::kInvalidArgument, fmt::format("{}: `base`: there is no catalog entry `{}`{}",
                                                  file.path, id, suggestion(id)));
}

CatalogEntry Catalog::joined(ConfigFile file) const {
  const ConfigSource source = file.source();
  CatalogEntry entry{file.path, std::move(file.content), std::move(file.warnings)};
  file.content = entry.content;
  std::vector<std::string> chain = {file.path};
  while (const auto id = find_text(file.content, "base")) {
    file = base_of(file, *id);
    const bool is_circle = std::ranges::find(chain, file.path) != chain.end();
    chain.push_back(file.path);
    if (is_circle || chain.size() > kMostBases + 1) {
      throw Error(Code::kInvalidArgument,
                  fmt::format("{}: `base`: {}: {}", entry.path,
                              is_circle ? "the entries are bases of each other"
                                        : "expected at most five bases",
                              fmt::join(chain, " -> ")));
    }
    inherit(file.content, entry.content);
  }
  check(entry, source);
  if (entry.content.find("name") == nullptr) {
    entry.content.set("name", *find_text(entry.content, "manufacturer") + " " +
                                  *find_text(entry.content, "model"));
  }
  return entry;
}

std::optional<CatalogEntry> resolve_catalog_ref(const Catalog& catalog,
                                                const std::string& reference,
                                                std::vector<std::string>& warnings) {
  if (auto entry = catalog.find(reference)) return entry;
  for (CatalogEntry& entry : catalog.entries(warnings)) {
    if (find_text(entry.content, "type") == reference) return std::move(entry);
  }
  return std::nullopt;
}

std::optional<CatalogEntry> find_catalog_model(const Catalog& catalog,
                                               const std::string& manufacturer,
                                               const std::string& model,
                                               std::vector<std::string>& warnings) {
  for (CatalogEntry& entry : catalog.entries(warnings)) {
    if (is_text(entry.content, "manufacturer", manufacturer) &&
        is_text(entry.content, "model", model)) {
      return std::move(entry);
    }
  }
  return std::nullopt;
}

}  // namespace litmus
