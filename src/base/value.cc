// SPDX-License-Identifier: Apache-2.0
#include "litmus/value.h"

#include <algorithm>

namespace litmus {

ValueMap::ValueMap(std::initializer_list<Entry> entries) {
  for (const Entry& entry : entries) set(entry.first, entry.second);
}

const Value* ValueMap::find(std::string_view key) const {
  const auto at = std::ranges::find(entries_, key, &Entry::first);
  return at == entries_.end() ? nullptr : &at->second;
}

void ValueMap::set(std::string_view key, Value value) {
  const auto at = std::ranges::find(entries_, key, &Entry::first);
  if (at == entries_.end()) {
    entries_.emplace_back(std::string(key), std::move(value));
  } else {
    at->second = std::move(value);
  }
}

void ValueMap::reserve(std::size_t count) { entries_.reserve(count); }
bool ValueMap::empty() const { return entries_.empty(); }
std::size_t ValueMap::size() const { return entries_.size(); }
std::vector<ValueMap::Entry>::const_iterator ValueMap::begin() const { return entries_.begin(); }
std::vector<ValueMap::Entry>::const_iterator ValueMap::end() const { return entries_.end(); }

bool operator==(const ValueMap& a, const ValueMap& b) { return a.entries_ == b.entries_; }

}  // namespace litmus
