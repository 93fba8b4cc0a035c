// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config_source.h"
#include "litmus/value.h"
#include "plan/fixture.h"
#include "plan/product.h"

namespace litmus {

// What a test says about its wiring; null where it says nothing.
struct DeclaredWiring {
  const ValueList* characteristics = nullptr;
  const Value* connections = nullptr;  // names, or channels by role
  ConfigSource characteristics_source;
  ConfigSource connections_source;
};

// The connections that a test goes through, in order, each with `characteristic` where there is
// one; nothing where nothing is declared. Error(kInvalidArgument) for what is unknown, matches
// nothing, or cannot be checked: never a silent skip.
std::optional<std::vector<ValueMap>> find_connections(const DeclaredWiring& declared,
                                                      const Product* product,
                                                      const Fixture* fixture);

}  // namespace litmus
