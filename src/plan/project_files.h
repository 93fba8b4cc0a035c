// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "config/station.h"
#include "litmus/value.h"
#include "plan/fixture.h"
#include "plan/product.h"
#include "plan/profile.h"

namespace litmus {

// What was chosen for a session, and why.
struct Selection {
  std::string what;  // product, fixture, station, profile
  std::string id;
  std::string file;
  std::string place;   // the same for people, with the line
  std::string reason;  // the option or key that chose it, or that it is the only one
};

// The configuration of a project, and what of it is active in a session. Everything may be absent.
class ProjectFiles {
 public:
  // litmus.yaml is looked for from `root` upwards, then from `invocation_folder`; all other files
  // in these folders and that of litmus.yaml. Error(kInvalidArgument) if litmus.yaml is broken.
  ProjectFiles(FileSystem& files, const std::string& root, const std::string& invocation_folder);

  FileSystem& files() const { return files_; }
  const ValueMap& settings() const { return settings_; }  // those of `name: litmus` without a file
  const std::optional<std::string>& file() const { return file_; }
  const std::vector<std::string>& folders() const { return folders_; }
  const Profiles& profiles() const { return profiles_; }

  // Each: nothing if there is none. Error(kInvalidArgument) for what is unknown, broken or not one.
  std::optional<Profile> select_profile(const std::optional<std::string>& name,
                                        const std::map<std::string, std::string>& facets);
  std::optional<Product> select_product(const std::optional<std::string>& id_or_path,
                                        const std::optional<std::string>& part_number);
  std::optional<Fixture> select_fixture(const std::optional<std::string>& id_or_path,
                                        const Profile* profile);
  std::optional<Station> select_station(const std::optional<std::string>& id_or_path);

  // Whether they fit each other; null: not active. Error(kInvalidArgument) with all that does not.
  void check_session(const ValueMap* station, const Profile* profile, const Fixture* fixture,
                     const Product* product) const;

  const std::vector<Selection>& selections() const { return selections_; }
  std::vector<std::string> take_warnings();  // those since the last call

 private:
  std::string find_by_id(const std::string& what, const std::string& id_or_path,
                         const std::vector<std::string>& known, const std::string& asked_by) const;
  std::string find_by_part_number(const std::vector<std::string>& known,
                                  const std::string& part_number);
  std::optional<std::string> station_of_this_machine(const ConfigPlaces& places);
  std::string place_of_setting(const std::string& key) const;
  void select(std::string what, const std::string& file, std::string reason);
  void warn(const std::vector<std::string>& warnings);

  FileSystem& files_;
  std::string invocation_folder_;
  std::optional<std::string> file_;
  ValueMap settings_;
  std::vector<std::string> folders_;
  Profiles profiles_;
  std::vector<Selection> selections_;
  std::vector<std::string> warnings_;
};

}  // namespace litmus
