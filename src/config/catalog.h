// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "config/config_file.h"
#include "litmus/value.h"

namespace litmus {

// A model of instrument: what it can do, and its default driver.
struct CatalogEntry {
  std::string path;
  ValueMap content;  // joined with its base; `name` filled in
  std::vector<std::string> warnings;
};

// The files below `catalog/` of a project; names with `.variants.` are passed over.
std::vector<std::string> find_catalog_files(FileSystem& files, const std::string& project_folder);

// The models that a project knows: the files below its `catalog/`, then the built-in generic ones
// (schema/catalog/*.yaml, part of the program). Of several with one id the first counts.
class Catalog {
 public:
  Catalog(FileSystem& files, const std::string& project_folder);

  std::vector<std::string> ids() const;  // sorted, the project's first

  // Error(kInvalidArgument) if the file is broken, a base is missing, bases form a circle or are
  // more than five deep, or a capability names a channel that the entry does not have.
  std::optional<CatalogEntry> find(const std::string& id) const;
  // The same for a file, whose base may stand beside it.
  CatalogEntry load(const std::string& path) const;

  // All that can be read; `warnings` gets a line for each that cannot.
  std::vector<CatalogEntry> entries(std::vector<std::string>& warnings) const;

  // "; did you mean `generic_dmm`?", or empty.
  std::string suggestion(const std::string& id) const;

 private:
  struct Source {
    std::string id;
    std::string path;
    bool built_in;
  };

  const Source* source_of(const std::string& id) const;
  ConfigFile read(const Source& source) const;
  CatalogEntry joined(ConfigFile file) const;
  ConfigFile base_of(const ConfigFile& file, const std::string& id) const;

  FileSystem& files_;
  std::vector<Source> sources_;
};

// The first entry with this id, else of this type. Both calls pass over what is broken, with a line
// in `warnings`.
std::optional<CatalogEntry> resolve_catalog_ref(const Catalog& catalog,
                                                const std::string& reference,
                                                std::vector<std::string>& warnings);
// By maker and model, whatever their case: those of an identity.
std::optional<CatalogEntry> find_catalog_model(const Catalog& catalog,
                                               const std::string& manufacturer,
                                               const std::string& model,
                                               std::vector<std::string>& warnings);

}  // namespace litmus
