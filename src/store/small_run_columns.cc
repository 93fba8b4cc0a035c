// SPDX-License-Identifier: Apache-2.0
#include "store/small_run_columns.h"

#include <arrow/buffer.h>
#include <arrow/ipc/writer.h>
#include <arrow/type.h>
#include <arrow/util/base64.h>

#include <string_view>

#include "store/arrow_status.h"
#include "store/thrift_compact.h"

namespace litmus {

SmallRunColumns::SmallRunColumns(const std::shared_ptr<arrow::Schema>& of) : schema(of) {
  ThriftWriter thrift(elements);
  thrift.begin_struct();
  thrift.binary(4, "schema");
  thrift.i32(5, schema->num_fields());
  thrift.end_struct();
  for (const auto& field : schema->fields()) {
    const auto type = ParquetType::of(*field->type());
    if (!type || !field->nullable()) {
      types.clear();
      return;
    }
    element_count += type->describe(thrift, field->name());
    types.push_back(*type);
  }
  const auto message =
      value_or_throw(arrow::ipc::SerializeSchema(*schema), "describe the columns of a run file");
  arrow_schema = arrow::util::base64_encode(std::string_view(*message));
}

}  // namespace litmus
