// SPDX-License-Identifier: Apache-2.0
#include "plan/cascade.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/config_file.h"
#include "config/generators.h"
#include "plan/entity_files.h"
#include "plan/units.h"

namespace litmus {
namespace {

bool sweeps_same(const ValueMap& left, const ValueMap& right) {
  return left.size() == right.size() && std::ranges::all_of(left, [&](const auto& argument) {
           return right.find(argument.first) != nullptr;
         });
}

// The argument that both have; null if there is none.
const std::string* shared_argument(const ValueMap& left, const ValueMap& right) {
  for (const auto& [argument, values] : left) {
    if (right.find(argument) != nullptr) return &argument;
  }
  return nullptr;
}

bool same_unit(const std::string& left, const std::string& right) {
  return left == right || Unit(left).factor_to(Unit(right)) == 1.0;
}

}  // namespace

void Cascade::add(const EntryLevel& level, std::optional<std::size_t> payload) {
  const ValueMap& entry = *level.entry;
  const ConfigSource& source = level.source;
  settings_.levels.push_back(source);
  if (const ValueMap* limits = find_map(entry, "limits")) {
    add_limits(*limits, source.at("limits"), !payload);
  }
  if (const ValueList* sweeps = find_list(entry, "sweeps")) add_loops(*sweeps, level, payload);
  if (const ValueList* mocks = find_list(entry, "mocks"))
    add_mocks(*mocks, source.at("mocks"), payload);
  if (const ValueMap* prompts = find_map(entry, "prompts"))
    add_named(*prompts, source.at("prompts"));
  if (const ValueMap* runner = find_map(entry, "runner")) add_markers(*runner, source.at("runner"));
  for (const auto& [key, slot] :
       {std::pair("characteristics", &settings_.characteristics),
        std::pair("connections", &settings_.connections), std::pair("retry", &settings_.retry)}) {
    const Value* value = entry.find(key);
    if (value == nullptr) continue;
    const auto* list = value->get_if<ValueList>();
    if (list != nullptr && list->empty()) continue;  // an empty list clears nothing
    *slot = PlannedValue{*value, source.at(key)};
  }
}

TestSettings Cascade::finish() {
  std::ranges::stable_partition(settings_.loops, &PlannedLoop::is_outer);
  return std::move(settings_);
}

void Cascade::add_limits(const ValueMap& limits, const ConfigSource& source, bool keep) {
  for (const auto& [name, written] : limits) {
    const auto& fields = std::get<ValueMap>(written.data());
    const auto place = std::ranges::find_if(settings_.limits,
                                            [&](const auto& limit) { return limit.first == name; });
    const bool changes = place != settings_.limits.end() && only_changes(fields);
    std::shared_ptr<const LimitEntry> entry;
    if (changes) {
      entry = std::make_shared<const LimitEntry>(
          changed_entry(*place->second.entry, fields, source.at(name)));
    } else if (const auto known = entries_.find(&fields); keep && known != entries_.end()) {
      entry = known->second;
    } else {
      entry = std::make_shared<const LimitEntry>(read_limit_entry(fields, source.at(name)));
      if (keep) entries_.emplace(&fields, entry);
    }
    if (place == settings_.limits.end()) {
      std::string conflict = unit_conflict(name, *entry, nullptr);
      settings_.limits.emplace_back(name, PlannedLimit{std::move(entry), {}, std::move(conflict)});
      continue;
    }
    PlannedLimit& planned = place->second;
    planned.conflict = unit_conflict(name, *entry, planned.entry.get());
    if (!changes) planned.replaced.push_back(planned.entry->policy.place());
    planned.entry = std::move(entry);
  }
}

// In which unit a measurement is, and who says so.
std::optional<std::pair<std::string, std::string>> Cascade::unit_of(const LimitEntry& entry) const {
  const LimitPolicy& policy = entry.policy;
  if (policy.units) return std::pair(*policy.units, entry.source_of("units").place());
  for (const LimitEntry::Band& band : entry.bands) {
    if (band.policy.units)
      return std::pair(*band.policy.units, band.policy.source.at("units").place());
  }
  const Characteristic* characteristic = product_ != nullptr && policy.characteristic
                                             ? product_->find(*policy.characteristic)
                                             : nullptr;
  if (characteristic == nullptr || characteristic->units.empty()) return std::nullopt;
  return std::pair(characteristic->units, characteristic->source.place());
}

// A test gives its values in one unit. Two places that name different ones cannot both be right,
// and nobody but a human can say which of them the test means.
std::string Cascade::unit_conflict(const std::string& name, const LimitEntry& entry,
                                   const LimitEntry* weaker) const {
  const auto own = unit_of(entry);
  if (!own) return {};
  const auto text = [&](const std::string& other, const std::string& place) {
    return std::string(
        entry.policy.source
            .error(
                fmt::format("units that cannot match: `{}` is in `{}` at {}, in `{}` at {}; write "
                            "both in the unit that the test measures",
                            name, own->first, own->second, other, place))
            .what());
  };
  if (weaker != nullptr) {
    const auto before = unit_of(*weaker);
    if (before && !same_unit(own->first, before->first)) return text(before->first, before->second);
  }
  // Bounds as they are written are not converted, those from the product are.
  const auto& id = entry.policy.characteristic ? *entry.policy.characteristic : name;
  const Characteristic* characteristic = product_ == nullptr ? nullptr : product_->find(id);
  if (characteristic == nullptr || characteristic->units.empty()) return {};
  const bool is_converted = entry.policy.kind != LimitPolicy::Kind::kBounds &&
                            Unit(characteristic->units).factor_to(Unit(own->first)).has_value();
  if (is_converted || same_unit(own->first, characteristic->units)) return {};
  return text(characteristic->units, characteristic->source.place());
}

void Cascade::add_loops(const ValueList& sweeps, const EntryLevel& level,
                        std::optional<std::size_t> payload) {
  for (std::size_t i = 0; i < sweeps.size(); ++i) {
    const auto& arguments = std::get<ValueMap>(sweeps[i].data());
    PlannedLoop loop{
        .arguments = arguments,
        .source = level.source.at("sweeps").at(i),
        .inline_place = payload ? std::optional(InlinePlace{*payload, i}) : std::nullopt,
        .is_outer = level.is_class};
    PlannedLoop* same = nullptr;
    for (PlannedLoop& before : settings_.loops) {
      if (sweeps_same(before.arguments, arguments)) {
        same = &before;
      } else if (const std::string* shared = shared_argument(before.arguments, arguments)) {
        throw loop.source.error(fmt::format(
            "`{}` is swept together with other arguments at {}; a loop is replaced only by one of "
            "the same arguments",
            *shared, before.source.place()));
      }
    }
    if (same == nullptr) {
      settings_.loops.push_back(std::move(loop));
    } else {
      loop.is_outer = same->is_outer;
      *same = std::move(loop);
    }
  }
}

void Cascade::add_mocks(const ValueList& mocks, const ConfigSource& source,
                        std::optional<std::size_t> payload) {
  for (std::size_t i = 0; i < mocks.size(); ++i) {
    const auto& written = std::get<ValueMap>(mocks[i].data());
    PlannedMock mock{
        .target = *find_text(written, "target"),
        .keywords = {},
        .source = source.at(i),
        .inline_place = payload ? std::optional(InlinePlace{*payload, i}) : std::nullopt};
    const Value* clear = written.find("clear");
    if (clear != nullptr && *clear == Value(true)) {
      std::erase_if(settings_.mocks, [&](const PlannedMock& before) {
        return mock.target == "*" || before.target == mock.target;
      });
      continue;
    }
    for (const auto& [key, value] : written) {
      if (key == "target" || key == "clear") continue;
      if (auto list = generated(value)) {
        mock.keywords.set(key, std::move(*list));
      } else {
        mock.keywords.set(key, value);
      }
    }
    const auto same = std::ranges::find(settings_.mocks, mock.target, &PlannedMock::target);
    if (same == settings_.mocks.end()) {
      settings_.mocks.push_back(std::move(mock));
    } else {
      *same = std::move(mock);
    }
  }
}

void Cascade::add_named(const ValueMap& values, const ConfigSource& source) {
  for (const auto& [name, value] : values) {
    NamedValue prompt{name, {value, source.at(name)}};
    const auto same = std::ranges::find(settings_.prompts, name, &NamedValue::name);
    if (same == settings_.prompts.end()) {
      settings_.prompts.push_back(std::move(prompt));
    } else {
      *same = std::move(prompt);
    }
  }
}

void Cascade::add_markers(const ValueMap& runner, const ConfigSource& source) {
  const ValueList* markers = find_list(runner, "markers");
  for (std::size_t i = 0; markers != nullptr && i < markers->size(); ++i) {
    for (const auto& [name, value] : std::get<ValueMap>((*markers)[i].data())) {
      settings_.markers.push_back({name, {value, source.at("markers").at(i)}});
    }
  }
}

}  // namespace litmus
