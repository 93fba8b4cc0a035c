// SPDX-License-Identifier: Apache-2.0
#include "plan/project_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "base/process.h"
#include "config/config_file.h"
#include "config/litmus_home.h"
#include "config/project_file.h"
#include "config/station_file.h"
#include "plan/entity_files.h"

namespace litmus {
namespace {

bool equal_without_case(const std::string& left, const std::string& right) {
  return std::ranges::equal(left, right, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  });
}

bool contains(const ValueList& list, const std::string& text) {
  return std::ranges::find(list, Value(text)) != list.end();
}

std::vector<std::string> stems(const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  names.reserve(paths.size());
  for (const std::string& path : paths) names.push_back(file_stem(path));
  return names;
}

}  // namespace

ProjectFiles::ProjectFiles(FileSystem& files, const std::string& root,
                           const std::string& invocation_folder)
    : files_(files), invocation_folder_(absolute_path(invocation_folder)) {
  auto project = find_project(files, root);
  if (!project) project = find_project(files, invocation_folder_);
  folders_ = {absolute_path(root)};
  if (project) {
    file_ = project->file;
    settings_ = std::move(project->settings);
    folders_.push_back(parent_folder(project->file));
  } else {
    settings_ = check_config_text("name: litmus", "project", kProjectFileName).content;
  }
  folders_.push_back(invocation_folder_);
  std::vector<std::string> once;
  for (const std::string& folder : folders_) {
    if (std::ranges::find(once, folder) == once.end()) once.push_back(folder);
  }
  folders_ = std::move(once);
  profiles_ = Profiles(files, folders_, file_);
  for (const auto& [name, error] : profiles_.broken()) {
    warnings_.push_back(fmt::format("profile `{}` is left out: {}", name, error));
  }
}

std::optional<Profile> ProjectFiles::select_profile(
    const std::optional<std::string>& name, const std::map<std::string, std::string>& facets) {
  std::string reason;
  auto profile = profiles_.select(name, facets, find_text(settings_, "default_profile"), reason);
  if (profile) {
    const ProfileFile& own = profile->chain.back();
    selections_.push_back(
        {"profile", profile->name, own.file, own.source.place(), std::move(reason)});
  }
  return profile;
}

std::optional<Product> ProjectFiles::select_product(const std::optional<std::string>& id_or_path,
                                                    const std::optional<std::string>& part_number) {
  const auto known = find_product_files(files_, folders_);
  std::string path;
  std::string reason;
  if (id_or_path) {
    path = find_by_id("product", *id_or_path, known, "--product");
    reason = "--product";
  } else if (known.empty()) {
    return std::nullopt;
  } else if (part_number) {
    path = find_by_part_number(known, *part_number);
    reason = "part number " + *part_number;
  } else if (known.size() == 1) {
    path = known.front();
    reason = "the only product";
  } else {
    throw Error(
        Code::kInvalidArgument,
        fmt::format("there are {} products: name one with --product or --dut-part-number ({})",
                    known.size(), fmt::join(stems(known), ", ")));
  }
  Product product = load_product(files_, known, path);
  warn(product.warnings);
  select("product", path, std::move(reason));
  return product;
}

std::optional<Fixture> ProjectFiles::select_fixture(const std::optional<std::string>& id_or_path,
                                                    const Profile* profile) {
  const auto known = find_entity_files(files_, folders_, "fixtures", Depth::kFolder);
  const auto of_profile = profile == nullptr ? std::nullopt : find_text(profile->record, "fixture");
  const auto by_default = find_text(settings_, "default_fixture");
  std::string path;
  std::string reason;
  if (id_or_path) {
    path = find_by_id("fixture", *id_or_path, known, "--fixture");
    reason = "--fixture";
    if (of_profile && *of_profile != file_stem(path)) {
      warnings_.push_back(fmt::format("--fixture {} is used in place of `{}` of profile `{}`",
                                      *id_or_path, *of_profile, profile->name));
    }
  } else if (of_profile) {
    reason = fmt::format("`fixture` of profile `{}`", profile->name);
    path = find_by_id("fixture", *of_profile, known, reason);
  } else if (by_default) {
    reason = place_of_setting("default_fixture");
    path = find_by_id("fixture", *by_default, known, reason);
  } else if (known.size() == 1) {
    path = known.front();
    reason = "the only fixture";
  } else {
    return std::nullopt;
  }
  Fixture fixture = load_fixture(files_, path);
  warn(fixture.warnings);
  select("fixture", path, std::move(reason));
  return fixture;
}

std::optional<Station> ProjectFiles::select_station(const std::optional<std::string>& id_or_path) {
  ConfigPlaces places;
  places.folder = file_ ? parent_folder(*file_) : folders_.front();
  for (const std::string& folder : folders_) {
    places.station_folders.push_back(join_path(folder, "stations"));
  }
  if (const auto home = find_litmus_home()) {
    places.station_folders.push_back(join_path(home->path, "stations"));
  }
  const auto known = find_station_files(files_, places);
  std::string path;
  std::string reason;
  if (id_or_path) {
    path = find_by_id("station", *id_or_path, known, "--station");
    reason = "--station";
  } else if (const auto of_machine = station_of_this_machine(places)) {
    path = *of_machine;
    reason = "its hostname is " + this_process().host;
  } else if (const auto by_default = find_text(settings_, "default_station")) {
    reason = place_of_setting("default_station");
    path = find_by_id("station", *by_default, known, reason);
  } else {
    return std::nullopt;
  }
  Station station = load_station(files_, places, path);
  warn(station.warnings);
  select("station", path, std::move(reason));
  return station;
}

std::optional<std::string> ProjectFiles::station_of_this_machine(const ConfigPlaces& places) {
  std::vector<std::string> found;
  const std::string host = this_process().host;
  for (const std::string& path : find_station_files(files_, places)) {
    try {
      const ConfigFile station = read_config_file(files_, "station", path);
      if (find_text(station.content, "hostname") == host) found.push_back(path);
    } catch (const Error& error) {
      warnings_.push_back(
          fmt::format("station `{}` is left out: {}", file_stem(path), error.what()));
    }
  }
  if (found.size() == 1) return found.front();
  if (!found.empty()) {
    warnings_.push_back(
        fmt::format("{} stations have the hostname {}: {}; none of them is taken for "
                    "that reason",
                    found.size(), host, fmt::join(stems(found), ", ")));
  }
  return std::nullopt;
}

std::string ProjectFiles::find_by_id(const std::string& what, const std::string& id_or_path,
                                     const std::vector<std::string>& known,
                                     const std::string& asked_by) const {
  if (is_path(id_or_path)) {
    const std::string path = id_or_path.starts_with('/')
                                 ? id_or_path
                                 : absolute_path(join_path(invocation_folder_, id_or_path));
    if (files_.exists(path)) return path;
    throw Error(Code::kInvalidArgument, fmt::format("{}: there is no file {}", asked_by, path));
  }
  for (const std::string& path : known) {
    if (file_stem(path) == id_or_path) return path;
  }
  throw Error(Code::kInvalidArgument,
              fmt::format("{}: there is no {} `{}` in {}{}", asked_by, what, id_or_path,
                          fmt::join(folders_, ", "), suggest(id_or_path, stems(known))));
}

std::string ProjectFiles::find_by_part_number(const std::vector<std::string>& known,
                                              const std::string& part_number) {
  std::vector<std::string> found;
  std::vector<std::string> numbers;
  for (const std::string& path : known) {
    try {
      for (const ConfigFile& file : read_with_bases(files_, "product", known, path)) {
        const auto number = find_text(file.content, "part_number");
        if (!number) continue;
        if (equal_without_case(*number, part_number)) found.push_back(path);
        numbers.push_back(*number);
        break;
      }
    } catch (const Error& error) {
      warnings_.push_back(
          fmt::format("product `{}` is left out: {}", file_stem(path), error.what()));
    }
  }
  if (found.size() == 1) return found.front();
  throw Error(Code::kInvalidArgument,
              found.empty()
                  ? fmt::format("--dut-part-number: no product has the part number `{}`{}",
                                part_number, suggest(part_number, numbers))
                  : fmt::format("--dut-part-number: {} products have the part number `{}`: {}",
                                found.size(), part_number, fmt::join(stems(found), ", ")));
}

void ProjectFiles::check_session(const ValueMap* station, const Profile* profile,
                                 const Fixture* fixture, const Product* product) const {
  ConfigErrors errors;
  const auto of_profile =
      profile == nullptr ? std::nullopt : find_text(profile->record, "station_type");
  const auto of_station = station == nullptr ? std::nullopt : find_text(*station, "station_type");
  if (of_profile && station != nullptr && of_station != of_profile) {
    errors.add(fmt::format("profile `{}` is for stations of type `{}`, station `{}` is {}",
                           profile->name, *of_profile, *find_text(*station, "id"),
                           of_station ? fmt::format("a `{}`", *of_station) : "of no type"));
  }
  const ValueList* types =
      fixture == nullptr ? nullptr : find_list(fixture->record, "station_types");
  const auto type = of_station ? of_station : of_profile;
  if (types != nullptr && !types->empty() && type && !contains(*types, *type)) {
    errors.add(fixture->source.at("station_types")
                   .error(fmt::format("the fixture fits stations of type {}, not `{}`",
                                      shown(*types), *type)));
  }
  if (station != nullptr && fixture != nullptr) {
    errors.collect([&] {
      fixture->check_roles(*find_map(*station, "instruments"), *find_text(*station, "id"));
    });
  }
  if (product != nullptr && fixture != nullptr) {
    errors.collect([&] { fixture->check_product(*product); });
  }
  errors.raise();
}

std::vector<std::string> ProjectFiles::take_warnings() { return std::exchange(warnings_, {}); }

std::string ProjectFiles::place_of_setting(const std::string& key) const {
  const ConfigFile project = read_config_file(files_, "project", *file_);
  return fmt::format("`{}` at {}", key, project.source().at(key).place());
}

void ProjectFiles::select(std::string what, const std::string& file, std::string reason) {
  std::erase_if(selections_, [&](const Selection& one) { return one.what == what; });
  selections_.push_back(
      {std::move(what), file_stem(file), file, shown_path(file) + ":1", std::move(reason)});
}

void ProjectFiles::warn(const std::vector<std::string>& warnings) {
  warnings_.insert(warnings_.end(), warnings.begin(), warnings.end());
}

}  // namespace litmus
