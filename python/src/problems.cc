// SPDX-License-Identifier: Apache-2.0
#include "problems.h"

#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.h"

namespace litmus::python {

void bind_problems(nb::module_& module) {
  nb::class_<Problems>(module, "Problems")
      .def(nb::new_([] { return std::make_shared<Problems>(); }))
      .def_prop_ro("waiting", &Problems::waiting)
      .def("take", &Problems::take);
}

}  // namespace litmus::python
