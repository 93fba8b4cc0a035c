// SPDX-License-Identifier: Apache-2.0
#include "config/data_dir.h"

#include "bindings.h"
#include "scalars.h"

namespace litmus::python {

void bind_data_dir(nb::module_& module) {
  module.def(
      "resolve_data_dir",
      [](nb::handle path) {
        const auto given = path.is_none() ? std::nullopt : std::optional(to_path(path));
        return from_path(resolve_data_dir(posix_file_system(), given).path);
      },
      nb::arg("path").none());
}

}  // namespace litmus::python
