// SPDX-License-Identifier: Apache-2.0
#include "measured.h"

#include "litmus/error.h"
#include "scalars.h"

namespace litmus::python {
namespace {

constexpr char kExpectedValue[] = "a number, a text, a bool or None";

std::string where(std::string_view measurement, std::string_view part) {
  return "measurement '" + std::string(measurement) + "': " + std::string(part);
}

double number_of(nb::handle number, const std::string& what, const char* expected) {
  try {
    return to_number(number);
  } catch (const nb::python_error&) {  // too large, or it only looked like a number
    refuse(what, expected, number);
  }
}

// What float() reads, except for digits grouped by underscores: `1_0` is a name, not ten.
std::optional<double> number_in(nb::handle text) {
  if (to_text(text).find('_') != std::string::npos) return std::nullopt;
  const nb::object number = nb::steal(PyFloat_FromString(text.ptr()));
  if (number.is_valid()) return PyFloat_AS_DOUBLE(number.ptr());
  PyErr_Clear();
  return std::nullopt;
}

}  // namespace

std::optional<double> to_bound(std::string_view measurement, const char* which, nb::handle bound) {
  if (bound.is_none()) return std::nullopt;
  if (!is_number(bound)) refuse(where(measurement, which), "a number or None", bound);
  return number_of(bound, where(measurement, which), "a number or None");
}

MeasuredValue to_nominal(std::string_view measurement, nb::handle nominal) {
  if (nominal.is_none()) return {};
  if (is_bool(nominal)) return PyObject_IsTrue(nominal.ptr()) == 1;
  if (PyUnicode_Check(nominal.ptr())) return to_text(nominal);
  if (!is_number(nominal)) refuse(where(measurement, "nominal"), kExpectedValue, nominal);
  return number_of(nominal, where(measurement, "nominal"), kExpectedValue);
}

MeasuredValue to_measured(std::string_view measurement, nb::handle value,
                          const MeasureOptions& limits) {
  if (value.is_none()) return {};
  if (is_bool(value)) return PyObject_IsTrue(value.ptr()) == 1;
  if (PyUnicode_Check(value.ptr())) {
    if (std::holds_alternative<std::string>(limits.nominal)) return to_text(value);
    if (const auto number = number_in(value)) return *number;
    if (limits.low || limits.high || std::holds_alternative<double>(limits.nominal)) {
      refuse(where(measurement, "value"), "a number, since its limits are numbers", value);
    }
    return to_text(value);
  }
  if (!is_number(value)) refuse(where(measurement, "value"), kExpectedValue, value);
  return number_of(value, where(measurement, "value"), kExpectedValue);
}

}  // namespace litmus::python
