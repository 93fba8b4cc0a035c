// SPDX-License-Identifier: Apache-2.0
#include "plan/entity_files.h"

#include <fmt/format.h>

#include <algorithm>

namespace litmus {
namespace {

constexpr std::size_t kDeepestBase = 5;

const std::string* find_by_stem(const std::vector<std::string>& paths, const std::string& stem,
                                const std::string& near_folder) {
  const std::string* found = nullptr;
  for (const std::string& path : paths) {
    if (file_stem(path) != stem) continue;
    if (parent_folder(path) == near_folder) return &path;
    if (found == nullptr) found = &path;
  }
  return found;
}

}  // namespace

std::vector<std::string> find_entity_files(FileSystem& files,
                                           const std::vector<std::string>& folders,
                                           std::string_view kind, Depth depth) {
  std::vector<std::string> found;
  for (const std::string& folder : folders) {
    const std::size_t of_others = found.size();
    for (std::string& path : find_yaml_files(files, join_path(folder, std::string(kind)), depth)) {
      const bool is_hidden = std::any_of(
          found.begin(), found.begin() + static_cast<std::ptrdiff_t>(of_others),
          [&](const std::string& other) { return file_stem(other) == file_stem(path); });
      if (!is_hidden) found.push_back(std::move(path));
    }
  }
  return found;
}

std::vector<ConfigFile> read_with_bases(FileSystem& files, std::string_view kind,
                                        const std::vector<std::string>& siblings,
                                        const std::string& path) {
  std::vector<ConfigFile> chain;
  chain.push_back(read_config_file(files, kind, path));
  while (const auto base = find_text(chain.back().content, "base")) {
    const ConfigSource source = chain.back().source().at("base");
    const std::string* next = find_by_stem(siblings, *base, parent_folder(chain.back().path));
    if (next == nullptr) {
      std::vector<std::string> known;
      known.reserve(siblings.size());
      for (const std::string& sibling : siblings) known.push_back(file_stem(sibling));
      throw source.error(fmt::format("there is no {} `{}`{}", kind, *base, suggest(*base, known)));
    }
    const bool is_circle =
        std::ranges::any_of(chain, [&](const ConfigFile& one) { return one.path == *next; });
    if (is_circle) throw source.error(fmt::format("`{}` is based on itself", *base));
    if (chain.size() > kDeepestBase) {
      throw source.error(fmt::format("expected at most {} bases, one on the other", kDeepestBase));
    }
    chain.push_back(read_config_file(files, kind, *next));
  }
  return chain;
}

bool is_path(std::string_view id_or_path) {
  return id_or_path.find('/') != std::string_view::npos || id_or_path.ends_with(".yaml") ||
         id_or_path.ends_with(".yml");
}

const ValueMap* find_map(const ValueMap& content, std::string_view key) {
  const Value* value = content.find(key);
  return value == nullptr ? nullptr : value->get_if<ValueMap>();
}

const ValueList* find_list(const ValueMap& content, std::string_view key) {
  const Value* value = content.find(key);
  return value == nullptr ? nullptr : value->get_if<ValueList>();
}

std::vector<std::string> keys_of(const ValueMap* map) {
  std::vector<std::string> keys;
  if (map == nullptr) return keys;
  for (const auto& [key, value] : *map) keys.push_back(key);
  return keys;
}

}  // namespace litmus
