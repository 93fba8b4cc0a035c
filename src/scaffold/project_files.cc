// SPDX-License-Identifier: Apache-2.0
#include "scaffold/project_files.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>

#include "base/json_writer.h"
#include "scaffold/editor_files.h"
#include "scaffold/templates.h"

namespace litmus {
namespace {

constexpr std::string_view kProfilesRow =
    "\n| `profiles/` | limits and sweeps by test phase: `production`, `characterization` |";

// A plain word of YAML, else in quotes: every text of JSON is one of YAML.
std::string yaml_text(const std::string& text) {
  const bool plain = !text.empty() && std::isalpha(static_cast<unsigned char>(text[0])) != 0 &&
                     std::ranges::all_of(text, [](unsigned char letter) {
                       return std::isalnum(letter) != 0 || letter == '_';
                     });
  constexpr std::array<std::string_view, 6> kNotTexts{"null", "Null", "NULL",
                                                      "true", "True", "TRUE"};
  const bool reserved = std::ranges::find(kNotTexts, text) != kNotTexts.end() || text == "false" ||
                        text == "False" || text == "FALSE";
  if (plain && !reserved) return text;
  std::string json;
  JsonWriter(json).value(text);
  return json;
}

// What a Python project may be called.
std::string package_name(const std::string& text) {
  std::string name;
  for (const char letter : text) {
    const bool allowed = std::isalnum(static_cast<unsigned char>(letter)) != 0;
    name += allowed ? letter : '_';
  }
  const auto first = name.find_first_not_of('_');
  if (first == std::string::npos) return "tests";
  return name.substr(first, name.find_last_not_of('_') - first + 1);
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::string filled(std::string_view form, const NewProject& project) {
  std::string text(form);
  const bool factory = project.tier == Tier::kFactory;
  replace_all(text, "@PACKAGE@", package_name(project.name));
  replace_all(text, "@DEFAULT_STATION@",
              project.default_station ? "\ndefault_station: " + *project.default_station : "");
  replace_all(text, "@DEFAULT_PROFILE@", factory ? "\ndefault_profile: production" : "");
  replace_all(text, "@PROFILES_ROW@", factory ? kProfilesRow : "");
  replace_all(text, "@TODAY@", to_date(project.today));
  replace_all(text, "@NEXT_YEAR@", to_date(project.today + std::chrono::days(365)));
  const bool yaml = text.starts_with("# The project.");
  replace_all(text, "@NAME@", yaml ? yaml_text(project.name) : project.name);
  return text;
}

std::vector<std::string> template_folders(Tier tier) {
  switch (tier) {
    case Tier::kEmpty: return {"common/", "empty/"};
    case Tier::kBringup: return {"common/", "bringup/"};
    case Tier::kBench: return {"common/", "bench/"};
    case Tier::kFactory: return {"common/", "bench/", "factory/"};
  }
  return {};
}

}  // namespace

std::optional<Tier> tier_of(std::string_view name) {
  const auto found = std::ranges::find(kTierNames, name);
  if (found == std::end(kTierNames)) return std::nullopt;
  constexpr Tier kTiers[] = {Tier::kBringup, Tier::kBench, Tier::kFactory};
  return kTiers[found - std::begin(kTierNames)];
}

std::vector<std::string> folders_of(Tier tier) {
  if (tier == Tier::kBringup) return {"tests/", "data/", "reports/"};
  std::vector<std::string> folders{"tests/",    "stations/", "instruments/",
                                   "products/", "fixtures/", "reports/"};
  if (tier == Tier::kFactory) folders.emplace_back("profiles/");
  if (tier != Tier::kEmpty) folders.emplace_back("data/");
  return folders;
}

std::vector<NewFile> files_of(const NewProject& project) {
  std::vector<NewFile> files;
  for (const std::string& folder : template_folders(project.tier)) {
    for (const EmbeddedFile& file : project_templates()) {
      if (!file.path.starts_with(folder)) continue;
      std::string path(file.path.substr(folder.size()));
      if (path == "gitignore") path = ".gitignore";
      files.push_back({path, filled(file.text, project)});
    }
  }
  std::ranges::move(editor_files(), std::back_inserter(files));
  return files;
}

WrittenProject write_project(FileSystem& files, const std::string& folder,
                             const std::vector<std::string>& folders,
                             const std::vector<NewFile>& new_files) {
  WrittenProject written;
  for (const std::string& name : folders) {
    const std::string path = join_path(folder, name.substr(0, name.size() - 1));
    if (files.exists(path)) continue;
    files.create_folders(path);
    written.created.push_back(name);
  }
  for (const NewFile& file : new_files) {
    const std::string path = join_path(folder, file.path);
    if (files.exists(path)) {
      written.kept.push_back(file.path);
      continue;
    }
    write_new_file(files, path, file.text);
    written.created.push_back(file.path);
  }
  return written;
}

void write_new_file(FileSystem& files, const std::string& path, std::string_view text) {
  files.create_folders(parent_folder(path));
  const auto file = files.open_for_append(path, FileSystem::Create::kNew);
  file->append({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  file->close();
}

}  // namespace litmus
