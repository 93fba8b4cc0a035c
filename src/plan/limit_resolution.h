// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "litmus/error.h"
#include "litmus/outcome.h"
#include "litmus/value.h"
#include "plan/limit_policy.h"
#include "plan/product.h"

namespace litmus {

// The limit in force for one measurement at one set of parameters.
struct ResolvedLimit {
  std::optional<double> low;
  std::optional<double> high;
  Value nominal;
  Comparator comparator = kDefaultComparator;
  std::optional<std::string> units;
  std::optional<std::string> characteristic_id;
  std::optional<std::string> spec_ref;
  std::optional<std::string> callable;  // this gives the limit; the bounds above are empty then
  std::string source;                   // where it is written

  ValueMap as_map() const;
  std::string text() const;  // "4.85 <= v <= 5.15 V"
};

// There is an entry or a characteristic, but it gives no limit at these parameters. The text names
// what was tried.
class MissingLimit : public Error {
 public:
  explicit MissingLimit(const std::string& text) : Error(Code::kNotFound, text) {}
};

// What limits are derived with.
struct LimitContext {
  const Product* product = nullptr;
  std::optional<double> session_guardband_pct;
  std::optional<double> profile_guardband_pct;
  std::string_view profile_guardband_place = {};  // where the profile says it
};

// The limit that an entry gives. Throws MissingLimit, and Error(kInvalidArgument) for units of
// unlike dimensions and for a guardband that leaves nothing.
ResolvedLimit resolve_limit(const LimitEntry& entry, const std::string& name,
                            const ValueMap& parameters,
                            const std::optional<std::string>& ambient_characteristic,
                            const LimitContext& context);

// The limit that the product promises: v = value of the band, u = v * (pct_reading + pct_range) /
// 100 + absolute; v - u to v + u, or v alone for one-sided comparators; narrowed by the guardband.
ResolvedLimit characteristic_limit(const Characteristic& characteristic, const ValueMap& parameters,
                                   std::optional<Comparator> comparator,
                                   std::optional<double> guardband_pct,
                                   const LimitContext& context);

// As given at a call or by a callable. Error(kInvalidArgument) for an unknown key, a missing unit,
// a boolean as a bound, and bounds that could never judge anything.
ResolvedLimit check_limit(const ValueMap& limit, const std::string& place);

}  // namespace litmus
