// SPDX-License-Identifier: Apache-2.0
#include "plan/test_plan.h"

#include <fmt/format.h>

#include "config/config_file.h"
#include "plan/entity_files.h"
#include "plan/numbers.h"

namespace litmus {

TestPlan::TestPlan(FileSystem& files, std::optional<Profile> profile, SessionContext context)
    : files_(files) {
  if (profile) {
    context.profile_guardband_pct = find_number(profile->record, "guardband_pct");
    for (const ProfileFile& one : profile->chain) {
      profiles_.push_back({.content = one.content, .source = one.source});
      if (one.content->find("guardband_pct") != nullptr) {
        context.profile_guardband_place = one.source.at("guardband_pct").place();
      }
    }
  }
  context_ = std::make_shared<const SessionContext>(std::move(context));
}

TestPlan::Tree* TestPlan::sidecar_of(const std::string& module_file) {
  auto known = sidecars_.find(module_file);
  if (known == sidecars_.end()) {
    const std::string path = sidecar_path(module_file);
    std::optional<Tree> tree;
    if (files_.exists(path)) {
      ConfigFile file = read_config_file(files_, "sidecar", path);
      check_test_entry(file.content, file.source());
      tree = Tree{.content = std::make_shared<const ValueMap>(std::move(file.content)),
                  .source = file.source()};
    }
    known = sidecars_.emplace(module_file, std::move(tree)).first;
  }
  return known->second ? &*known->second : nullptr;
}

ResolvedTest TestPlan::resolve(const std::string& module_file,
                               const std::vector<std::string>& classes, const std::string& function,
                               const std::vector<InlineMarkers>& markers) {
  std::string class_name;
  for (const std::string& name : classes) class_name += (class_name.empty() ? "" : ".") + name;
  const std::string test = class_name.empty() ? function : class_name + "." + function;
  Cascade cascade(test, context_->product.get(), entries_);
  for (std::size_t i = 0; i < markers.size(); ++i) {
    const InlineMarkers& one = markers[i];
    const bool is_function = one.scope == InlineMarkers::Scope::kFunction;
    const std::string& owner = is_function                                 ? test
                               : one.scope == InlineMarkers::Scope::kClass ? class_name
                                                                           : file_name(module_file);
    const std::string name = "inline marker of " + owner;
    const ValueMap entry = check_markers(one.payloads, name);
    cascade.add({&entry, ConfigSource::marker(name), !is_function}, i);
  }
  const auto add_tree = [&](Tree& tree) {
    std::vector<std::string> used;
    for (const EntryLevel& level :
         levels_for(*tree.content, tree.source, classes, function, used)) {
      cascade.add(level, std::nullopt);
    }
    tree.used.insert(used.begin(), used.end());
  };
  if (Tree* sidecar = sidecar_of(module_file)) add_tree(*sidecar);
  for (Tree& profile : profiles_) add_tree(profile);
  return {cascade.finish(), context_};
}

std::vector<std::string> TestPlan::unused_names() const {
  std::vector<std::string> texts;
  const auto add = [&](const Tree& tree) {
    for (const NamedEntry& entry : named_entries(*tree.content, tree.source)) {
      if (tree.used.contains(entry.name)) continue;
      texts.push_back(
          fmt::format("{}: no collected test is called `{}`", entry.source.place(), entry.name));
    }
  };
  for (const auto& [module, sidecar] : sidecars_) {
    if (sidecar) add(*sidecar);
  }
  for (const Tree& profile : profiles_) add(profile);
  return texts;
}

std::string sidecar_path(const std::string& module_file) {
  constexpr std::string_view kModuleEnd = ".py";
  const std::string stem = module_file.ends_with(kModuleEnd)
                               ? module_file.substr(0, module_file.size() - kModuleEnd.size())
                               : module_file;
  return stem + ".yaml";
}

}  // namespace litmus
