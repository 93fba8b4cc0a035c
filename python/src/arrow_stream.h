// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <memory>

namespace arrow {
class Table;
}

namespace litmus::python {

// Rows for whoever reads the Arrow C stream interface: pyarrow.table(rows).
struct ArrowRows {
  std::shared_ptr<arrow::Table> table;
};

void bind_arrow_rows(nanobind::module_& module);

}  // namespace litmus::python
