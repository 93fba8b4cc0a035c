// SPDX-License-Identifier: Apache-2.0
#include "litmus/outcome.h"

#include <string>

#include "litmus/error.h"

namespace litmus {
namespace {

template <class Table, class Enum>
std::string_view name_of(const Table& table, Enum value) {
  for (const auto& entry : table) {
    if (entry.value == value) return entry.name;
  }
  throw Error(Code::kInvalidArgument,
              "no such enumerator: " + std::to_string(static_cast<int>(value)));
}

template <class Table>
auto find(const Table& table, std::string_view name) -> std::optional<decltype(table[0].value)> {
  for (const auto& entry : table) {
    if (entry.name == name) return entry.value;
  }
  return std::nullopt;
}

template <class Table>
auto parse(const Table& table, std::string_view what, std::string_view name) {
  if (const auto found = find(table, name)) return *found;
  std::string message = "unknown " + std::string(what) + " '" + std::string(name) + "': use one of";
  for (const auto& entry : table) {
    message += &entry == &table[0] ? " " : ", ";
    message += entry.name;
  }
  throw Error(Code::kInvalidArgument, message);
}

}  // namespace

std::string_view to_string(Outcome outcome) { return name_of(kOutcomes, outcome); }
std::string_view to_string(Comparator comparator) { return name_of(kComparators, comparator); }

std::optional<Outcome> find_outcome(std::string_view name) { return find(kOutcomes, name); }
std::optional<Comparator> find_comparator(std::string_view code) {
  return find(kComparators, code);
}

Outcome parse_outcome(std::string_view name) { return parse(kOutcomes, "outcome", name); }
Comparator parse_comparator(std::string_view code) {
  return parse(kComparators, "comparator", code);
}

}  // namespace litmus
