// SPDX-License-Identifier: Apache-2.0
#include "base/error_codes.h"
#include "bindings.h"
#include "litmus/error.h"
#include "scalars.h"

namespace litmus::python {

void bind_errors() {
  nb::register_exception_translator([](const std::exception_ptr& caught, void*) {
    try {
      std::rethrow_exception(caught);
    } catch (const Error& error) {
      const nb::object errors = nb::module_::import_("litmus.errors");
      const nb::object type = errors.attr(mapping_of(error.code()).python_type.data());
      PyErr_SetObject(type.ptr(), from_text(error.what()).ptr());
    }
  });
}

}  // namespace litmus::python
