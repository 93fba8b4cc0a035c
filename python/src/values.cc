// SPDX-License-Identifier: Apache-2.0
#include "values.h"

#include <algorithm>
#include <vector>

#include "imported.h"
#include "litmus/error.h"
#include "scalars.h"

namespace litmus::python {
namespace {

constexpr std::size_t kDeepest = 512;

Imported mapping_type("collections.abc", "Mapping");

// Text form of an object whose own code may fail.
std::string text_of(nb::handle object) {
  const nb::object text = nb::steal(PyObject_Str(object.ptr()));
  if (text.is_valid()) return to_text(text);
  PyErr_Clear();
  return std::string("<") + Py_TYPE(object.ptr())->tp_name + ">";
}

bool is_mapping(nb::handle object) {
  return PyDict_Check(object.ptr()) || nb::isinstance(object, mapping_type.get());
}

std::string key_text(nb::handle key) {
  return PyUnicode_Check(key.ptr()) ? to_text(key) : text_of(key);
}

class Converter {
 public:
  Value convert(nb::handle object) {
    PyObject* p = object.ptr();
    if (p == Py_None) return {};
    if (is_bool(object)) return PyObject_IsTrue(p) == 1;
    if (PyFloat_Check(p)) return PyFloat_AS_DOUBLE(p);
    if (PyUnicode_Check(p)) return to_text(object);
    if (PyLong_Check(p)) return integer(object);
    if (PyBytes_Check(p) || PyByteArray_Check(p) || PyMemoryView_Check(p)) return bytes(object);
    if (PyList_Check(p) || PyTuple_Check(p)) {
      return nested(object, [this](nb::handle list) { return Value(elements(list)); });
    }
    if (is_mapping(object)) {
      return nested(object, [this](nb::handle map) { return Value(entries(map, false)); });
    }
    return other(object);
  }

  ValueMap entries(nb::handle mapping, bool drop_private) {
    ValueMap map;
    const nb::object items = mapping.attr("items")();
    for (const nb::handle item : nb::iter(items)) {
      const std::string key = key_text(item[0]);
      if (drop_private && key.starts_with('_')) continue;
      map.set(key, convert(nb::object(item[1])));
    }
    return map;
  }

 private:
  static Value integer(nb::handle object) {
    int overflow = 0;
    const long long value = PyLong_AsLongLongAndOverflow(object.ptr(), &overflow);
    if (overflow == 0) return static_cast<std::int64_t>(value);
    const double approximate = PyLong_AsDouble(object.ptr());
    if (PyErr_Occurred() == nullptr) return approximate;
    PyErr_Clear();
    return text_of(object);
  }

  static Value bytes(nb::handle object) {
    Py_buffer view;
    if (PyObject_GetBuffer(object.ptr(), &view, PyBUF_SIMPLE) != 0) {
      PyErr_Clear();
      return text_of(object);
    }
    const Py_ssize_t size = view.len;
    PyBuffer_Release(&view);
    return "<bytes:" + std::to_string(size) + ">";
  }

  ValueList elements(nb::handle list) {
    ValueList values;
    for (const nb::handle element : nb::iter(list)) values.push_back(convert(element));
    return values;
  }

  // Lists and scalars of Python in place of NumPy's, which would give times as numbers.
  static nb::object plain_array(nb::handle array) {
    const std::string kind = text_of(nb::getattr(array.attr("dtype"), "kind", nb::str("")));
    const bool is_time = kind == "M" || kind == "m";
    return (is_time ? array.attr("astype")("str") : nb::borrow(array)).attr("tolist")();
  }

  // NumPy's arrays and scalars, Decimals and the like, dates; else the text.
  Value other(nb::handle object) {
    if (is_date_or_time(object)) return key_text(object.attr("isoformat")());
    if (nb::hasattr(object, "dtype") && nb::hasattr(object, "tolist")) {
      const nb::object plain = plain_array(object);
      if (!nb::isinstance(plain, nb::handle(Py_TYPE(object.ptr())))) {
        return nested(object, [&](nb::handle) { return convert(plain); });
      }
    }
    if (is_number(object)) {
      const double number = PyFloat_AsDouble(object.ptr());
      if (PyErr_Occurred() == nullptr) return number;
      PyErr_Clear();
    }
    return text_of(object);
  }

  template <class Convert>
  Value nested(nb::handle object, Convert convert_inside) {
    if (std::ranges::find(around_, object.ptr()) != around_.end()) return "<circular>";
    if (around_.size() == kDeepest) return "<too deep>";
    around_.push_back(object.ptr());
    Value value = convert_inside(object);
    around_.pop_back();
    return value;
  }

  std::vector<PyObject*> around_;  // the containers that are being converted, outermost first
};

}  // namespace

Value to_value(nb::handle object) { return Converter().convert(object); }

ValueMap to_value_map(nb::handle mapping, std::string_view what) {
  if (!is_mapping(mapping)) refuse(what, "a mapping", mapping);
  return Converter().entries(mapping, true);
}

nb::object from_value(const Value& value) {
  return std::visit(
      [](const auto& any) -> nb::object {
        using T = std::decay_t<decltype(any)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          return nb::none();
        } else if constexpr (std::is_same_v<T, std::string>) {
          return from_text(any);
        } else if constexpr (std::is_same_v<T, ValueList>) {
          nb::list list;
          for (const Value& element : any) list.append(from_value(element));
          return list;
        } else if constexpr (std::is_same_v<T, ValueMap>) {
          return from_value_map(any);
        } else {
          return nb::cast(any);
        }
      },
      value.data());
}

nb::dict from_value_map(const ValueMap& map) {
  nb::dict dict;
  for (const auto& [key, value] : map) dict[from_text(key)] = from_value(value);
  return dict;
}

}  // namespace litmus::python
