// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config_source.h"
#include "litmus/value.h"

namespace litmus {

// What a sidecar, a profile or the markers of a test say about tests, held against what the schema
// cannot say: policies of limits, equal lengths of sweeps, targets of mocks. Goes through `tests`.
// Error(kInvalidArgument) with all problems.
void check_test_entry(const ValueMap& entry, const ConfigSource& source);

// The payloads of the markers of one scope, checked like a sidecar. `name` is for the errors:
// "inline marker of TestFan".
ValueMap check_markers(const ValueMap& payloads, const std::string& name);

// A part of a tree of entries that applies to a test.
struct EntryLevel {
  const ValueMap* entry = nullptr;
  ConfigSource source;
  bool is_class = false;
};

// What of a tree applies to a test, weakest first: the tree itself, its class, and the test, which
// is looked for below its class, then as `Class.method`, then by its bare name. `names` gets the
// key paths that were used.
std::vector<EntryLevel> levels_for(const ValueMap& tree, const ConfigSource& source,
                                   const std::vector<std::string>& classes,
                                   const std::string& function, std::vector<std::string>& used);

// The key paths of all entries below `tests`, each as `TestFan` or `TestFan.test_load`, with their
// places.
struct NamedEntry {
  std::string name;
  ConfigSource source;
};
std::vector<NamedEntry> named_entries(const ValueMap& tree, const ConfigSource& source);

}  // namespace litmus
