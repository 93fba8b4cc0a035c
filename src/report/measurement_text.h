// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "litmus/value.h"
#include "model/run_columns.h"

namespace litmus {

// What a measurement reads as for people.
struct MeasurementText {
  std::string value;   // with its units: `3.300 V`, `"OK"`, `true`; `—` without a value
  std::string limits;  // `3.135 ≤ x ≤ 3.465`, `= "OK"`; empty without limits
};
MeasurementText text_of(const MeasurementColumns& measurement);

// `vin=5, mode=fast`, in the order of the map.
std::string text_of(const ValueMap& conditions);

// A single value on one line: numbers shortened, texts without quotes.
std::string text_of(const Value& value);

}  // namespace litmus
