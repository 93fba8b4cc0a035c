// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace litmus {

class Value;
using ValueList = std::vector<Value>;

// Keys in the order in which they were added, as users expect to see their parameters.
class ValueMap {
 public:
  using Entry = std::pair<std::string, Value>;

  ValueMap() = default;
  ValueMap(std::initializer_list<Entry> entries);

  const Value* find(std::string_view key) const;
  void set(std::string_view key, Value value);  // replaces, or appends
  void reserve(std::size_t count);

  bool empty() const;
  std::size_t size() const;
  std::vector<Entry>::const_iterator begin() const;
  std::vector<Entry>::const_iterator end() const;

  friend bool operator==(const ValueMap&, const ValueMap&);

 private:
  std::vector<Entry> entries_;
};

// A JSON-like value: null, boolean, integer, number, text, list or map.
class Value {
 public:
  using Data =
      std::variant<std::monostate, bool, std::int64_t, double, std::string, ValueList, ValueMap>;

  Value() = default;
  Value(bool value) : data_(value) {}
  template <std::integral Integer>
    requires(!std::same_as<Integer, bool>)
  Value(Integer value) : data_(static_cast<std::int64_t>(value)) {}
  Value(double value) : data_(value) {}
  Value(std::string value) : data_(std::move(value)) {}
  Value(std::string_view value) : data_(std::string(value)) {}
  Value(const char* value) : data_(std::string(value)) {}
  Value(ValueList value) : data_(std::move(value)) {}
  Value(ValueMap value) : data_(std::move(value)) {}

  const Data& data() const { return data_; }
  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  template <class T>
  const T* get_if() const {
    return std::get_if<T>(&data_);
  }

  friend bool operator==(const Value&, const Value&) = default;

 private:
  Data data_;
};

}  // namespace litmus
