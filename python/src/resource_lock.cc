// SPDX-License-Identifier: Apache-2.0
#include "base/resource_lock.h"

#include "base/process.h"
#include "bindings.h"
#include "scalars.h"

namespace litmus::python {
namespace {

// The lock, or what its holder says about itself.
nb::object try_take(nb::handle resource, nb::handle holder) {
  auto taken = ResourceLock::try_take(to_text(resource, "resource"), to_text(holder, "holder"));
  if (const auto* other = std::get_if<ResourceLock::Holder>(&taken)) return from_text(*other);
  return nb::cast(std::get<ResourceLock>(std::move(taken)));
}

nb::object canonical(nb::handle resource) {
  return from_text(canonical_resource(to_text(resource, "resource")));
}

// (host, pid, started_at, program)
nb::tuple process() {
  const ProcessIdentity self = this_process();
  return nb::make_tuple(from_text(self.host), self.pid, from_optional_timestamp(self.started_at),
                        from_text(program_name()));
}

}  // namespace

void bind_resource_lock(nb::module_& module) {
  nb::class_<ResourceLock>(module, "ResourceLock")
      .def_static("try_take", &try_take, nb::arg("resource"), nb::arg("holder"))
      .def("release", &ResourceLock::release)
      .def("abandon", &ResourceLock::abandon);
  module.def("canonical_resource", &canonical, nb::arg("resource"));
  module.def("this_process", &process);
}

}  // namespace litmus::python
