// SPDX-License-Identifier: Apache-2.0
#include "plan/validation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "config/catalog.h"
#include "config/config_kinds.h"
#include "config/station.h"
#include "plan/band_coverage.h"
#include "plan/entity_files.h"
#include "plan/fixture.h"
#include "plan/merged_limits.h"
#include "plan/product.h"
#include "plan/profile.h"
#include "plan/test_entry.h"
#include "plan/test_names.h"

namespace litmus {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (true) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text = text.substr(end + 1);
  }
}

void add_all(const std::vector<std::string>& from, std::vector<std::string>& to) {
  to.insert(to.end(), from.begin(), from.end());
}

// As ConfigPlaces::from, which a broken litmus.yaml stops.
ConfigPlaces places_around(FileSystem& files, const std::string& start_folder) {
  try {
    return ConfigPlaces::from(files, start_folder);
  } catch (const Error&) {
    std::string folder = absolute_path(start_folder);
    while (!files.exists(join_path(folder, kProjectFileName))) folder = parent_folder(folder);
    return {.project = std::nullopt,
            .folder = folder,
            .station_folders = {join_path(folder, "stations")}};
  }
}

// Everything of a project that can be read; broken files tell their own errors.
class ReadableProject {
 public:
  ReadableProject(FileSystem& files, const std::string& folder)
      : files_(files), places_(places_around(files, folder)), catalog_(files, places_.folder) {
    product_files_ = find_product_files(files, folders());
    for (const std::string& path : product_files_) {
      read([&] { products_.push_back(load_product(files, product_files_, path)); });
    }
    for (const std::string& path :
         find_entity_files(files, folders(), "fixtures", Depth::kFolder)) {
      read([&] { fixtures_.push_back(load_fixture(files, path)); });
    }
    for (const std::string& path : find_station_files(files, places_)) {
      read([&] { stations_.push_back(load_station(files, places_, path)); });
    }
    read([&] {
      profiles_ = Profiles(files, folders(),
                           places_.project ? std::optional(places_.project->file) : std::nullopt);
    });
  }

  FileSystem& files() const { return files_; }
  const ConfigPlaces& places() const { return places_; }
  std::vector<std::string> folders() const { return {places_.folder}; }
  const Catalog& catalog() const { return catalog_; }
  const Profiles& profiles() const { return profiles_; }
  const std::vector<std::string>& product_files() const { return product_files_; }
  const std::vector<Product>& products() const { return products_; }
  const std::vector<Fixture>& fixtures() const { return fixtures_; }
  const std::vector<Station>& stations() const { return stations_; }

  const Product* find_product(const std::string& id) const {
    const auto found = std::ranges::find_if(
        products_, [&](const Product& one) { return file_stem(one.file) == id; });
    return found == products_.end() ? nullptr : &*found;
  }

 private:
  template <class Read>
  static void read(Read read) {
    try {
      read();
    } catch (const Error&) {
      return;  // told where that file itself is checked
    }
  }

  FileSystem& files_;
  ConfigPlaces places_;
  Catalog catalog_;
  std::vector<std::string> product_files_;
  std::vector<Product> products_;
  std::vector<Fixture> fixtures_;
  std::vector<Station> stations_;
  Profiles profiles_;
};

std::vector<std::string> ids_in(const ReadableProject& project, std::string_view folder,
                                Depth depth) {
  std::vector<std::string> ids;
  for (const std::string& path :
       find_entity_files(project.files(), project.folders(), folder, depth)) {
    ids.push_back(file_stem(path));
  }
  return ids;
}

class FileCheck {
 public:
  FileCheck(const ReadableProject& project, const std::string& path, std::string_view kind)
      : project_(project), verdict_{path, kind, {}, {}} {}

  FileVerdict check() {
    try {
      const ConfigFile file = read_config_file(project_.files(), *verdict_.kind, verdict_.path);
      add_all(file.warnings, verdict_.warnings);
      check_content(file);
      errors_.raise();
    } catch (const Error& error) {
      if (error.code() != Code::kInvalidArgument) throw;
      add_all(lines_of(error.what()), verdict_.errors);
    }
    return std::move(verdict_);
  }

 private:
  void check_content(const ConfigFile& file) {
    const std::string_view kind = *verdict_.kind;
    if (kind == "project") check_project(file);
    if (kind == "profile") check_profile(file);
    if (kind == "station") check_station(file);
    if (kind == "instrument_asset") check_catalog_ref(file.content, file.source());
    if (kind == "fixture") check_fixture(file);
    if (kind == "product") check_product(file);
    if (kind == "catalog") project_.catalog().load(file.path);
    if (kind == "sidecar") check_sidecar(file);
  }

  void check_project(const ConfigFile& file) {
    errors_.collect([&] {
      [[maybe_unused]] const Profiles checked(project_.files(), project_.folders(), file.path);
    });
    check_id(file.content, "default_station", "stations", Depth::kFolder, file.source());
    check_id(file.content, "default_fixture", "fixtures", Depth::kFolder, file.source());
    if (const auto name = find_text(file.content, "default_profile")) {
      errors_.collect([&] {
        project_.profiles().chain_of(
            *name, file.source().at("default_profile").place() + ": `default_profile`");
      });
    }
    if (const ValueMap* profiles = find_map(file.content, "profiles")) {
      for (const auto& [name, written] : *profiles) {
        check_profile_keys(name, std::get<ValueMap>(written.data()),
                           file.source().at("profiles").at(name));
      }
    }
  }

  void check_profile(const ConfigFile& file) {
    check_test_entry(file.content, file.source());
    check_profile_keys(file_stem(file.path), file.content, file.source());
  }

  void check_profile_keys(const std::string& name, const ValueMap& content,
                          const ConfigSource& source) {
    check_id(content, "fixture", "fixtures", Depth::kFolder, source);
    check_id(content, "station_type", "stations/types", Depth::kFolder, source);
    if (project_.profiles().all().contains(name)) {
      errors_.collect([&] {
        const Profile profile = project_.profiles().chain_of(name, source.place());
        std::set<std::string> tests{""};
        for (const NamedEntry& entry : named_entries(content, source)) tests.insert(entry.name);
        auto trees = trees_of(profile);
        const auto problems = merged_limits(trees, tests);
        trees.pop_back();
        add_new(problems, merged_limits(trees, tests));
      });
    }
    check_references(content, source);
  }

  static std::vector<EntryTree> trees_of(const Profile& profile) {
    std::vector<EntryTree> trees;
    trees.reserve(profile.chain.size());
    for (const ProfileFile& one : profile.chain) trees.push_back({one.content.get(), one.source});
    return trees;
  }

  std::set<std::string> merged_limits(const std::vector<EntryTree>& trees,
                                      const std::set<std::string>& tests) {
    return merged_limit_problems(trees, tests, project_.products(), entries_);
  }

  void add_new(const std::set<std::string>& problems, const std::set<std::string>& told) {
    for (const std::string& problem : problems) {
      if (!told.contains(problem)) errors_.add(problem);
    }
  }

  void check_station(const ConfigFile& file) {
    const Station station = load_station(project_.files(), project_.places(), file.path);
    add_all(station.warnings, verdict_.warnings);
    for (const auto& [role, written] : *find_map(file.content, "instruments")) {
      const auto* instrument = written.get_if<ValueMap>();
      if (instrument != nullptr)
        check_catalog_ref(*instrument, file.source().at("instruments").at(role));
    }
  }

  void check_catalog_ref(const ValueMap& content, const ConfigSource& source) {
    const auto id = find_text(content, "catalog_ref");
    if (!id) return;
    const auto known = project_.catalog().ids();
    if (std::ranges::find(known, *id) == known.end()) {
      errors_.add(source.at("catalog_ref")
                      .error(fmt::format("the catalog has no `{}`{}", *id, suggest(*id, known))));
    }
  }

  void check_product(const ConfigFile& file) {
    const Product product = load_product(project_.files(), project_.product_files(), file.path);
    add_all(uneven_bands(product), verdict_.warnings);
  }

  void check_fixture(const ConfigFile& file) {
    const Fixture fixture = load_fixture(project_.files(), file.path);
    const auto product_id = find_text(file.content, "product_id");
    const Product* product = nullptr;
    if (product_id) {
      product = project_.find_product(*product_id);
      check_id(file.content, "product_id", "products", Depth::kBelow, file.source());
    } else if (project_.products().size() == 1) {
      product = &project_.products().front();
    }
    if (product != nullptr) errors_.collect([&] { fixture.check_product(*product); });
    check_roles(fixture);
  }

  // At least one station that the fixture fits must have all its roles.
  void check_roles(const Fixture& fixture) {
    const ValueList* types = find_list(fixture.record, "station_types");
    std::optional<Error> problem;
    for (const Station& station : project_.stations()) {
      const auto type = find_text(station.record, "station_type");
      const bool fits = types == nullptr || types->empty() ||
                        (type && std::ranges::find(*types, Value(*type)) != types->end());
      if (!fits) continue;
      try {
        fixture.check_roles(*find_map(station.record, "instruments"),
                            *find_text(station.record, "id"));
        check_channels(fixture, station);
        return;
      } catch (const Error& error) {
        problem = error;
      }
    }
    if (problem) errors_.add(*problem);
  }

  // Channels of an instrument whose model the catalog knows.
  void check_channels(const Fixture& fixture, const Station& station) {
    for (const auto& [name, written] : fixture.connections()) {
      const auto& connection = std::get<ValueMap>(written.data());
      const auto channel = find_text(connection, "instrument_channel");
      const ValueMap* instrument =
          find_map(*find_map(station.record, "instruments"), *find_text(connection, "instrument"));
      const auto model =
          instrument == nullptr ? std::nullopt : find_text(*instrument, "catalog_ref");
      if (!channel || !model) continue;
      errors_.collect([&] {
        const auto entry = project_.catalog().find(*model);
        const ValueMap* channels = entry ? find_map(entry->content, "channels") : nullptr;
        if (channels == nullptr || channels->find(*channel) != nullptr) return;
        throw fixture.source.at("connections")
            .at(name)
            .at("instrument_channel")
            .error(fmt::format("`{}` has no channel `{}`{}", *model, *channel,
                               suggest(*channel, keys_of(channels))));
      });
    }
  }

  void check_sidecar(const ConfigFile& file) {
    check_test_entry(file.content, file.source());
    check_references(file.content, file.source());
    const std::string module =
        file.path.substr(0, file.path.size() - std::string_view(".yaml").size()) + ".py";
    const bool has_module = project_.files().exists(module);
    const std::set<std::string> names =
        has_module ? test_names(project_.files(), module) : std::set<std::string>();
    check_merged_limits(file, names);
    if (!has_module) {
      verdict_.warnings.push_back(
          fmt::format("{}:1: there is no test module {} beside it", file.path, file_name(module)));
      return;
    }
    const std::vector<std::string> known(names.begin(), names.end());
    for (const NamedEntry& entry : named_entries(file.content, file.source())) {
      if (names.contains(entry.name)) continue;
      const bool is_bare = entry.name.find('.') == std::string::npos;
      const bool is_method = is_bare && std::ranges::any_of(known, [&](const std::string& name) {
                               return name.ends_with("." + entry.name);
                             });
      if (is_method) continue;
      verdict_.warnings.push_back(fmt::format("{}: {} has no test `{}`{}", entry.source.place(),
                                              file_name(module), entry.name,
                                              suggest(entry.name, known)));
    }
  }

  // With no profile, and with each: what a session would say of the limits then.
  void check_merged_limits(const ConfigFile& file, const std::set<std::string>& names) {
    std::set<std::string> tests{""};  // those that nothing names are like all others
    for (const NamedEntry& entry : named_entries(file.content, file.source())) {
      tests.insert(entry.name);
    }
    const EntryTree sidecar{&file.content, file.source()};
    auto told = merged_limits({sidecar}, tests);
    add_new(told, {});
    for (const auto& [name, profile_file] : project_.profiles().all()) {
      std::vector<EntryTree> trees;
      try {
        trees = trees_of(project_.profiles().chain_of(name, name));
      } catch (const Error&) {
        continue;  // told where the profile is checked
      }
      auto named = tests;
      for (const EntryTree& tree : trees) {
        for (const NamedEntry& entry : named_entries(*tree.content, tree.source)) {
          if (names.contains(entry.name)) named.insert(entry.name);
        }
      }
      trees.insert(trees.begin(), sidecar);
      const auto problems = merged_limits(trees, named);
      if (problems.empty()) continue;
      trees.erase(trees.begin());
      told.merge(merged_limits(trees, named));
      add_new(problems, told);
      told.insert(problems.begin(), problems.end());
    }
  }

  // Characteristics and connections that nothing in the project has.
  void check_references(const ValueMap& entry, const ConfigSource& source) {
    if (const ValueMap* limits = find_map(entry, "limits")) {
      for (const auto& [name, written] : *limits) {
        const auto& limit = std::get<ValueMap>(written.data());
        const ConfigSource place = source.at("limits").at(name);
        check_characteristic(find_text(limit, "characteristic"), place.at("characteristic"));
        const ValueList* bands = find_list(limit, "bands");
        for (std::size_t i = 0; bands != nullptr && i < bands->size(); ++i) {
          check_characteristic(find_text(std::get<ValueMap>((*bands)[i].data()), "characteristic"),
                               place.at("bands").at(i).at("characteristic"));
        }
      }
    }
    if (const ValueList* ids = find_list(entry, "characteristics")) {
      for (std::size_t i = 0; i < ids->size(); ++i) {
        check_characteristic(std::get<std::string>((*ids)[i].data()),
                             source.at("characteristics").at(i));
      }
    }
    if (const ValueList* names = find_list(entry, "connections")) {
      for (std::size_t i = 0; i < names->size(); ++i) {
        check_connection(std::get<std::string>((*names)[i].data()), source.at("connections").at(i));
      }
    }
    if (const ValueMap* tests = find_map(entry, "tests")) {
      for (const auto& [name, test] : *tests) {
        check_references(std::get<ValueMap>(test.data()), source.at("tests").at(name));
      }
    }
  }

  void check_characteristic(const std::optional<std::string>& id, const ConfigSource& place) {
    if (!id) return;
    std::vector<std::string> known;
    for (const Product& product : project_.products()) add_all(product.characteristic_ids(), known);
    if (std::ranges::find(known, *id) != known.end()) return;
    if (known.empty() && project_.products().size() < project_.product_files().size()) return;
    errors_.add(place.error(
        fmt::format("no product has a characteristic `{}`{}", *id, suggest(*id, known))));
  }

  void check_connection(const std::string& name, const ConfigSource& place) {
    std::vector<std::string> known;
    for (const Fixture& fixture : project_.fixtures()) {
      add_all(keys_of(&fixture.connections()), known);
      for (const std::string& slot : fixture.slots()) {
        add_all(keys_of(&fixture.for_slot(slot).connections()), known);
      }
    }
    if (known.empty() || std::ranges::find(known, name) != known.end()) return;
    errors_.add(
        place.error(fmt::format("no fixture has a connection `{}`{}", name, suggest(name, known))));
  }

  // A key that names a file of the project.
  void check_id(const ValueMap& content, const char* key, std::string_view folder, Depth depth,
                const ConfigSource& source) {
    const auto id = find_text(content, key);
    if (!id) return;
    auto known = ids_in(project_, folder, depth);
    if (folder == "stations") {
      for (const Station& station : project_.stations()) known.push_back(file_stem(station.file));
    }
    if (std::ranges::find(known, *id) != known.end()) return;
    errors_.add(source.at(key).error(
        fmt::format("there is no {}/{}.yaml{}", folder, *id, suggest(*id, known))));
  }

  const ReadableProject& project_;
  FileVerdict verdict_;
  ConfigErrors errors_;
  LimitEntries entries_;
};

std::optional<std::string_view> kind_of(FileSystem& files, const std::string& path,
                                        const std::string& project_folder) {
  const std::string inside =
      path.starts_with(project_folder + "/") ? path.substr(project_folder.size() + 1) : path;
  if (const auto kind = kind_of_place(inside)) return kind;
  try {
    return kind_of_keys(files, path);
  } catch (const Error&) {
    return std::nullopt;
  }
}

void add_below(FileSystem& files, const std::string& folder, std::vector<std::string>& found) {
  for (const DirectoryEntry& entry : files.list(folder)) {
    if (entry.name.starts_with('.') || entry.name.starts_with('_')) continue;
    const std::string path = join_path(folder, entry.name);
    if (entry.is_directory) {
      add_below(files, path, found);
    } else if (entry.name.ends_with(".yaml") && entry.name != "manifest.yaml" &&
               entry.name.find(".variants.") == std::string::npos) {
      found.push_back(path);
    }
  }
}

// Two files with one id, of which only one would ever be found.
void check_ids(std::vector<FileVerdict>& verdicts) {
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    if (!verdicts[i].kind || *verdicts[i].kind == "sidecar" || *verdicts[i].kind == "project")
      continue;
    for (std::size_t before = 0; before < i; ++before) {
      if (verdicts[before].kind != verdicts[i].kind) continue;
      if (file_stem(verdicts[before].path) != file_stem(verdicts[i].path)) continue;
      verdicts[i].errors.push_back(fmt::format("{}:1: the id `{}` is also that of {}",
                                               verdicts[i].path, file_stem(verdicts[i].path),
                                               verdicts[before].path));
    }
  }
}

}  // namespace

std::vector<FileVerdict> validate_files(FileSystem& files, const std::string& folder,
                                        const std::vector<std::string>& paths,
                                        const std::optional<std::string>& kind) {
  if (kind && std::ranges::find(kConfigKinds, *kind, &ConfigKind::name) == kConfigKinds.end()) {
    throw Error(Code::kInvalidArgument, fmt::format("--type: there is no kind `{}`{}", *kind,
                                                    suggest(*kind, config_kind_names())));
  }
  const ReadableProject project(files, folder);
  const std::string& project_folder = project.places().folder;
  std::vector<FileVerdict> verdicts;
  const auto add_folder = [&](const std::string& below) {
    std::vector<std::string> found;
    add_below(files, below, found);
    for (const std::string& path : found) {
      const auto is_kind = kind_of(files, path, project_folder);
      if (is_kind && (!kind || *kind == *is_kind))
        verdicts.push_back(FileCheck(project, path, *is_kind).check());
    }
  };
  if (paths.empty()) {
    const std::string file = join_path(project_folder, kProjectFileName);
    if (files.exists(file) && (!kind || *kind == "project")) {
      verdicts.push_back(FileCheck(project, file, "project").check());
    }
    for (const char* name :
         {"catalog", "products", "stations", "fixtures", "instruments", "profiles", "tests"}) {
      add_folder(join_path(project_folder, name));
    }
  }
  for (const std::string& given : paths) {
    const std::string path =
        absolute_path(given.starts_with('/') ? given : join_path(folder, given));
    const auto status = files.status(path);
    if (!status) throw Error(Code::kNotFound, fmt::format("there is no file {}", path));
    if (status->is_directory) {
      add_folder(path);
      continue;
    }
    auto is_kind = kind_of(files, path, project_folder);
    if (kind) is_kind = std::ranges::find(kConfigKinds, *kind, &ConfigKind::name)->name;
    if (is_kind) {
      verdicts.push_back(FileCheck(project, path, *is_kind).check());
    } else {
      verdicts.push_back(
          {path,
           std::nullopt,
           {fmt::format("{}:1: neither its place nor its keys tell which kind of file it "
                        "is; give --type",
                        path)},
           {}});
    }
  }
  check_ids(verdicts);
  return verdicts;
}

}  // namespace litmus
