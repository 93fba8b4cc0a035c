// SPDX-License-Identifier: Apache-2.0
#include "plan/test_entry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/json_writer.h"
#include "config/config_check.h"
#include "config/config_file.h"
#include "plan/entity_files.h"
#include "plan/limit_policy.h"

namespace litmus {
namespace {

class EntryCheck {
 public:
  void check(const ValueMap& entry, const ConfigSource& source) {
    if (const ValueMap* limits = find_map(entry, "limits")) {
      for (const auto& [name, limit] : *limits) {
        const ConfigSource place = source.at("limits").at(name);
        const auto& fields = std::get<ValueMap>(limit.data());
        if (only_changes(fields)) continue;  // it depends on what it changes
        errors_.collect([&] { read_limit_entry(fields, place); });
      }
    }
    if (const ValueList* sweeps = find_list(entry, "sweeps"))
      check_sweeps(*sweeps, source.at("sweeps"));
    if (const ValueList* mocks = find_list(entry, "mocks")) check_mocks(*mocks, source.at("mocks"));
    if (const ValueMap* prompts = find_map(entry, "prompts"))
      check_prompts(*prompts, source.at("prompts"));
    if (const ValueMap* runner = find_map(entry, "runner"))
      check_runner(*runner, source.at("runner"));
    if (const ValueMap* tests = find_map(entry, "tests")) {
      for (const auto& [name, test] : *tests) {
        check(std::get<ValueMap>(test.data()), source.at("tests").at(name));
      }
    }
  }

  void raise() const { errors_.raise(); }

 private:
  void check_sweeps(const ValueList& sweeps, const ConfigSource& source) {
    std::vector<std::string> arguments;
    for (std::size_t i = 0; i < sweeps.size(); ++i) {
      const auto& loop = std::get<ValueMap>(sweeps[i].data());
      const ConfigSource place = source.at(i);
      if (loop.empty())
        errors_.add(place.error("expected an argument and its values, found an empty map"));
      std::optional<std::size_t> length;
      for (const auto& [argument, values] : loop) {
        const std::size_t count = std::get<ValueList>(values.data()).size();
        if (length && *length != count) {
          errors_.add(
              place.error(fmt::format("arguments of one loop advance together: expected {} values "
                                      "of `{}`, as of `{}`, found {}",
                                      *length, argument, loop.begin()->first, count)));
        }
        length = length.value_or(count);
        if (std::ranges::find(arguments, argument) != arguments.end()) {
          errors_.add(place.at(argument).error(
              "this argument is swept by an earlier loop of the same list"));
        }
        arguments.push_back(argument);
      }
    }
  }

  void check_mocks(const ValueList& mocks, const ConfigSource& source) {
    for (std::size_t i = 0; i < mocks.size(); ++i) {
      const auto& mock = std::get<ValueMap>(mocks[i].data());
      const std::string target = *find_text(mock, "target");
      const Value* clear = mock.find("clear");
      const bool clears = clear != nullptr && *clear == Value(true);
      const std::size_t dot = target.find('.');
      const bool has_attribute = dot != std::string::npos && dot > 0 && dot + 1 < target.size();
      if (!has_attribute && !(clears && target == "*")) {
        errors_.add(source.at(i).at("target").error(
            fmt::format("expected `fixture.attribute`, found `{}`", target)));
      }
    }
  }

  void check_prompts(const ValueMap& prompts, const ConfigSource& source) {
    for (const auto& [key, written] : prompts) {
      const auto& prompt = std::get<ValueMap>(written.data());
      if (find_text(prompt, "prompt_type") == "choice" && find_list(prompt, "choices") == nullptr) {
        errors_.add(
            source.at(key).at("choices").error("expected answers to choose from, found none"));
      }
    }
  }

  void check_runner(const ValueMap& runner, const ConfigSource& source) {
    const ValueList* markers = find_list(runner, "markers");
    for (std::size_t i = 0; markers != nullptr && i < markers->size(); ++i) {
      if (std::get<ValueMap>((*markers)[i].data()).size() != 1) {
        errors_.add(source.at("markers").at(i).error(
            "expected one marker (`name: arguments`) in each element"));
      }
    }
  }

  ConfigErrors errors_;
};

// As YAML, which unlike JSON has numbers that are not finite.
void append_yaml(std::string& out, const Value& value) {
  if (const auto* map = value.get_if<ValueMap>()) {
    out += '{';
    for (const auto& [key, below] : *map) {
      if (out.back() != '{') out += ", ";
      JsonWriter(out).value(key);
      out += ": ";
      append_yaml(out, below);
    }
    out += '}';
  } else if (const auto* list = value.get_if<ValueList>()) {
    out += '[';
    for (const Value& below : *list) {
      if (out.back() != '[') out += ", ";
      append_yaml(out, below);
    }
    out += ']';
  } else if (const auto* number = value.get_if<double>();
             number != nullptr && !std::isfinite(*number)) {
    out += std::isnan(*number) ? ".nan" : *number > 0 ? ".inf" : "-.inf";
  } else {
    JsonWriter(out).value(value);
  }
}

const ValueMap* child(const ValueMap& entry, const std::string& name) {
  const ValueMap* tests = find_map(entry, "tests");
  return tests == nullptr ? nullptr : find_map(*tests, name);
}

void add_names(const ValueMap& tree, const ConfigSource& source, const std::string& before,
               std::vector<NamedEntry>& names) {
  const ValueMap* tests = find_map(tree, "tests");
  if (tests == nullptr) return;
  for (const auto& [name, entry] : *tests) {
    const std::string path = before.empty() ? name : fmt::format("{}.{}", before, name);
    const ConfigSource place = source.at("tests").at(name);
    names.push_back({path, place});
    add_names(std::get<ValueMap>(entry.data()), place, path, names);
  }
}

}  // namespace

void check_test_entry(const ValueMap& entry, const ConfigSource& source) {
  EntryCheck check;
  check.check(entry, source);
  check.raise();
}

ValueMap check_markers(const ValueMap& payloads, const std::string& name) {
  std::string yaml;
  append_yaml(yaml, payloads);
  const YamlDocument document(yaml, name);
  ConfigCheck check(name);
  ValueMap checked = check.check(document, ConfigSchema::of_file("sidecar"));
  ConfigErrors errors;
  for (const ConfigProblem& problem : check.errors()) errors.add(name + ": " + problem.text);
  errors.raise();
  check_test_entry(checked, ConfigSource::marker(name));
  return checked;
}

std::vector<EntryLevel> levels_for(const ValueMap& tree, const ConfigSource& source,
                                   const std::vector<std::string>& classes,
                                   const std::string& function, std::vector<std::string>& used) {
  std::vector<EntryLevel> levels{{&tree, source, false}};
  const ValueMap* below = &tree;
  ConfigSource place = source;
  std::string path;
  for (const std::string& name : classes) {
    below = child(*below, name);
    if (below == nullptr) break;
    place = place.at("tests").at(name);
    path += (path.empty() ? "" : ".") + name;
    used.push_back(path);
    levels.push_back({below, place, true});
  }
  const auto add_leaf = [&](const ValueMap& parent, const ConfigSource& parent_place,
                            const std::string& key, const std::string& used_path) {
    const ValueMap* leaf = child(parent, key);
    if (leaf == nullptr) return false;
    used.push_back(used_path);
    levels.push_back({leaf, parent_place.at("tests").at(key), false});
    return true;
  };
  if (below != nullptr &&
      add_leaf(*below, place, function, path.empty() ? function : path + "." + function)) {
    return levels;
  }
  std::string dotted;
  for (const std::string& name : classes) dotted.append(name).append(".");
  dotted += function;
  if (add_leaf(tree, source, dotted, dotted)) return levels;
  add_leaf(tree, source, function, function);
  return levels;
}

std::vector<NamedEntry> named_entries(const ValueMap& tree, const ConfigSource& source) {
  std::vector<NamedEntry> names;
  add_names(tree, source, "", names);
  return names;
}

}  // namespace litmus
