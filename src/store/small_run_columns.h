// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "store/parquet_column.h"

namespace arrow {
class Schema;
}

namespace litmus {

// The part of a small run file that depends on nothing but its columns.
struct SmallRunColumns {
  std::shared_ptr<arrow::Schema> schema;
  std::vector<ParquetType> types;  // empty: not all are of known types
  std::size_t element_count = 1;
  std::string elements;      // of the footer's schema, without their number
  std::string arrow_schema;  // for readers that know Arrow

  explicit SmallRunColumns(const std::shared_ptr<arrow::Schema>& of);
};

}  // namespace litmus
