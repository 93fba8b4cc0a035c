// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "litmus/value.h"

namespace litmus {

// A place in one of the schemas of schema/config, which say once for the engine, for editors and
// for readers what may stand in which file. They are JSON Schema, as far as configuration needs it:
//
//   type, properties, required, additionalProperties, items, minItems, enum, anyOf (told apart by
//   type), $ref (`#/$defs/x`, `station.json#/$defs/x`), minimum, exclusiveMinimum, minLength,
//   format: date, default, description (in errors: "expected {description}")
//
// Where a list is expected a generator may stand (config/generators.h). And of our own, passed over
// by editors:
//
//   x-file-stem  the value is the name of the file; filled in where it is absent
//   x-known      words that are expected; another one is a warning
//   x-aliases    other spellings, which become the word meant; both after lower-casing
class ConfigSchema {
 public:
  // The whole schema of a kind of file: `station` for station.json. It lives as long as the
  // process. A root that is a $ref is followed.
  static ConfigSchema of_file(std::string_view name);

  // What stands under a keyword; nothing if it is not there.
  const Value* find(std::string_view keyword) const { return rules_->find(keyword); }
  template <class T>
  const T* find_as(std::string_view keyword) const {
    const Value* value = find(keyword);
    return value == nullptr ? nullptr : value->get_if<T>();
  }
  std::string text(std::string_view keyword) const;  // empty if there is none

  bool allows(std::string_view type) const;  // no type: every one
  // The schema below, with $ref followed.
  ConfigSchema at(const Value& rules) const;

 private:
  ConfigSchema(const ValueMap& root, const ValueMap& rules) : root_(&root), rules_(&rules) {}

  const ValueMap* root_;
  const ValueMap* rules_;
};

}  // namespace litmus
