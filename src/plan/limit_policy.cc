// SPDX-License-Identifier: Apache-2.0
#include "plan/limit_policy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "config/config_file.h"
#include "plan/entity_files.h"
#include "plan/numbers.h"

namespace litmus {
namespace {

using Kind = LimitPolicy::Kind;

// Keys that say the same thing in other words: what states one of a group does not inherit the
// others, which would otherwise take precedence over it.
enum Group : unsigned {
  kBounds = 1,
  kLookup = 2,
  kSteps = 4,
  kCallable = 8,
  kDerived = 16,
};

struct PolicyKey {
  std::string_view name;
  Group group;
};

constexpr std::array kPolicyKeys{
    PolicyKey{"low", kBounds},
    PolicyKey{"high", kBounds},
    PolicyKey{"lookup", kLookup},
    PolicyKey{"steps", kSteps},
    PolicyKey{"callable", kCallable},
    PolicyKey{"expr", kDerived},
    PolicyKey{"tolerance_pct", kDerived},
    PolicyKey{"tolerance_abs", kDerived},
    PolicyKey{"characteristic", kDerived},
};

unsigned stated_groups(const ValueMap& fields) {
  unsigned stated = 0;
  for (const PolicyKey& key : kPolicyKeys) {
    if (fields.find(key.name) != nullptr) stated |= key.group;
  }
  return stated;
}

bool is_tolerance(std::string_view key) { return key == "tolerance_pct" || key == "tolerance_abs"; }

// A band with what it takes over from the keys beside `bands`.
ValueMap inherited(const ValueMap& parent, const ValueMap& own) {
  const auto states = [&](std::string_view key) { return own.find(key) != nullptr; };
  const unsigned stated = stated_groups(own);
  ValueMap merged = own;
  for (const auto& [key, value] : parent) {
    if (key == "bands" || states(key)) continue;
    const auto* policy = std::ranges::find(kPolicyKeys, key, &PolicyKey::name);
    const bool is_policy = policy != kPolicyKeys.end() && key != "characteristic";
    if (is_policy && stated != 0 && (stated & policy->group) == 0) continue;
    if (is_tolerance(key) && (states("tolerance_pct") || states("tolerance_abs"))) continue;
    if (key == "nominal" && (states("characteristic") || states("expr"))) continue;
    if (key == "expr" && (states("characteristic") || states("nominal"))) continue;
    merged.set(key, value);
  }
  return merged;
}

// A tolerance takes the place of the other kind of tolerance as well.
void change_fields(ValueMap& fields, const ValueMap& changes) {
  ValueMap changed;
  const bool has_tolerance =
      std::ranges::any_of(changes, [](const auto& change) { return is_tolerance(change.first); });
  for (const auto& [key, value] : fields) {
    if (!(has_tolerance && is_tolerance(key))) changed.set(key, value);
  }
  for (const auto& [key, value] : changes) changed.set(key, value);
  fields = std::move(changed);
}

bool uses_nominal(const LimitPolicy& policy) {
  return policy.comparator == Comparator::kEQ || policy.comparator == Comparator::kNE;
}

class PolicyReader {
 public:
  PolicyReader(const ValueMap& fields, const ConfigSource& source)
      : fields_(fields), source_(source), policy_(source) {}

  LimitPolicy read() {
    read_fields();
    policy_.kind = kind();
    check();
    return std::move(policy_);
  }

 private:
  void read_fields() {
    policy_.low = number("low");
    policy_.high = number("high");
    if (const Value* nominal = fields_.find("nominal")) policy_.nominal = *nominal;
    if (const auto name = find_text(fields_, "comparator"))
      policy_.comparator = parse_comparator(*name);
    policy_.units = find_text(fields_, "units");
    policy_.characteristic = find_text(fields_, "characteristic");
    policy_.characteristic_id = find_text(fields_, "characteristic_id");
    policy_.spec_ref = find_text(fields_, "spec_ref");
    policy_.guardband_pct = number("guardband_pct");
    policy_.tolerance_pct = number("tolerance_pct");
    policy_.tolerance_abs = number("tolerance_abs");
    policy_.callable = find_text(fields_, "callable").value_or("");
    if (const auto text = find_text(fields_, "expr")) read_expression(*text);
    if (const ValueMap* lookup = find_map(fields_, "lookup")) read_lookup(*lookup);
    if (const ValueMap* steps = find_map(fields_, "steps")) read_steps(*steps);
  }

  std::optional<double> number(std::string_view key) const {
    const auto number = find_number(fields_, key);
    if (number && std::isnan(*number)) {
      throw source_.at(key).error(
          "expected a number, found NaN, which no value can be held against");
    }
    return number;
  }

  void read_expression(const std::string& text) {
    try {
      policy_.expression = std::make_shared<const Expression>(text);
    } catch (const Error& error) {
      throw source_.at("expr").error(error.what());
    }
  }

  void read_lookup(const ValueMap& lookup) {
    const ConfigSource source = source_.at("lookup");
    policy_.parameter = *find_text(lookup, "key");
    if (const auto units = find_text(lookup, "units")) policy_.units = units;
    const ValueMap& table = *find_map(lookup, "table");
    if (table.empty()) throw source.at("table").error("expected at least one row, found none");
    for (const auto& [key, row] : table) {
      policy_.rows.push_back(
          {.key = key,
           .below = {},
           .policy = read_row(std::get<ValueMap>(row.data()), source.at("table").at(key))});
    }
  }

  void read_steps(const ValueMap& steps) {
    const ConfigSource source = source_.at("steps").at("ranges");
    policy_.parameter = *find_text(steps, "param");
    const ValueList& ranges = *find_list(steps, "ranges");
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      const auto& range = std::get<ValueMap>(ranges[i].data());
      const auto below = find_number(range, "below");
      if (!policy_.rows.empty()) {
        const auto before = policy_.rows.back().below;
        if (!before || (below && !(*below > *before))) {
          throw source.at(i).error(
              "expected `below` to rise from range to range, and the one with `default` last");
        }
      }
      policy_.rows.push_back(
          {.key = {},
           .below = below,
           .policy = read_row(*find_map(range, "limit"), source.at(i).at("limit"))});
    }
  }

  LimitPolicy read_row(const ValueMap& row, const ConfigSource& source) const {
    ValueMap own = row;
    const ValueMap* lookup = find_map(fields_, "lookup");
    const auto units = lookup == nullptr ? std::nullopt : find_text(*lookup, "units");
    if (units && own.find("units") == nullptr) own.set("units", *units);
    ValueMap shared;
    for (const char* key :
         {"units", "comparator", "spec_ref", "guardband_pct", "characteristic_id"}) {
      if (const Value* value = fields_.find(key)) shared.set(key, *value);
    }
    if (const auto id = find_text(fields_, "characteristic");
        id && shared.find("characteristic_id") == nullptr) {
      shared.set("characteristic_id", *id);
    }
    LimitPolicy read = PolicyReader(inherited(shared, own), source).read();
    if (read.kind != Kind::kBounds && (read.kind != Kind::kTolerance || read.nominal.is_null())) {
      throw source.error("expected `low`, `high`, or a `nominal` with its tolerance");
    }
    return read;
  }

  Kind kind() const {
    if (policy_.low || policy_.high) return Kind::kBounds;
    const bool has_tolerance = policy_.tolerance_pct || policy_.tolerance_abs;
    if (fields_.find("lookup") != nullptr) return Kind::kLookup;
    if (fields_.find("steps") != nullptr) return Kind::kSteps;
    if (!policy_.callable.empty()) return Kind::kCallable;
    if (policy_.expression || has_tolerance) return Kind::kTolerance;
    const bool is_nominal_alone = !policy_.characteristic || uses_nominal(policy_);
    if (!policy_.nominal.is_null() && is_nominal_alone) return Kind::kBounds;
    return policy_.characteristic ? Kind::kCharacteristic : Kind::kNone;
  }

  void check() const {
    check_one_policy();
    const bool has_tolerance = policy_.tolerance_pct || policy_.tolerance_abs;
    if (policy_.expression && !has_tolerance) {
      throw source_.at("expr").error(
          "expected `tolerance_pct` or `tolerance_abs` beside `expr`, found neither");
    }
    if (policy_.expression && !policy_.nominal.is_null()) {
      throw source_.at("expr").error("`expr` gives the nominal value; leave out `nominal`");
    }
    if (policy_.kind == Kind::kTolerance) {
      if (!policy_.nominal.is_null() && !find_number(policy_.nominal)) {
        throw source_.at("nominal").error(
            fmt::format("a tolerance needs a number, found `{}`", shown(policy_.nominal)));
      }
      if (uses_nominal(policy_)) {
        throw source_.at("comparator").error("EQ and NE have no tolerance; leave one of them out");
      }
    }
    if (policy_.kind == Kind::kBounds) check_bounds();
    if (!policy_.callable.empty() && policy_.callable.find(':') == std::string::npos) {
      throw source_.at("callable")
          .error(fmt::format("expected `package.module:function`, found `{}`", policy_.callable));
    }
  }

  void check_one_policy() const {
    const unsigned stated = stated_groups(fields_);
    const bool has_tolerance = policy_.tolerance_pct || policy_.tolerance_abs;
    const unsigned of_derived = policy_.expression || has_tolerance ? kDerived : 0U;
    const unsigned exclusive = (stated & ~static_cast<unsigned>(kDerived)) | of_derived;
    if ((exclusive & (exclusive - 1)) != 0) {
      throw source_.error(
          "expected one of bounds (`low`, `high`), a tolerance or `expr`, `lookup`, `steps` and "
          "`callable`, found several: which of them counts?");
    }
  }

  void check_bounds() const {
    if (uses_nominal(policy_)) {
      if (policy_.nominal.is_null()) {
        throw source_.at("nominal").error("EQ and NE need a nominal value, found none");
      }
      return;
    }
    if (policy_.low && policy_.high && *policy_.low > *policy_.high) {
      throw source_.at("low").error(fmt::format(
          "expected `low` to be at most `high`, found {} and {}", *policy_.low, *policy_.high));
    }
    const bool only_high =
        policy_.comparator == Comparator::kLE || policy_.comparator == Comparator::kLT;
    const bool only_low =
        policy_.comparator == Comparator::kGE || policy_.comparator == Comparator::kGT;
    const bool has_bound = (policy_.low && !only_high) || (policy_.high && !only_low);
    if (!has_bound) {
      throw source_.error(fmt::format("no bound that {} looks at: expected {}",
                                      to_string(policy_.comparator.value_or(kDefaultComparator)),
                                      only_high ? "`high`"
                                      : only_low
                                          ? "`low`"
                                          : "`low` or `high`, a tolerance, or comparator EQ"));
    }
  }

  const ValueMap& fields_;
  const ConfigSource& source_;
  LimitPolicy policy_;
};

}  // namespace

LimitPolicy::LimitPolicy(ConfigSource place) : source(std::move(place)) {}

bool LimitPolicy::depends_on_parameters() const {
  switch (kind) {
    case Kind::kBounds:
    case Kind::kCallable: return false;
    case Kind::kTolerance: return nominal.is_null();
    default: return true;
  }
}

bool LimitEntry::depends_on_parameters() const {
  return !bands.empty() || policy.depends_on_parameters();
}

ConfigSource LimitEntry::source_of(std::string_view key) const {
  const auto share = std::ranges::find_if(
      shares, [&](const Share& one) { return std::ranges::find(one.keys, key) != one.keys.end(); });
  return (share == shares.end() ? policy.source : share->source).at(key);
}

bool only_changes(const ValueMap& written) {
  constexpr std::array kChanges{"tolerance_pct", "tolerance_abs", "guardband_pct", "comparator"};
  constexpr std::array kBases{"low",   "high",     "nominal", "characteristic", "expr",
                              "steps", "callable", "lookup",  "bands"};
  const auto says = [&](const char* key) { return written.find(key) != nullptr; };
  return std::ranges::any_of(kChanges, says) && std::ranges::none_of(kBases, says);
}

namespace {

ValueMap with_changes(const ValueMap& weaker, const ValueMap& changes) {
  ValueMap entry = weaker;
  change_fields(entry, changes);
  const ValueList* bands = find_list(weaker, "bands");
  if (bands == nullptr) return entry;
  ValueList changed;
  for (const Value& band : *bands) {
    ValueMap fields = std::get<ValueMap>(band.data());
    ValueMap of_band;  // what the band does not say itself it inherits
    for (const auto& [key, value] : changes) {
      const bool says = fields.find(key) != nullptr ||
                        (is_tolerance(key) && (fields.find("tolerance_pct") != nullptr ||
                                               fields.find("tolerance_abs") != nullptr));
      if (says) of_band.set(key, value);
    }
    change_fields(fields, of_band);
    changed.emplace_back(std::move(fields));
  }
  entry.set("bands", std::move(changed));
  return entry;
}

// Who says what: the changes, then what they leave of the weaker entry.
std::vector<LimitEntry::Share> shares_of(const LimitEntry& weaker, const ValueMap& changes,
                                         const ConfigSource& source) {
  std::vector<LimitEntry::Share> shares{{source, keys_of(&changes)}};
  const bool has_tolerance = std::ranges::any_of(shares.front().keys, is_tolerance);
  const auto is_changed = [&](const std::string& key) {
    return changes.find(key) != nullptr || (has_tolerance && is_tolerance(key));
  };
  auto before = weaker.shares;
  if (before.empty()) before.push_back({weaker.policy.source, keys_of(&weaker.written)});
  for (LimitEntry::Share& share : before) {
    std::erase_if(share.keys, is_changed);
    if (!share.keys.empty()) shares.push_back(std::move(share));
  }
  return shares;
}

std::string text_of(const LimitEntry::Share& share) {
  return fmt::format("{} ({})", share.source.place(), fmt::join(share.keys, ", "));
}

// Bands and rows stay where the weaker entry has them.
void keep_places(LimitPolicy& policy, const LimitPolicy& weaker, const std::string& changes) {
  policy.source = weaker.source;
  policy.places = weaker.place() + ", " + changes;
  for (std::size_t i = 0; i < policy.rows.size(); ++i) {
    keep_places(policy.rows[i].policy, weaker.rows[i].policy, changes);
  }
}

}  // namespace

LimitEntry changed_entry(const LimitEntry& weaker, const ValueMap& changes,
                         const ConfigSource& source) {
  try {
    LimitEntry entry = read_limit_entry(with_changes(weaker.written, changes), source);
    entry.shares = shares_of(weaker, changes, source);
    const std::string first = text_of(entry.shares.front());
    keep_places(entry.policy, weaker.policy, first);
    for (std::size_t i = 0; i < entry.bands.size(); ++i) {
      keep_places(entry.bands[i].policy, weaker.bands[i].policy, first);
    }
    entry.policy.source = source;
    entry.policy.places.clear();
    for (const LimitEntry::Share& share : entry.shares) {
      entry.policy.places += (entry.policy.places.empty() ? "" : ", ") + text_of(share);
    }
    return entry;
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("{} (it changes the limit at {})", error.what(),
                                          weaker.policy.place()));
  }
}

LimitEntry read_limit_entry(const ValueMap& written, const ConfigSource& source) {
  const ValueList* bands = find_list(written, "bands");
  ValueMap beside_bands;
  for (const auto& [key, value] : written) {
    if (key != "bands") beside_bands.set(key, value);
  }
  LimitEntry entry{.policy = PolicyReader(beside_bands, source).read(),
                   .bands = {},
                   .written = written,
                   .shares = {}};
  const bool may_wait = only_changes(written) && !uses_nominal(entry.policy);
  if (entry.policy.kind == Kind::kNone && bands == nullptr && !may_wait) {
    throw source.error(
        "nothing here gives a limit: expected `low` or `high`, `characteristic`, a tolerance, "
        "`bands`, `lookup`, `steps`, `expr` or `callable`");
  }
  if (entry.policy.kind == Kind::kBounds && entry.policy.guardband_pct &&
      !entry.policy.characteristic && bands == nullptr) {
    throw source.at("guardband_pct")
        .error(
            "limits as they are written have no guardband; write them narrower, or leave it out");
  }
  if (bands == nullptr) return entry;
  for (std::size_t i = 0; i < bands->size(); ++i) {
    const ConfigSource place = source.at("bands").at(i);
    ValueMap fields;
    ValueMap when;
    for (const auto& [key, value] : std::get<ValueMap>((*bands)[i].data())) {
      if (key == "when") {
        when = std::get<ValueMap>(value.data());
      } else {
        fields.set(key, value);
      }
    }
    [[maybe_unused]] const Conditions checked(when, place.at("when"),
                                              [](std::string_view) { return std::nullopt; });
    LimitPolicy policy = PolicyReader(inherited(beside_bands, fields), place).read();
    if (policy.kind == Kind::kNone) {
      throw place.error("neither the band nor the keys beside `bands` give a limit");
    }
    if (policy.units && entry.policy.units && *policy.units != *entry.policy.units) {
      throw place.at("units").error(fmt::format(
          "units that cannot match: `{}` here, `{}` beside `bands`; a measurement has one unit",
          *policy.units, *entry.policy.units));
    }
    entry.bands.push_back({.when = std::move(when), .policy = std::move(policy)});
  }
  return entry;
}

}  // namespace litmus
