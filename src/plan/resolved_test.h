// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/config_source.h"
#include "litmus/value.h"
#include "plan/connections.h"
#include "plan/fixture.h"
#include "plan/limit_policy.h"
#include "plan/limit_resolution.h"
#include "plan/product.h"

namespace litmus {

// What all tests of a session share.
struct SessionContext {
  std::shared_ptr<const Product> product;  // null: none is active
  std::shared_ptr<const Fixture> fixture;
  std::optional<double> session_guardband_pct;
  std::optional<double> profile_guardband_pct;
  std::string profile_guardband_place = {};

  LimitContext limits() const {
    return {product.get(), session_guardband_pct, profile_guardband_pct, profile_guardband_place};
  }
};

// Which payload of a marker something is from: the number of the payload, and its place in it.
struct InlinePlace {
  std::size_t payload;
  std::size_t index;
};

struct PlannedLoop {
  ValueMap arguments;  // argument -> list of values, all of one length
  ConfigSource source;
  std::optional<InlinePlace> inline_place;
  bool is_outer = false;
};

struct PlannedMock {
  std::string target;
  ValueMap keywords;
  ConfigSource source;
  std::optional<InlinePlace> inline_place;
};

struct PlannedLimit {
  std::shared_ptr<const LimitEntry> entry;
  std::vector<std::string> replaced;  // where weaker ones are, weakest first
  std::string conflict;               // units that cannot match; empty: none
};

// A value, and where it is written.
struct PlannedValue {
  Value value;
  ConfigSource source;
};

struct NamedValue {
  std::string name;
  PlannedValue planned;
};

// All that the files and markers say about one test function, merged. Made by a Cascade.
struct TestSettings {
  std::string name;                  // TestFan.test_load
  std::vector<ConfigSource> levels;  // what applies, weakest first
  std::vector<PlannedLoop> loops;    // outer ones and inner ones, each outermost first
  std::vector<PlannedMock> mocks;
  std::vector<std::pair<std::string, PlannedLimit>> limits;
  std::vector<NamedValue> prompts;
  std::vector<NamedValue> markers;
  std::optional<PlannedValue> characteristics;
  std::optional<PlannedValue> connections;
  std::optional<PlannedValue> retry;

  const PlannedLimit* find_limit(std::string_view measurement) const;
};

// What is planned for one test function before it runs. Not for several threads at once.
class ResolvedTest {
 public:
  // Error(kInvalidArgument) for wiring that cannot be, and limits that name characteristics which
  // the product or the test does not have.
  ResolvedTest(TestSettings settings, std::shared_ptr<const SessionContext> context);

  const TestSettings& settings() const { return settings_; }
  // Nothing where neither characteristics nor connections are declared.
  const std::optional<std::vector<ValueMap>>& connections() const { return connections_; }

  // The limit in force: the merged entry of that name, else the product's characteristic of that
  // name, or the explicit one; null without either. An entry that names another characteristic than
  // the explicit one does not count. Throws MissingLimit, and Error(kInvalidArgument) for units
  // that cannot match. Cached; the result lives until the next call.
  const ResolvedLimit* limit(const std::string& measurement, const ValueMap& parameters,
                             const std::optional<std::string>& ambient,
                             const std::optional<std::string>& explicit_characteristic);

  // All of it with places, and `problems`, for people. Limits are given for the parameters of
  // `collected` cases (none: one without parameters) times the loops that are not among them.
  ValueMap explanation(const std::vector<ValueMap>& collected);

 private:
  void check_characteristics() const;
  const LimitEntry* entry_for(const std::string& measurement,
                              const std::optional<std::string>& explicit_characteristic) const;
  const Characteristic* characteristic_for(
      const std::string& measurement,
      const std::optional<std::string>& explicit_characteristic) const;
  ValueMap explained_limit(const std::string& measurement, const PlannedLimit& planned,
                           const std::vector<ValueMap>& cases, ValueList& problems);

  TestSettings settings_;
  std::shared_ptr<const SessionContext> context_;
  std::optional<std::vector<ValueMap>> connections_;
  std::unordered_map<std::string, std::optional<ResolvedLimit>> cache_;
};

}  // namespace litmus
