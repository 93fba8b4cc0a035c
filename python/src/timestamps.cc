// SPDX-License-Identifier: Apache-2.0
// <datetime.h> keeps its table in each file that includes it, so this is the only one.
#include <Python.h>
#include <datetime.h>

#include <chrono>

#include "litmus/error.h"
#include "scalars.h"

namespace litmus::python {
namespace {

void import_datetime() {
  if (PyDateTimeAPI == nullptr) PyDateTime_IMPORT;
  if (PyDateTimeAPI == nullptr) throw nb::python_error();
}

std::chrono::microseconds utc_offset(nb::handle time) {
  if (PyDateTime_DATE_GET_TZINFO(time.ptr()) == Py_None) return {};
  const nb::object offset = time.attr("utcoffset")();
  if (offset.is_none()) return {};
  return std::chrono::days(PyDateTime_DELTA_GET_DAYS(offset.ptr())) +
         std::chrono::seconds(PyDateTime_DELTA_GET_SECONDS(offset.ptr())) +
         std::chrono::microseconds(PyDateTime_DELTA_GET_MICROSECONDS(offset.ptr()));
}

}  // namespace

bool is_date_or_time(nb::handle value) {
  import_datetime();
  return PyDate_Check(value.ptr()) || PyTime_Check(value.ptr());
}

Timestamp to_timestamp(nb::handle time) {
  import_datetime();
  PyObject* object = time.ptr();
  if (PyUnicode_Check(object)) return parse_iso8601(to_text(time));
  if (!PyDateTime_Check(object)) refuse("time", "a datetime", time);
  const std::chrono::year_month_day date{
      std::chrono::year(PyDateTime_GET_YEAR(object)),
      std::chrono::month(static_cast<unsigned>(PyDateTime_GET_MONTH(object))),
      std::chrono::day(static_cast<unsigned>(PyDateTime_GET_DAY(object)))};
  return std::chrono::sys_days(date) + std::chrono::hours(PyDateTime_DATE_GET_HOUR(object)) +
         std::chrono::minutes(PyDateTime_DATE_GET_MINUTE(object)) +
         std::chrono::seconds(PyDateTime_DATE_GET_SECOND(object)) +
         std::chrono::microseconds(PyDateTime_DATE_GET_MICROSECOND(object)) - utc_offset(time);
}

nb::object from_timestamp(Timestamp time) {
  import_datetime();
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss clock(time - days);
  const int year = static_cast<int>(date.year());
  if (year < 1 || year > 9999) {
    throw Error(Code::kInvalidArgument,
                "time: expected a year from 1 to 9999, found " + std::to_string(year));
  }
  PyObject* object = PyDateTimeAPI->DateTime_FromDateAndTime(
      year, static_cast<int>(static_cast<unsigned>(date.month())),
      static_cast<int>(static_cast<unsigned>(date.day())), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()), PyDateTime_TimeZone_UTC,
      PyDateTimeAPI->DateTimeType);
  if (object == nullptr) throw nb::python_error();
  return nb::steal(object);
}

nb::object from_optional_timestamp(const std::optional<Timestamp>& time) {
  return time ? from_timestamp(*time) : nb::none();
}

}  // namespace litmus::python
