// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config_source.h"
#include "litmus/outcome.h"
#include "litmus/value.h"
#include "plan/conditions.h"
#include "plan/expression.h"

namespace litmus {

// One way to come to a limit.
struct LimitPolicy {
  enum class Kind {
    kNone,            // only how a limit is different: guardband, comparator and the like
    kBounds,          // low, high, or a nominal for EQ and NE, as written
    kLookup,          // a row for each value of a parameter
    kSteps,           // a row for each range of a parameter
    kCallable,        // a function says
    kTolerance,       // around a nominal: its own, of a formula, or of a characteristic
    kCharacteristic,  // what the product promises
  };

  explicit LimitPolicy(ConfigSource place);

  Kind kind = Kind::kNone;
  std::optional<double> low;
  std::optional<double> high;
  Value nominal;  // null: none
  std::optional<Comparator> comparator;
  std::optional<std::string> units;
  std::optional<std::string> characteristic;
  std::optional<std::string> characteristic_id;  // text only
  std::optional<std::string> spec_ref;
  std::optional<double> guardband_pct;
  std::optional<double> tolerance_pct;
  std::optional<double> tolerance_abs;
  std::string callable;
  std::shared_ptr<const Expression> expression;
  std::string parameter;  // of kLookup and kSteps
  struct Row;
  std::vector<Row> rows;
  ConfigSource source;
  std::string places;  // of a changed entry: all that shaped it; else empty, `source` says it

  bool depends_on_parameters() const;
  // "tests/test_fan.yaml:2"; of a changed entry who says what: "profiles/strict.yaml:3
  // (tolerance_pct), tests/test_fan.yaml:2 (nominal, units)".
  std::string place() const { return places.empty() ? source.place() : places; }
};

struct LimitPolicy::Row {
  std::string key;              // of kLookup
  std::optional<double> below;  // of kSteps; nothing: all other values
  LimitPolicy policy;
};

// All that is said about one measurement.
struct LimitEntry {
  struct Band {
    ValueMap when;
    LimitPolicy policy;  // with what it inherits from the entry
  };

  // What one place says of an entry that several have shaped.
  struct Share {
    ConfigSource source;
    std::vector<std::string> keys;
  };

  LimitPolicy policy;  // for what no band is for
  std::vector<Band> bands;
  ValueMap written;
  std::vector<Share> shares;  // of a changed entry, strongest first

  bool depends_on_parameters() const;
  ConfigSource source_of(std::string_view key) const;  // where that key beside `bands` is written
};

// Error(kInvalidArgument) for an entry that could never give a limit, or gives two: nothing of one,
// low above high, EQ without a nominal, several policies side by side, ...
LimitEntry read_limit_entry(const ValueMap& written, const ConfigSource& source);

// Whether an entry says no limit of its own, only how one is different: tolerance, guardband,
// comparator, units, spec_ref. It changes those fields of the entry that it finds, if there is one.
bool only_changes(const ValueMap& written);

// The weaker entry, its bands included, with those fields changed. Error(kInvalidArgument) names
// both places where they do not go together.
LimitEntry changed_entry(const LimitEntry& weaker, const ValueMap& changes,
                         const ConfigSource& source);

}  // namespace litmus
