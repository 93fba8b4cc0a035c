// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <string_view>

#include "litmus/value.h"

namespace litmus::python {

namespace nb = nanobind;

// Any Python object as JSON can hold it; nothing is refused. Scalars stay, NumPy's included; lists,
// tuples and arrays go element by element, mappings by their keys' text; integers beyond 64 bits
// and Decimals become floats, dates and times ISO 8601 text; bytes `<bytes:N>`, what contains
// itself `<circular>`, what is nested deeper than 512 `<too deep>`; everything else its text.
Value to_value(nb::handle object);

// Of a mapping, else Error(kInvalidArgument); keys that begin with `_` are private and left out.
ValueMap to_value_map(nb::handle mapping, std::string_view what);

nb::object from_value(const Value& value);
nb::dict from_value_map(const ValueMap& map);

}  // namespace litmus::python
