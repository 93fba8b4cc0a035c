// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <string_view>

#include "litmus/client.h"
#include "model/limits.h"

// A measured value and its limits as Python users give them. What cannot be used is an
// Error(kInvalidArgument) that names the measurement, what was expected and what was found.
namespace litmus::python {

namespace nb = nanobind;

// None: no bound, or no nominal value.
std::optional<double> to_bound(std::string_view measurement, const char* which, nb::handle bound);
MeasuredValue to_nominal(std::string_view measurement, nb::handle nominal);

// Numbers and texts of numbers become a double, but a text beside a text nominal stays a text;
// other texts stay texts, and are refused where `limits` are numbers.
MeasuredValue to_measured(std::string_view measurement, nb::handle value,
                          const MeasureOptions& limits);

}  // namespace litmus::python
