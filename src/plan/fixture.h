// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/file_system.h"
#include "config/config_source.h"
#include "litmus/value.h"
#include "plan/product.h"

namespace litmus {

// A fixture as it is to be used: each connection with its name.
struct Fixture {
  std::string file;
  ValueMap record;  // with `connections`, or `slots` where there are several
  ConfigSource source;
  std::vector<std::string> warnings;

  const ValueMap& connections() const;  // by name; none where there are several slots
  std::vector<std::string> slots() const;
  // The connections of one slot, and its DUT. Error(kInvalidArgument) for an unknown one.
  Fixture for_slot(const std::string& slot) const;

  // Error(kInvalidArgument) if it is for another product or revision, or names pins or nets that
  // the product does not have.
  void check_product(const Product& product) const;
  // Error(kInvalidArgument) for a role that the station does not have.
  void check_roles(const ValueMap& station_roles, const std::string& station) const;

 private:
  // Calls visit(connection, source) for those of all slots.
  template <class Visit>
  void visit_connections(Visit visit) const;
};

// Error(kInvalidArgument) if the file is broken. A single slot becomes the fixture's connections.
Fixture load_fixture(FileSystem& files, const std::string& file);

}  // namespace litmus
