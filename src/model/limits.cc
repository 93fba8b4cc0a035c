// SPDX-License-Identifier: Apache-2.0
#include "model/limits.h"

#include <cmath>

#include "litmus/error.h"

namespace litmus {
namespace {

bool uses_nominal(Comparator comparator) {
  return comparator == Comparator::kEQ || comparator == Comparator::kNE;
}

// Limits without the bounds that the comparator does not look at.
Limits relevant(const Limits& limits) {
  Limits used = limits;
  switch (limits.comparator) {
    case Comparator::kEQ:
    case Comparator::kNE:
      used.low.reset();
      used.high.reset();
      return used;
    case Comparator::kGE:
    case Comparator::kGT: used.high.reset(); break;
    case Comparator::kLE:
    case Comparator::kLT: used.low.reset(); break;
    default: break;
  }
  used.nominal.reset();
  used.nominal_bool.reset();
  used.nominal_text.reset();
  return used;
}

bool holds(double value, const Limits& used) {
  switch (used.comparator) {
    case Comparator::kEQ: return used.nominal == value;
    case Comparator::kNE: return used.nominal != value;
    default: break;
  }
  const bool low_excluded = used.comparator == Comparator::kGT ||
                            used.comparator == Comparator::kGTLE ||
                            used.comparator == Comparator::kGTLT;
  const bool high_excluded = used.comparator == Comparator::kLT ||
                             used.comparator == Comparator::kGELT ||
                             used.comparator == Comparator::kGTLT;
  if (used.low && !(low_excluded ? value > *used.low : value >= *used.low)) return false;
  return !used.high || (high_excluded ? value < *used.high : value <= *used.high);
}

[[noreturn]] void refuse(std::string_view kind, const Limits& limits) {
  const std::string name(kind);
  throw Error(Code::kInvalidArgument,
              "a " + name + " value cannot be judged by the limits given (comparator " +
                  std::string(to_string(limits.comparator)) + "): give a " + name +
                  (kind == "numeric" ? " nominal, or bounds and their comparator"
                                     : " nominal and comparator EQ or NE, or no limits"));
}

Outcome judge_number(double value, const Limits& limits) {
  const Limits used = relevant(limits);
  if (used.empty()) return Outcome::kDone;
  if (uses_nominal(used.comparator) && !used.nominal) refuse("numeric", limits);
  for (const auto& bound : {used.low, used.high, used.nominal}) {
    if (bound && std::isnan(*bound)) return Outcome::kErrored;
  }
  if (std::isnan(value)) return Outcome::kErrored;
  return holds(value, used) ? Outcome::kPassed : Outcome::kFailed;
}

template <class T, class Nominal>
Outcome judge_equality(std::string_view kind, const T& value, const std::optional<Nominal>& nominal,
                       const Limits& limits) {
  if (limits.empty()) return Outcome::kDone;
  if (!uses_nominal(limits.comparator) || !nominal) refuse(kind, limits);
  const bool equal = value == *nominal;
  return equal == (limits.comparator == Comparator::kEQ) ? Outcome::kPassed : Outcome::kFailed;
}

}  // namespace

bool Limits::empty() const { return !low && !high && !nominal && !nominal_bool && !nominal_text; }

Outcome judge(const Reading& value, const Limits& limits) {
  if (const auto* number = std::get_if<double>(&value)) return judge_number(*number, limits);
  if (const auto* boolean = std::get_if<bool>(&value)) {
    return judge_equality("boolean", *boolean, limits.nominal_bool, limits);
  }
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    return judge_equality("text", *text, limits.nominal_text, limits);
  }
  return relevant(limits).empty() ? Outcome::kDone : Outcome::kErrored;
}

}  // namespace litmus
