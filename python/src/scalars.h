// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <optional>
#include <string>
#include <string_view>

#include "litmus/ids.h"
#include "litmus/outcome.h"
#include "litmus/time.h"

// Single values between Python and C++. A Python value that does not fit is an
// Error(kInvalidArgument) which says what was expected and what was found.
namespace litmus::python {

namespace nb = nanobind;

// UTF-8; what UTF-8 cannot hold (lone surrogates) becomes a question mark.
std::string to_text(nb::handle text);
std::string to_text(nb::handle text, const char* what);                          // else an Error
std::optional<std::string> to_optional_text(nb::handle text, const char* what);  // None: nothing
nb::object from_text(std::string_view text);
nb::object from_optional_text(const std::optional<std::string>& text);

// A str or os.PathLike as the bytes that the file system knows, which may be no UTF-8.
std::string to_path(nb::handle path);
nb::object from_path(const std::string& path);

// An int, a float, or what turns itself into one (NumPy numbers, Decimal, Fraction), but not a text
// and not a bool.
bool is_number(nb::handle value);
double to_number(nb::handle number);

// NumPy's included.
bool is_bool(nb::handle value);

// A datetime (naive: UTC) or an ISO 8601 text; given back as a datetime in UTC.
Timestamp to_timestamp(nb::handle time);
nb::object from_timestamp(Timestamp time);
nb::object from_optional_timestamp(const std::optional<Timestamp>& time);
bool is_date_or_time(nb::handle value);  // datetime, date or time

// A uuid.UUID or its text.
Uuid to_uuid(nb::handle id);
nb::object from_uuid(const Uuid& id);

Outcome to_outcome(nb::handle outcome);
nb::object from_outcome(Outcome outcome);
nb::object from_optional_outcome(const std::optional<Outcome>& outcome);
Comparator to_comparator(nb::handle comparator);
nb::object from_comparator(Comparator comparator);

// A value for a message: `text 'abc'`, `list [1, 2, …`; never longer than a line.
std::string described(nb::handle value);

[[noreturn]] void refuse(std::string_view what, std::string_view expected, nb::handle found);

}  // namespace litmus::python
