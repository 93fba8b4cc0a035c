// SPDX-License-Identifier: Apache-2.0
#include "plan/resolved_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/json_writer.h"
#include "config/config_file.h"
#include "plan/entity_files.h"

namespace litmus {
namespace {

constexpr std::size_t kMostCached = 10000;
constexpr std::size_t kMostExplained = 200;

const ValueList* list_of(const std::optional<PlannedValue>& planned) {
  return planned ? planned->value.get_if<ValueList>() : nullptr;
}

// Every characteristic that an entry names.
void visit_policies(const LimitEntry& entry, const std::function<void(const LimitPolicy&)>& visit) {
  visit(entry.policy);
  for (const LimitEntry::Band& band : entry.bands) visit(band.policy);
}

// The names of the parameters that an entry looks at.
std::set<std::string> parameters_of(const LimitEntry& entry, const std::string& measurement,
                                    const std::optional<std::string>& ambient,
                                    const Product* product) {
  std::set<std::string> names;
  for (const LimitEntry::Band& band : entry.bands) {
    for (const auto& [parameter, condition] : band.when) names.insert(parameter);
  }
  visit_policies(entry, [&](const LimitPolicy& policy) {
    if (!policy.parameter.empty()) names.insert(policy.parameter);
    if (policy.expression) {
      for (std::string& name : policy.expression->parameters()) names.insert(std::move(name));
    }
    const auto& id = policy.characteristic ? policy.characteristic : ambient;
    const Characteristic* characteristic =
        product == nullptr ? nullptr : product->find(id.value_or(measurement));
    if (characteristic == nullptr || !policy.depends_on_parameters()) return;
    for (const CharacteristicBand& band : characteristic->bands) {
      for (std::string& name : band.when.parameters()) names.insert(std::move(name));
    }
  });
  return names;
}

// The parameters of the cases, the last loop running fastest.
std::vector<ValueMap> cases_of(const std::vector<ValueMap>& collected,
                               const std::vector<PlannedLoop>& loops) {
  std::vector<ValueMap> cases = collected;
  if (cases.empty()) cases.emplace_back();
  for (const PlannedLoop& loop : loops) {
    const auto& [argument, first] = *loop.arguments.begin();
    if (cases.front().find(argument) != nullptr) continue;  // collected as cases already
    const std::size_t count = std::get<ValueList>(first.data()).size();
    std::vector<ValueMap> more;
    for (const ValueMap& before : cases) {
      for (std::size_t i = 0; i < count && more.size() < kMostExplained; ++i) {
        ValueMap one = before;
        for (const auto& [name, values] : loop.arguments) {
          one.set(name, std::get<ValueList>(values.data())[i]);
        }
        more.push_back(std::move(one));
      }
    }
    cases = std::move(more);
  }
  return cases;
}

// With these parameters alone, each combination once.
std::vector<ValueMap> reduced(const std::vector<ValueMap>& cases,
                              const std::set<std::string>& names) {
  std::vector<ValueMap> result;
  for (const ValueMap& one : cases) {
    ValueMap kept;
    for (const auto& [name, value] : one) {
      if (names.contains(name)) kept.set(name, value);
    }
    if (std::ranges::find(result, kept) == result.end()) result.push_back(std::move(kept));
  }
  return result;
}

Value explained(const PlannedValue& planned) {
  return ValueMap{{"value", planned.value}, {"source", planned.source.place()}};
}

}  // namespace

const PlannedLimit* TestSettings::find_limit(std::string_view measurement) const {
  const auto found =
      std::ranges::find_if(limits, [&](const auto& limit) { return limit.first == measurement; });
  return found == limits.end() ? nullptr : &found->second;
}

ResolvedTest::ResolvedTest(TestSettings settings, std::shared_ptr<const SessionContext> context)
    : settings_(std::move(settings)), context_(std::move(context)) {
  const ConfigSource nowhere = ConfigSource::marker(settings_.name);
  const DeclaredWiring wiring{
      .characteristics = list_of(settings_.characteristics),
      .connections = settings_.connections ? &settings_.connections->value : nullptr,
      .characteristics_source =
          settings_.characteristics ? settings_.characteristics->source : nowhere,
      .connections_source = settings_.connections ? settings_.connections->source : nowhere};
  connections_ = find_connections(wiring, context_->product.get(), context_->fixture.get());
  check_characteristics();
}

void ResolvedTest::check_characteristics() const {
  ConfigErrors errors;
  const ValueList* declared = list_of(settings_.characteristics);
  const Product* product = context_->product.get();
  for (const auto& [name, limit] : settings_.limits) {
    visit_policies(*limit.entry, [&](const LimitPolicy& policy) {
      if (!policy.characteristic) return;
      const ConfigSource place = policy.source.at("characteristic");
      if (product != nullptr && product->find(*policy.characteristic) == nullptr) {
        errors.add(place.error(fmt::format(
            "product {} has no characteristic `{}`{}", product->file, *policy.characteristic,
            suggest(*policy.characteristic, product->characteristic_ids()))));
      } else if (declared != nullptr &&
                 std::ranges::find(*declared, Value(*policy.characteristic)) == declared->end()) {
        errors.add(place.error(fmt::format(
            "`{}` is not among the characteristics of {}, declared at {}", *policy.characteristic,
            settings_.name, settings_.characteristics->source.place())));
      }
    });
  }
  errors.raise();
}

const LimitEntry* ResolvedTest::entry_for(
    const std::string& measurement,
    const std::optional<std::string>& explicit_characteristic) const {
  const PlannedLimit* planned = settings_.find_limit(measurement);
  if (planned == nullptr) return nullptr;
  const auto& own = planned->entry->policy.characteristic;
  if (explicit_characteristic && own && *own != *explicit_characteristic) return nullptr;
  if (!planned->conflict.empty()) throw Error(Code::kInvalidArgument, planned->conflict);
  return planned->entry.get();
}

const Characteristic* ResolvedTest::characteristic_for(
    const std::string& measurement,
    const std::optional<std::string>& explicit_characteristic) const {
  const Product* product = context_->product.get();
  if (!explicit_characteristic) return product == nullptr ? nullptr : product->find(measurement);
  if (product == nullptr) {
    throw Error(
        Code::kInvalidArgument,
        fmt::format("characteristic `{}` of `{}` needs a product, and none is active (--product)",
                    *explicit_characteristic, measurement));
  }
  const Characteristic* found = product->find(*explicit_characteristic);
  if (found == nullptr) {
    throw Error(Code::kInvalidArgument,
                fmt::format("product {} has no characteristic `{}`{}", product->file,
                            *explicit_characteristic,
                            suggest(*explicit_characteristic, product->characteristic_ids())));
  }
  return found;
}

const ResolvedLimit* ResolvedTest::limit(
    const std::string& measurement, const ValueMap& parameters,
    const std::optional<std::string>& ambient,
    const std::optional<std::string>& explicit_characteristic) {
  const LimitEntry* entry = entry_for(measurement, explicit_characteristic);
  const Characteristic* characteristic =
      entry == nullptr ? characteristic_for(measurement, explicit_characteristic) : nullptr;
  if (entry == nullptr && (characteristic == nullptr || characteristic->bands.empty())) {
    return nullptr;
  }
  const auto& in_scope = explicit_characteristic ? explicit_characteristic : ambient;
  std::string key = measurement + '\x1f' + in_scope.value_or("");
  if (entry == nullptr || entry->depends_on_parameters()) {
    key += explicit_characteristic ? "\x1f!" : "\x1f";
    JsonWriter(key).value(parameters);
  }
  if (const auto found = cache_.find(key); found != cache_.end()) return &*found->second;
  if (cache_.size() >= kMostCached) cache_.clear();
  ResolvedLimit limit =
      entry != nullptr
          ? resolve_limit(*entry, measurement, parameters, in_scope, context_->limits())
          : characteristic_limit(*characteristic, parameters, std::nullopt, std::nullopt,
                                 context_->limits());
  return &*cache_.emplace(std::move(key), std::move(limit)).first->second;
}

ValueMap ResolvedTest::explained_limit(const std::string& measurement, const PlannedLimit& planned,
                                       const std::vector<ValueMap>& cases, ValueList& problems) {
  const ValueList* characteristics = list_of(settings_.characteristics);
  std::optional<std::string> ambient;
  if (characteristics != nullptr && characteristics->size() == 1) {
    ambient = std::get<std::string>(characteristics->front().data());
  }
  const auto used = parameters_of(*planned.entry, measurement, ambient, context_->product.get());
  ValueList explained_cases;
  for (const ValueMap& parameters : reduced(cases, used)) {
    ValueMap one{{"parameters", parameters}};
    try {
      const ResolvedLimit* found = limit(measurement, parameters, ambient, std::nullopt);
      one.set("limit", found->text());
      one.set("source", found->source);
      one.set("spec_ref", found->spec_ref ? Value(*found->spec_ref) : Value());
    } catch (const MissingLimit& missing) {
      one.set("missing", missing.what());
    } catch (const Error& error) {
      problems.emplace_back(error.what());
      one.set("missing", error.what());
    }
    explained_cases.emplace_back(std::move(one));
  }
  ValueList replaced(planned.replaced.begin(), planned.replaced.end());
  return {{"name", measurement},
          {"source", planned.entry->policy.place()},
          {"replaces", std::move(replaced)},
          {"cases", std::move(explained_cases)}};
}

ValueMap ResolvedTest::explanation(const std::vector<ValueMap>& collected) {
  const auto cases = cases_of(collected, settings_.loops);
  ValueList problems;
  ValueList limits;
  limits.reserve(settings_.limits.size());
  for (const auto& [name, planned] : settings_.limits) {
    limits.emplace_back(explained_limit(name, planned, cases, problems));
  }
  ValueList sweeps;
  sweeps.reserve(settings_.loops.size());
  for (const PlannedLoop& loop : settings_.loops) {
    sweeps.emplace_back(ValueMap{{"arguments", loop.arguments},
                                 {"level", loop.is_outer ? "outer" : "inner"},
                                 {"source", loop.source.place()}});
  }
  ValueList mocks;
  mocks.reserve(settings_.mocks.size());
  for (const PlannedMock& mock : settings_.mocks) {
    mocks.emplace_back(ValueMap{
        {"target", mock.target}, {"keywords", mock.keywords}, {"source", mock.source.place()}});
  }
  const auto named = [](const std::vector<NamedValue>& values) {
    ValueList list;
    list.reserve(values.size());
    for (const NamedValue& one : values) {
      list.emplace_back(ValueMap{{"name", one.name},
                                 {"value", one.planned.value},
                                 {"source", one.planned.source.place()}});
    }
    return list;
  };
  const auto optional = [](const std::optional<PlannedValue>& planned) {
    return planned ? explained(*planned) : Value();
  };
  ValueList wiring;
  if (connections_) wiring.assign(connections_->begin(), connections_->end());
  ValueList levels;
  levels.reserve(settings_.levels.size());
  for (const ConfigSource& level : settings_.levels) levels.emplace_back(level.place());
  return {{"test", settings_.name},
          {"levels", std::move(levels)},
          {"limits", std::move(limits)},
          {"sweeps", std::move(sweeps)},
          {"mocks", std::move(mocks)},
          {"characteristics", optional(settings_.characteristics)},
          {"connections", optional(settings_.connections)},
          {"wiring", std::move(wiring)},
          {"retry", optional(settings_.retry)},
          {"prompts", named(settings_.prompts)},
          {"markers", named(settings_.markers)},
          {"problems", std::move(problems)}};
}

}  // namespace litmus
