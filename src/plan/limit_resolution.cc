// SPDX-License-Identifier: Apache-2.0
#include "plan/limit_resolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "config/config_file.h"
#include "config/generators.h"
#include "plan/numbers.h"
#include "plan/units.h"

namespace litmus {
namespace {

bool only_high(Comparator comparator) {
  return comparator == Comparator::kLE || comparator == Comparator::kLT;
}

bool only_low(Comparator comparator) {
  return comparator == Comparator::kGE || comparator == Comparator::kGT;
}

bool uses_nominal(Comparator comparator) {
  return comparator == Comparator::kEQ || comparator == Comparator::kNE;
}

struct Guardband {
  double pct = 0;
  std::string place;  // who says it, where the entry itself does not
};

Guardband guardband_of(std::optional<double> own, const LimitContext& context) {
  if (own) return {*own, {}};
  if (context.session_guardband_pct) return {*context.session_guardband_pct, "of the session"};
  if (context.profile_guardband_pct) {
    return {*context.profile_guardband_pct, fmt::format("at {}", context.profile_guardband_place)};
  }
  return {};
}

// Drops the bound that the comparator does not look at, moves the others inwards by g percent
// of the width, half on either side (of a single bound by g percent of it), and rounds the result
// to 12 digits: 5.0 +- 3 % ends at 4.85, not at 4.8499999999999996.
void narrow(ResolvedLimit& limit, const Guardband& guardband) {
  if (only_high(limit.comparator)) limit.low.reset();
  if (only_low(limit.comparator)) limit.high.reset();
  if (uses_nominal(limit.comparator)) return;
  if (limit.low && limit.high) {
    const double by = (*limit.high - *limit.low) * guardband.pct / 200.0;
    *limit.low += by;
    *limit.high -= by;
  } else if (limit.high) {
    *limit.high -= std::abs(*limit.high) * guardband.pct / 100.0;
  } else if (limit.low) {
    *limit.low += std::abs(*limit.low) * guardband.pct / 100.0;
  }
  for (auto* bound : {&limit.low, &limit.high}) {
    if (*bound) **bound = round_to_12_digits(**bound);
  }
  if (limit.low && limit.high && *limit.low > *limit.high) {
    throw Error(Code::kInvalidArgument,
                fmt::format("{}: a guardband of {} % leaves nothing between low and high; expected "
                            "at most 100",
                            limit.source, guardband.pct));
  }
  if (guardband.pct != 0 && !guardband.place.empty()) {
    limit.source += fmt::format(", guardband of {} % {}", guardband.pct, guardband.place);
  }
}

std::string spec_ref_of(const Characteristic& characteristic, const CharacteristicBand& band,
                        const ValueMap& parameters) {
  std::vector<std::string> names = band.when.parameters();
  std::ranges::sort(names);
  std::string text = characteristic.spec_name;
  const char* before = " @ ";
  for (const std::string& name : names) {
    text += fmt::format("{}{}={}", before, name, shown(*parameters.find(name)));
    before = ", ";
  }
  return text;
}

const CharacteristicBand& band_at(const Characteristic& characteristic,
                                  const ValueMap& parameters) {
  if (const CharacteristicBand* band = characteristic.find_band(parameters)) return *band;
  std::string bands;
  for (const CharacteristicBand& band : characteristic.bands) {
    bands += fmt::format("\n  {}: {}", band.source.place(), band.when.text());
  }
  throw MissingLimit(bands.empty() ? fmt::format("characteristic `{}` ({}) promises no value",
                                                 characteristic.id, characteristic.source.place())
                                   : fmt::format("no band of characteristic `{}` fits {}:{}",
                                                 characteristic.id, shown(parameters), bands));
}

class Resolver {
 public:
  Resolver(const LimitPolicy& policy, const std::string& name, const ValueMap& parameters,
           const std::optional<std::string>& ambient, const LimitContext& context)
      : policy_(policy),
        name_(name),
        parameters_(parameters),
        ambient_(ambient),
        context_(context) {}

  ResolvedLimit resolve() const {
    switch (policy_.kind) {
      case LimitPolicy::Kind::kBounds: return as_written();
      case LimitPolicy::Kind::kLookup: return of_row(*lookup_row());
      case LimitPolicy::Kind::kSteps: return of_row(*step_row());
      case LimitPolicy::Kind::kCallable: return to_be_called();
      case LimitPolicy::Kind::kTolerance: return with_tolerance();
      case LimitPolicy::Kind::kCharacteristic:
      case LimitPolicy::Kind::kNone: break;
    }
    return promised();
  }

 private:
  ResolvedLimit described() const {
    ResolvedLimit limit;
    limit.comparator = policy_.comparator.value_or(kDefaultComparator);
    limit.units = policy_.units;
    limit.characteristic_id = annotated_characteristic();
    limit.spec_ref = policy_.spec_ref;
    limit.source = policy_.place();
    return limit;
  }

  std::optional<std::string> annotated_characteristic() const {
    if (policy_.characteristic_id) return policy_.characteristic_id;
    if (policy_.characteristic) return policy_.characteristic;
    if (ambient_) return ambient_;
    const bool has_name = context_.product != nullptr && context_.product->find(name_) != nullptr;
    return has_name ? std::optional(name_) : std::nullopt;
  }

  ResolvedLimit as_written() const {
    ResolvedLimit limit = described();
    limit.low = policy_.low;
    limit.high = policy_.high;
    limit.nominal = policy_.nominal;
    if (!limit.units && policy_.characteristic && context_.product != nullptr) {
      const Characteristic* characteristic = context_.product->find(*policy_.characteristic);
      if (characteristic != nullptr && !characteristic->units.empty()) {
        limit.units = characteristic->units;
        limit.source += ", " + characteristic->source.place() + " (units)";
      }
    }
    return limit;
  }

  ResolvedLimit to_be_called() const {
    ResolvedLimit limit = described();
    limit.callable = policy_.callable;
    return limit;
  }

  ResolvedLimit of_row(const LimitPolicy& row) const {
    return Resolver(row, name_, parameters_, ambient_, context_).resolve();
  }

  const Value& parameter() const {
    const Value* value = parameters_.find(policy_.parameter);
    if (value == nullptr) {
      throw MissingLimit(fmt::format("no limit for `{}`: {} needs the parameter `{}`, found {}",
                                     name_, policy_.place(), policy_.parameter,
                                     shown(parameters_)));
    }
    return *value;
  }

  const LimitPolicy* lookup_row() const {
    const Value& value = parameter();
    const auto number = find_number(value);
    const std::string text = shown(value);
    std::string keys;
    for (const LimitPolicy::Row& row : policy_.rows) {
      double as_number = 0;
      const char* end = row.key.data() + row.key.size();
      const auto [stop, error] = std::from_chars(row.key.data(), end, as_number);
      const bool is_number = error == std::errc() && stop == end;
      const bool fits =
          number && is_number ? nearly_equal(as_number, *number) : !number && row.key == text;
      if (fits) return &row.policy;
      keys += (keys.empty() ? "" : ", ") + row.key;
    }
    throw MissingLimit(
        fmt::format("no limit for `{}`: the table of {} has no row for {}={}, only {}", name_,
                    policy_.place(), policy_.parameter, text, keys));
  }

  const LimitPolicy* step_row() const {
    const auto number = find_number(parameter());
    for (const LimitPolicy::Row& row : policy_.rows) {
      if (!row.below) return &row.policy;
      if (number && *number < *row.below && !nearly_equal(*number, *row.below)) return &row.policy;
    }
    throw MissingLimit(fmt::format("no limit for `{}`: the ranges of {} end below {}, found {}={}",
                                   name_, policy_.place(), *policy_.rows.back().below,
                                   policy_.parameter, shown(parameter())));
  }

  ResolvedLimit with_tolerance() const {
    ResolvedLimit limit = described();
    double nominal = 0;
    if (policy_.expression) {
      nominal = evaluated();
    } else if (const auto own = find_number(policy_.nominal)) {
      nominal = *own;
    } else {
      const Characteristic& characteristic = known_characteristic();
      const CharacteristicBand& band = band_at(characteristic, parameters_);
      const auto value = find_number(band.value);
      if (!value) {
        throw MissingLimit(
            fmt::format("no limit for `{}`: {} has `{}`, and a tolerance needs a number", name_,
                        band.source.place(), shown(band.value)));
      }
      nominal = round_to_12_digits(*value * factor_from(characteristic));
      if (!limit.units && !characteristic.units.empty()) limit.units = characteristic.units;
      if (!limit.spec_ref) limit.spec_ref = spec_ref_of(characteristic, band, parameters_);
      limit.characteristic_id = policy_.characteristic_id.value_or(characteristic.id);
      limit.source += ", " + band.source.place();
    }
    const double deviation = policy_.tolerance_pct
                                 ? std::abs(nominal) * *policy_.tolerance_pct / 100.0
                                 : *policy_.tolerance_abs;
    limit.nominal = nominal;
    limit.low = nominal - deviation;
    limit.high = nominal + deviation;
    narrow(limit, guardband_of(policy_.guardband_pct, context_));
    return limit;
  }

  double evaluated() const {
    try {
      return policy_.expression->evaluate(parameters_);
    } catch (const Error& error) {
      throw MissingLimit(fmt::format("no limit for `{}` at {}: {}: {}", name_, shown(parameters_),
                                     policy_.place(), error.what()));
    }
  }

  ResolvedLimit promised() const {
    const Characteristic& characteristic = known_characteristic();
    ResolvedLimit limit = characteristic_limit(characteristic, parameters_, policy_.comparator,
                                               policy_.guardband_pct, context_);
    const double factor = factor_from(characteristic);
    if (limit.low) limit.low = round_to_12_digits(*limit.low * factor);
    if (limit.high) limit.high = round_to_12_digits(*limit.high * factor);
    if (const auto number = find_number(limit.nominal)) {
      limit.nominal = round_to_12_digits(*number * factor);
    }
    if (policy_.units) limit.units = policy_.units;
    if (policy_.characteristic_id) limit.characteristic_id = policy_.characteristic_id;
    if (policy_.spec_ref) limit.spec_ref = policy_.spec_ref;
    limit.source = policy_.place() + ", " + limit.source;
    return limit;
  }

  const Characteristic& known_characteristic() const {
    const auto& id = policy_.characteristic ? policy_.characteristic : ambient_;
    if (!id) {
      const Characteristic* same_name =
          context_.product == nullptr ? nullptr : context_.product->find(name_);
      if (same_name != nullptr) return *same_name;
      throw MissingLimit(fmt::format(
          "no limit for `{}`: {} says how one is different, and there is none: expected a weaker "
          "entry, a `nominal`, a characteristic in scope, or one of the product with that name",
          name_, policy_.place()));
    }
    if (context_.product == nullptr) {
      throw MissingLimit(
          fmt::format("no limit for `{}`: {} needs the characteristic `{}`, and no "
                      "product is active (--product)",
                      name_, policy_.place(), *id));
    }
    const Characteristic* found = context_.product->find(*id);
    if (found == nullptr) {
      throw policy_.source.error(fmt::format("product {} has no characteristic `{}`{}",
                                             context_.product->file, *id,
                                             suggest(*id, context_.product->characteristic_ids())));
    }
    return *found;
  }

  // From the unit of the characteristic to that of the measurement.
  double factor_from(const Characteristic& characteristic) const {
    if (!policy_.units || characteristic.units.empty()) return 1.0;
    try {
      return unit_factor(characteristic.units, *policy_.units);
    } catch (const Error& error) {
      throw policy_.source.at("units").error(fmt::format(
          "{} ({} of {})", error.what(), characteristic.id, characteristic.source.place()));
    }
  }

  const LimitPolicy& policy_;
  const std::string& name_;
  const ValueMap& parameters_;
  const std::optional<std::string>& ambient_;
  const LimitContext& context_;
};

// Where the conditions of a limit get their units from.
UnitsOfParameter units_for(const LimitPolicy& policy, const std::optional<std::string>& ambient,
                           const LimitContext& context) {
  const auto& id = policy.characteristic ? policy.characteristic : ambient;
  const Characteristic* characteristic =
      id && context.product != nullptr ? context.product->find(*id) : nullptr;
  return [characteristic](std::string_view parameter) {
    return characteristic == nullptr ? std::nullopt : characteristic->units_of(parameter);
  };
}

}  // namespace

ValueMap ResolvedLimit::as_map() const {
  const auto value = [](const auto& optional) { return optional ? Value(*optional) : Value(); };
  ValueMap map{{"low", value(low)},           {"high", value(high)},
               {"nominal", nominal},          {"comparator", Value(to_string(comparator))},
               {"units", value(units)},       {"characteristic_id", value(characteristic_id)},
               {"spec_ref", value(spec_ref)}, {"source", Value(source)}};
  if (callable) map.set("callable", *callable);
  return map;
}

std::string ResolvedLimit::text() const {
  if (callable) return fmt::format("what {} says", *callable);
  std::string text;
  const bool low_excluded = comparator == Comparator::kGT || comparator == Comparator::kGTLE ||
                            comparator == Comparator::kGTLT;
  const bool high_excluded = comparator == Comparator::kLT || comparator == Comparator::kGELT ||
                             comparator == Comparator::kGTLT;
  if (uses_nominal(comparator)) {
    text = fmt::format("v {} {}", comparator == Comparator::kEQ ? "=" : "!=", shown(nominal));
  } else {
    if (low && !only_high(comparator))
      text += fmt::format("{:.9g} {} ", *low, low_excluded ? "<" : "<=");
    text += 'v';
    if (high && !only_low(comparator))
      text += fmt::format(" {} {:.9g}", high_excluded ? "<" : "<=", *high);
  }
  return units ? text + " " + *units : text;
}

ResolvedLimit resolve_limit(const LimitEntry& entry, const std::string& name,
                            const ValueMap& parameters,
                            const std::optional<std::string>& ambient_characteristic,
                            const LimitContext& context) {
  std::string tried;
  for (const LimitEntry::Band& band : entry.bands) {
    const Conditions when(band.when, band.policy.source.at("when"),
                          units_for(band.policy, ambient_characteristic, context));
    if (when.met_by(parameters)) {
      return Resolver(band.policy, name, parameters, ambient_characteristic, context).resolve();
    }
    tried += fmt::format("\n  {}: {}", band.policy.place(), when.text());
  }
  if (entry.policy.kind == LimitPolicy::Kind::kNone && !entry.bands.empty()) {
    throw MissingLimit(fmt::format("no limit for `{}`: no band of {} fits {}:{}", name,
                                   entry.policy.place(), shown(parameters), tried));
  }
  return Resolver(entry.policy, name, parameters, ambient_characteristic, context).resolve();
}

ResolvedLimit characteristic_limit(const Characteristic& characteristic, const ValueMap& parameters,
                                   std::optional<Comparator> comparator,
                                   std::optional<double> guardband_pct,
                                   const LimitContext& context) {
  const CharacteristicBand& band = band_at(characteristic, parameters);
  ResolvedLimit limit;
  limit.comparator = comparator.value_or(kDefaultComparator);
  if (!characteristic.units.empty()) limit.units = characteristic.units;
  limit.characteristic_id = characteristic.id;
  limit.spec_ref = spec_ref_of(characteristic, band, parameters);
  limit.source = band.source.place();
  limit.nominal = band.value;
  const auto value = find_number(band.value);
  if (!value) {
    limit.comparator = comparator == Comparator::kNE ? Comparator::kNE : Comparator::kEQ;
    return limit;
  }
  const bool one_sided = only_high(limit.comparator) || only_low(limit.comparator);
  const double uncertainty = one_sided ? 0.0 : band.uncertainty.value_or(0.0);
  limit.low = *value - uncertainty;
  limit.high = *value + uncertainty;
  narrow(limit, guardband_of(guardband_pct, context));
  return limit;
}

ResolvedLimit check_limit(const ValueMap& limit, const std::string& place) {
  constexpr std::array kKeys{
      "low", "high", "nominal", "units", "comparator", "characteristic_id", "spec_ref"};
  const ConfigSource source = ConfigSource::marker(place);
  ValueMap given;
  for (const auto& [key, value] : limit) {
    if (std::ranges::find(kKeys, key) == kKeys.end()) {
      throw source.error(fmt::format("unknown key `{}` of a limit{}", key,
                                     suggest(key, {kKeys.begin(), kKeys.end()})));
    }
    if (value.is_null()) continue;
    const bool is_number = find_number(value).has_value();
    const bool is_bound = key == "low" || key == "high";
    if (is_bound && !is_number) {
      throw source.at(key).error(fmt::format("expected a number, found `{}`", shown(value)));
    }
    if (!is_bound && key != "nominal" && value.get_if<std::string>() == nullptr) {
      throw source.at(key).error(fmt::format("expected a text, found `{}`", shown(value)));
    }
    given.set(key, value);
  }
  const Value* nominal = given.find("nominal");
  const bool is_number = nominal == nullptr || find_number(*nominal);
  if (is_number && given.find("units") == nullptr) {
    throw source.at("units").error("expected the unit of the limit, found none");
  }
  if (const auto comparator = find_text(given, "comparator")) {
    if (!find_comparator(*comparator)) {
      std::vector<std::string> known;
      known.reserve(kComparators.size());
      for (const auto& one : kComparators) known.emplace_back(one.name);
      throw source.at("comparator")
          .error(fmt::format("there is no comparator `{}`{}", *comparator,
                             suggest(*comparator, known)));
    }
  }
  const LimitEntry entry = read_limit_entry(given, source);
  if (entry.policy.kind == LimitPolicy::Kind::kNone) {
    throw source.error("nothing here gives a limit: expected `low`, `high` or `nominal`");
  }
  static const std::string unnamed;
  return resolve_limit(entry, unnamed, {}, std::nullopt, {});
}

}  // namespace litmus
