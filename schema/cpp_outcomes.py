# SPDX-License-Identifier: Apache-2.0
"""The C++ header of outcomes and comparators."""

from cpp_text import HEAD, enumerator, quoted
from definitions import Definitions


def outcome_header(definitions: Definitions) -> str:
    outcomes = "\n".join(
        f"  {enumerator(outcome.name)} = {outcome.severity},  // {outcome.meaning}"
        for outcome in definitions.outcomes
    )
    names = "\n".join(
        f"    Named<Outcome>{{Outcome::{enumerator(outcome.name)}, {quoted(outcome.name)}}},"
        for outcome in definitions.outcomes
    )
    comparators = "\n".join(
        f"  {enumerator(comparator.code)},  // {comparator.passes}"
        for comparator in definitions.comparators
    )
    codes = "\n".join(
        f"    Named<Comparator>{{Comparator::{enumerator(comparator.code)}, "
        f"{quoted(comparator.code)}}},"
        for comparator in definitions.comparators
    )
    return f"""{HEAD}
#include <array>
#include <optional>
#include <string_view>

namespace litmus {{

// What a measurement, vector, step, run or session ended as; the value is its severity. Not judged
// is std::nullopt.
enum class Outcome {{
{outcomes}
}};

// How a value v is held against its limits.
enum class Comparator {{
{comparators}
}};

inline constexpr Comparator kDefaultComparator = Comparator::{
        enumerator(definitions.default_comparator)
    };

template <class Enum>
struct Named {{
  Enum value;
  std::string_view name;
}};

inline constexpr std::array kOutcomes{{
{names}
}};

inline constexpr std::array kComparators{{
{codes}
}};

constexpr int severity(Outcome outcome) {{ return static_cast<int>(outcome); }}

std::string_view to_string(Outcome outcome);
std::string_view to_string(Comparator comparator);

// By the exact name.
std::optional<Outcome> find_outcome(std::string_view name);
std::optional<Comparator> find_comparator(std::string_view code);

// As find_*, but an unknown name is an Error(kInvalidArgument) that lists the valid ones.
Outcome parse_outcome(std::string_view name);
Comparator parse_comparator(std::string_view code);

}}  // namespace litmus
"""
