// SPDX-License-Identifier: Apache-2.0
// What litmus.store is made of: configuration files by kind, and the catalog.
#include "base/process.h"
#include "bindings.h"
#include "config/catalog.h"
#include "config/config_file.h"
#include "config/config_save.h"
#include "config/instrument_assets.h"
#include "config/station_file.h"
#include "config/yaml_text.h"
#include "litmus/error.h"
#include "plan/entity_files.h"
#include "plan/product.h"
#include "scalars.h"
#include "values.h"

namespace litmus::python {
namespace {

ConfigPlaces places_of(nb::handle root) {
  return ConfigPlaces::from(posix_file_system(), root.is_none() ? current_folder() : to_path(root));
}

nb::list texts(const std::vector<std::string>& lines) {
  nb::list list;
  for (const std::string& line : lines) list.append(from_text(line));
  return list;
}

std::string project_folder(nb::handle root) { return places_of(root).folder; }

std::vector<std::string> find_files(std::string_view kind, const ConfigPlaces& places) {
  FileSystem& files = posix_file_system();
  if (kind == "station") return find_station_files(files, places);
  if (kind == "catalog") return find_catalog_files(files, places.folder);
  if (kind == "product") return find_product_files(files, {places.folder});
  if (kind == "fixture") {
    return find_entity_files(files, {places.folder}, "fixtures", Depth::kFolder);
  }
  return find_asset_files(files, places.folder);
}

// The files of a kind, in the order in which they are looked for.
nb::list files_of_kind(nb::handle kind, nb::handle root) {
  nb::list paths;
  for (const std::string& path : find_files(to_text(kind, "kind"), places_of(root))) {
    paths.append(from_path(path));
  }
  return paths;
}

// What would be read from a file with this content.
nb::object checked(nb::handle kind, nb::handle content) {
  const std::string wanted = to_text(kind, "kind");
  const std::string text = yaml_text(to_value_map(content, "content"));
  return from_value_map(check_config_text(text, wanted, wanted + ".yaml").content);
}

// (content, warnings)
nb::tuple read(nb::handle kind, nb::handle path) {
  const ConfigFile file =
      read_config_file(posix_file_system(), to_text(kind, "kind"), to_path(path));
  return nb::make_tuple(from_value_map(file.content), texts(file.warnings));
}

void save(nb::handle kind, nb::handle path, nb::handle content) {
  save_config_file(posix_file_system(), to_text(kind, "kind"), to_path(path),
                   to_value_map(content, "content"));
}

void create(nb::handle kind, nb::handle path, nb::handle content) {
  create_config_file(posix_file_system(), to_text(kind, "kind"), to_path(path),
                     to_value_map(content, "content"));
}

// (path, content, warnings)
nb::object from_entry(const CatalogEntry& entry) {
  return nb::make_tuple(from_path(entry.path), from_value_map(entry.content),
                        texts(entry.warnings));
}

nb::object from_found(std::optional<CatalogEntry> entry, const std::vector<std::string>& warnings) {
  if (!entry) return nb::none();
  entry->warnings.insert(entry->warnings.end(), warnings.begin(), warnings.end());
  return from_entry(*entry);
}

nb::object catalog_entry(nb::handle root, nb::handle entry) {
  return from_found(
      Catalog(posix_file_system(), project_folder(root)).find(to_text(entry, "entry")), {});
}

nb::object catalog_file(nb::handle root, nb::handle path) {
  return from_entry(Catalog(posix_file_system(), project_folder(root)).load(to_path(path)));
}

// ([(path, content, warnings)], warnings)
nb::tuple catalog_entries(nb::handle root) {
  std::vector<std::string> warnings;
  nb::list entries;
  for (const CatalogEntry& entry :
       Catalog(posix_file_system(), project_folder(root)).entries(warnings)) {
    entries.append(from_entry(entry));
  }
  return nb::make_tuple(entries, texts(warnings));
}

nb::object catalog_ref(nb::handle root, nb::handle reference) {
  std::vector<std::string> warnings;
  const Catalog catalog(posix_file_system(), project_folder(root));
  return from_found(resolve_catalog_ref(catalog, to_text(reference, "reference"), warnings),
                    warnings);
}

nb::object catalog_model(nb::handle root, nb::handle manufacturer, nb::handle model) {
  std::vector<std::string> warnings;
  const Catalog catalog(posix_file_system(), project_folder(root));
  return from_found(find_catalog_model(catalog, to_text(manufacturer, "manufacturer"),
                                       to_text(model, "model"), warnings),
                    warnings);
}

}  // namespace

void bind_config_store(nb::module_& module) {
  module.def(
      "project_folder", [](nb::handle root) { return from_path(project_folder(root)); },
      nb::arg("root").none());
  module.def("config_files", &files_of_kind, nb::arg("kind"), nb::arg("root").none());
  module.def("read_config", &read, nb::arg("kind"), nb::arg("path"));
  module.def("check_config", &checked, nb::arg("kind"), nb::arg("content"));
  module.def("save_config", &save, nb::arg("kind"), nb::arg("path"), nb::arg("content"));
  module.def("create_config", &create, nb::arg("kind"), nb::arg("path"), nb::arg("content"));
  module.def(
      "yaml_text",
      [](nb::handle content) { return from_text(yaml_text(to_value_map(content, "content"))); },
      nb::arg("content"));
  module.def("catalog_entry", &catalog_entry, nb::arg("root").none(), nb::arg("entry"));
  module.def("catalog_file", &catalog_file, nb::arg("root").none(), nb::arg("path"));
  module.def("catalog_entries", &catalog_entries, nb::arg("root").none());
  module.def("catalog_ref", &catalog_ref, nb::arg("root").none(), nb::arg("reference"));
  module.def("catalog_model", &catalog_model, nb::arg("root").none(), nb::arg("manufacturer"),
             nb::arg("model"));
}

}  // namespace litmus::python
