// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

namespace litmus::python {

// Something of a Python module, imported at its first use and kept for the life of the process.
// Used with the GIL held, as a static object.
class Imported {
 public:
  constexpr Imported(const char* module, const char* name) : module_(module), name_(name) {}

  nanobind::handle get() {
    if (!object_.is_valid()) {
      object_ = nanobind::module_::import_(module_).attr(name_).ptr();
      object_.inc_ref();
    }
    return object_;
  }

 private:
  const char* module_;
  const char* name_;
  nanobind::handle object_;
};

}  // namespace litmus::python
