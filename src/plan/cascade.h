// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "plan/resolved_test.h"
#include "plan/test_entry.h"

namespace litmus {

// Limit entries by the map that they are written in, so that each is read once for all tests.
using LimitEntries = std::unordered_map<const ValueMap*, std::shared_ptr<const LimitEntry>>;

// Merges what applies to a test, weakest first:
//
//   limits, prompts                          by key, the whole entry replaced; a limit that only
//                                            changes another one is merged field by field
//   mocks                                    by target, replaced in place
//   sweeps                                   joined; a loop of the same arguments replaced in place
//   markers                                  joined
//   retry, connections, characteristics      replaced
//
// Loops of modules and classes are outer ones, all others inner ones.
class Cascade {
 public:
  // `product`: for the units of characteristics; may be null.
  Cascade(std::string test, const Product* product, LimitEntries& entries)
      : product_(product), entries_(entries) {
    settings_.name = std::move(test);
  }

  // `payload`: the number of the marker's payload; nothing for files. Entries of files are kept in
  // the cache, so they must live as long as it does.
  void add(const EntryLevel& level, std::optional<std::size_t> payload);

  TestSettings finish();

 private:
  void add_limits(const ValueMap& limits, const ConfigSource& source, bool keep);
  void add_loops(const ValueList& sweeps, const EntryLevel& level,
                 std::optional<std::size_t> payload);
  void add_mocks(const ValueList& mocks, const ConfigSource& source,
                 std::optional<std::size_t> payload);
  void add_named(const ValueMap& values, const ConfigSource& source);
  void add_markers(const ValueMap& runner, const ConfigSource& source);
  std::string unit_conflict(const std::string& name, const LimitEntry& entry,
                            const LimitEntry* weaker) const;
  std::optional<std::pair<std::string, std::string>> unit_of(const LimitEntry& entry) const;

  const Product* product_;
  LimitEntries& entries_;
  TestSettings settings_;
};

}  // namespace litmus
