// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/discovery.h"
#include "litmus/value.h"

namespace litmus {

// A role that was given to an instrument that was found.
struct ChosenRole {
  std::string role;
  std::string asset_id;
  std::string driver;
  std::string catalog_id = {};  // of its model, where that is known
  FoundInstrument instrument;
  std::string protocol;
};

// Letters, digits, `_`, `-` and `.`: what ids and roles are made of.
bool is_name(const std::string& text);

// The content of instruments/{asset_id}.yaml and of stations/{id}.yaml; what is empty is left out.
ValueMap asset_of(const ChosenRole& chosen);
ValueMap station_of(const std::string& id, const std::string& name, const std::string& location,
                    const std::vector<ChosenRole>& roles);

}  // namespace litmus
