// SPDX-License-Identifier: Apache-2.0
#include "scalars.h"

#include <array>

#include "imported.h"
#include "litmus/error.h"

namespace litmus::python {
namespace {

Imported outcome_type("litmus.data.outcomes", "Outcome");
Imported comparator_type("litmus.data.outcomes", "Comparator");
Imported uuid_type("uuid", "UUID");

// The members of a Python enumeration, in the order of the C++ table.
template <class Table>
nb::object member(nb::handle type, const Table& table, std::size_t position) {
  static auto* members = new std::array<nb::handle, std::tuple_size_v<Table>>;
  nb::handle& known = (*members)[position];
  if (!known.is_valid()) known = type(from_text(table[position].name)).release();
  return nb::borrow(known);
}

template <class Table, class Enum>
std::size_t position_of(const Table& table, Enum value) {
  std::size_t position = 0;
  while (table[position].value != value) ++position;
  return position;
}

}  // namespace

std::string to_text(nb::handle text) {
  Py_ssize_t size = 0;
  if (const char* utf8 = PyUnicode_AsUTF8AndSize(text.ptr(), &size)) {
    return {utf8, static_cast<std::size_t>(size)};
  }
  PyErr_Clear();
  const nb::object bytes = nb::steal(PyUnicode_AsEncodedString(text.ptr(), "utf-8", "replace"));
  if (!bytes.is_valid()) throw nb::python_error();
  return {PyBytes_AS_STRING(bytes.ptr()), static_cast<std::size_t>(PyBytes_GET_SIZE(bytes.ptr()))};
}

std::string to_text(nb::handle text, const char* what) {
  if (!PyUnicode_Check(text.ptr())) refuse(what, "a text", text);
  return to_text(text);
}

std::optional<std::string> to_optional_text(nb::handle text, const char* what) {
  if (text.is_none()) return std::nullopt;
  if (!PyUnicode_Check(text.ptr())) refuse(what, "a text or None", text);
  return to_text(text);
}

nb::object from_text(std::string_view text) {
  PyObject* object =
      PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace");
  if (object == nullptr) throw nb::python_error();
  return nb::steal(object);
}

nb::object from_optional_text(const std::optional<std::string>& text) {
  return text ? from_text(*text) : nb::none();
}

std::string to_path(nb::handle path) {
  PyObject* bytes = nullptr;
  if (PyUnicode_FSConverter(path.ptr(), static_cast<void*>(&bytes)) == 0) throw nb::python_error();
  const nb::object owner = nb::steal(bytes);
  return {PyBytes_AS_STRING(bytes), static_cast<std::size_t>(PyBytes_GET_SIZE(bytes))};
}

nb::object from_path(const std::string& path) {
  PyObject* object =
      PyUnicode_DecodeFSDefaultAndSize(path.data(), static_cast<Py_ssize_t>(path.size()));
  if (object == nullptr) throw nb::python_error();
  return nb::steal(object);
}

bool is_bool(nb::handle value) {
  if (PyBool_Check(value.ptr())) return true;
  const std::string_view type = Py_TYPE(value.ptr())->tp_name;
  return type == "numpy.bool" || type == "numpy.bool_";
}

bool is_number(nb::handle value) {
  PyObject* object = value.ptr();
  if (PyFloat_Check(object)) return true;
  if (is_bool(value) || PyUnicode_Check(object)) return false;
  if (PyLong_Check(object)) return true;
  const PyNumberMethods* number = Py_TYPE(object)->tp_as_number;
  return number != nullptr && (number->nb_float != nullptr || number->nb_index != nullptr);
}

double to_number(nb::handle number) {
  const double value = PyFloat_AsDouble(number.ptr());
  if (value == -1.0 && PyErr_Occurred() != nullptr) throw nb::python_error();
  return value;
}

Uuid to_uuid(nb::handle id) {
  if (PyUnicode_Check(id.ptr())) return Uuid::parse(to_text(id));
  if (!nb::isinstance(id, uuid_type.get())) refuse("id", "a UUID", id);
  const nb::object bytes = id.attr("bytes");
  Uuid uuid;
  std::copy_n(PyBytes_AS_STRING(bytes.ptr()), uuid.bytes.size(), uuid.bytes.begin());
  return uuid;
}

nb::object from_uuid(const Uuid& id) {
  const nb::bytes bytes(id.bytes.data(), id.bytes.size());
  return uuid_type.get()(nb::arg("bytes") = bytes);
}

Outcome to_outcome(nb::handle outcome) {
  if (!PyUnicode_Check(outcome.ptr())) refuse("outcome", "an Outcome", outcome);
  return parse_outcome(to_text(outcome));
}

nb::object from_outcome(Outcome outcome) {
  return member(outcome_type.get(), kOutcomes, position_of(kOutcomes, outcome));
}

nb::object from_optional_outcome(const std::optional<Outcome>& outcome) {
  return outcome ? from_outcome(*outcome) : nb::none();
}

Comparator to_comparator(nb::handle comparator) {
  if (!PyUnicode_Check(comparator.ptr())) refuse("comparator", "a Comparator", comparator);
  return parse_comparator(to_text(comparator));
}

nb::object from_comparator(Comparator comparator) {
  return member(comparator_type.get(), kComparators, position_of(kComparators, comparator));
}

std::string described(nb::handle value) {
  constexpr std::size_t kLongest = 80;
  if (value.is_none()) return "None";
  const nb::object text = nb::steal(PyObject_Repr(value.ptr()));
  std::string repr;
  if (text.is_valid()) {
    repr = to_text(text);
  } else {
    PyErr_Clear();
  }
  if (repr.size() > kLongest) {
    std::size_t end = kLongest;
    while (end > 0 && (static_cast<unsigned char>(repr[end]) & 0xC0U) == 0x80U) --end;
    repr = repr.substr(0, end) + "…";
  }
  const std::string type = PyUnicode_Check(value.ptr())
                               ? "text"
                               : to_text(nb::handle(Py_TYPE(value.ptr())).attr("__name__"));
  return repr.empty() ? type : type + " " + repr;
}

void refuse(std::string_view what, std::string_view expected, nb::handle found) {
  throw Error(Code::kInvalidArgument, std::string(what) + ": expected " + std::string(expected) +
                                          ", found " + described(found));
}

}  // namespace litmus::python
