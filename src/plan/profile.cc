// SPDX-License-Identifier: Apache-2.0
#include "plan/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "config/config_file.h"
#include "plan/entity_files.h"
#include "plan/test_entry.h"

namespace litmus {
namespace {

constexpr std::array kTestKeys{"limits", "sweeps", "mocks",       "characteristics",
                               "retry",  "tests",  "connections", "prompts"};

ValueMap facets_of(const ProfileFile& profile) {
  const ValueMap* facets = find_map(*profile.content, "facets");
  return facets == nullptr ? ValueMap() : *facets;
}

bool agrees(const ValueMap& declared, const std::map<std::string, std::string>& facets) {
  return std::ranges::all_of(
      facets, [&](const auto& facet) { return find_text(declared, facet.first) == facet.second; });
}

std::string shown_facets(const std::map<std::string, std::string>& facets) {
  std::string text;
  for (const auto& [key, value] : facets) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", key, value);
  }
  return text;
}

void join_runner(const ValueMap& child, ValueMap& joined) {
  for (const auto& [key, value] : child) {
    const Value* before = joined.find(key);
    if (before != nullptr && key == "addopts") {
      joined.set(key,
                 std::get<std::string>(before->data()) + " " + std::get<std::string>(value.data()));
    } else if (before != nullptr && (key == "plugins" || key == "markers")) {
      ValueList list = std::get<ValueList>(before->data());
      for (const Value& one : std::get<ValueList>(value.data())) list.push_back(one);
      joined.set(key, std::move(list));
    } else {
      joined.set(key, value);
    }
  }
}

}  // namespace

Profiles::Profiles(FileSystem& files, const std::vector<std::string>& folders,
                   const std::optional<std::string>& project_file) {
  std::optional<ConfigFile> project;
  if (project_file) project = read_config_file(files, "project", *project_file);
  if (const ValueMap* runner = project ? find_map(project->content, "runner") : nullptr) {
    project_runner_ = *runner;
  }
  ConfigErrors errors;
  if (const ValueMap* inside = project ? find_map(project->content, "profiles") : nullptr) {
    for (const auto& [name, written] : *inside) {
      errors.collect([&] {
        add({.name = name,
             .file = *project_file,
             .content = std::make_shared<const ValueMap>(std::get<ValueMap>(written.data())),
             .source = project->source().at("profiles").at(name)});
      });
    }
  }
  for (const std::string& path : find_entity_files(files, folders, "profiles", Depth::kBelow)) {
    const std::string name = file_stem(path);
    const auto inline_one = profiles_.find(name);
    if (inline_one != profiles_.end()) {
      errors.add(fmt::format("{}:1: profile `{}` is also in {}; leave one of them out", path, name,
                             inline_one->second.source.place()));
      continue;
    }
    try {
      ConfigFile file = read_config_file(files, "profile", path);
      add({.name = name,
           .file = path,
           .content = std::make_shared<const ValueMap>(std::move(file.content)),
           .source = file.source()});
    } catch (const Error& error) {
      broken_.emplace(name, error.what());
    }
  }
  errors.raise();
}

void Profiles::add(ProfileFile profile) {
  check_test_entry(*profile.content, profile.source);
  profiles_.emplace(profile.name, std::move(profile));
}

std::vector<std::string> Profiles::facet_keys() const {
  std::set<std::string> keys;
  for (const auto& [name, profile] : profiles_) {
    for (const auto& [key, value] : facets_of(profile)) keys.insert(key);
  }
  return {keys.begin(), keys.end()};
}

Profile Profiles::chain_of(const std::string& name, const std::string& asked_by) const {
  Profile profile{.name = name, .chain = {}, .record = {}};
  std::string wanted = name;
  std::string by = asked_by;
  while (true) {
    if (const auto broken = broken_.find(wanted); broken != broken_.end()) {
      throw Error(Code::kInvalidArgument, broken->second);
    }
    const auto found = profiles_.find(wanted);
    if (found == profiles_.end()) {
      std::vector<std::string> known;
      known.reserve(profiles_.size());
      for (const auto& [other, file] : profiles_) known.push_back(other);
      throw Error(Code::kInvalidArgument, fmt::format("{}: there is no profile `{}`{}", by, wanted,
                                                      suggest(wanted, known)));
    }
    const bool is_circle = std::ranges::any_of(
        profile.chain, [&](const ProfileFile& one) { return one.name == wanted; });
    if (is_circle) {
      throw Error(Code::kInvalidArgument,
                  fmt::format("{}: profile `{}` extends itself", by, wanted));
    }
    profile.chain.insert(profile.chain.begin(), found->second);
    const auto parent = find_text(*found->second.content, "extends");
    if (!parent) break;
    by = found->second.source.at("extends").place() + ": `extends`";
    wanted = *parent;
  }
  ValueMap runner = project_runner_;
  for (const ProfileFile& one : profile.chain) {
    for (const auto& [key, value] : *one.content) {
      if (key == "runner") {
        join_runner(std::get<ValueMap>(value.data()), runner);
      } else if (key != "facets" && std::ranges::find(kTestKeys, key) == kTestKeys.end()) {
        profile.record.set(key, value);
      }
    }
  }
  profile.record.set("facets", facets_of(profile.chain.back()));
  profile.record.set("runner", std::move(runner));
  return profile;
}

std::string Profiles::choices() const {
  std::string text;
  for (const auto& [name, profile] : profiles_) {
    const ValueMap facets = facets_of(profile);
    if (facets.empty()) continue;
    text += fmt::format("\n  --test-profile {}", name);
    std::string flags;
    for (const auto& [key, value] : facets) {
      std::string flag = key;
      std::ranges::replace(flag, '_', '-');
      flags += fmt::format(" --{} {}", flag, std::get<std::string>(value.data()));
    }
    text += "  or " + flags.substr(1);
  }
  return text;
}

std::optional<Profile> Profiles::select(const std::optional<std::string>& name,
                                        const std::map<std::string, std::string>& facets,
                                        const std::optional<std::string>& fallback,
                                        std::string& reason) const {
  std::map<std::string, std::string> wanted;
  const auto keys = facet_keys();
  for (const auto& [key, value] : facets) {
    if (std::ranges::find(keys, key) != keys.end()) wanted.emplace(key, value);
  }
  if (name) {
    Profile profile = chain_of(*name, "--test-profile");
    if (!agrees(facets_of(profile.chain.back()), wanted)) {
      throw Error(Code::kInvalidArgument,
                  fmt::format("profile `{}` does not have {}; leave one of them out, or choose{}",
                              *name, shown_facets(wanted), choices()));
    }
    reason = "--test-profile";
    return profile;
  }
  if (!wanted.empty()) {
    std::vector<std::string> found;
    for (const auto& [other, profile] : profiles_) {
      if (agrees(facets_of(profile), wanted)) found.push_back(other);
    }
    if (found.size() != 1) {
      throw Error(Code::kInvalidArgument,
                  fmt::format("{} selects {} profiles, expected one; choose{}",
                              shown_facets(wanted), found.size(), choices()));
    }
    reason = shown_facets(wanted);
    return chain_of(found.front(), reason);
  }
  if (fallback) {
    reason = "default_profile in litmus.yaml";
    return chain_of(*fallback, "litmus.yaml: `default_profile`");
  }
  if (!keys.empty()) {
    throw Error(
        Code::kInvalidArgument,
        fmt::format("no profile is chosen; give --no-test-profile, or choose{}", choices()));
  }
  return std::nullopt;
}

}  // namespace litmus
