// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "config/config_source.h"
#include "litmus/value.h"

namespace litmus {

// One profile as it is written.
struct ProfileFile {
  std::string name;
  std::string file;
  std::shared_ptr<const ValueMap> content;
  ConfigSource source;
};

// A profile with those that it extends.
struct Profile {
  std::string name;
  std::vector<ProfileFile> chain;  // parents first
  // Settings of the chain: the child wins; `addopts`, `markers` and `plugins` of `runner` are
  // joined. Without the keys of test entries; `facets` are its own.
  ValueMap record;
};

// The profiles of a project: files in `profiles/`, and those in litmus.yaml.
class Profiles {
 public:
  Profiles() = default;
  // A broken file is kept aside: it is an error when it is wanted, and a warning before.
  // Error(kInvalidArgument) for one name in two places.
  Profiles(FileSystem& files, const std::vector<std::string>& folders,
           const std::optional<std::string>& project_file);

  const std::map<std::string, ProfileFile>& all() const { return profiles_; }
  const std::map<std::string, std::string>& broken() const { return broken_; }  // name -> error
  std::vector<std::string> facet_keys() const;

  // Error(kInvalidArgument) for an unknown or broken profile or parent, and a chain that goes round
  // in a circle.
  Profile chain_of(const std::string& name, const std::string& asked_by) const;

  // By name and facets, which must agree; by facets, which must select exactly one; else
  // `fallback`. Facets that no profile declares select nothing. Nothing if there is nothing to
  // choose from. Error(kInvalidArgument) lists the combinations.
  std::optional<Profile> select(const std::optional<std::string>& name,
                                const std::map<std::string, std::string>& facets,
                                const std::optional<std::string>& fallback,
                                std::string& reason) const;

 private:
  void add(ProfileFile profile);
  std::string choices() const;

  std::map<std::string, ProfileFile> profiles_;
  std::map<std::string, std::string> broken_;
  ValueMap project_runner_;  // `runner` of litmus.yaml: what each profile's own is joined to
};

}  // namespace litmus
