// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "litmus/channel_store.h"

namespace litmus {

struct ChannelRowsFound {
  std::shared_ptr<arrow::Table> table;
  std::vector<std::string> damages;
};

// Reads segments and journals of all processes. Columns: `timestamp`, those of the value, `units`,
// `direction`, `source_method`, `session_id`. Where the kind of value has changed, a column that
// holds texts beside numbers is called `{name}_text`, of booleans `{name}_bool`, of lists
// `{name}_list`.
ChannelRowsFound query_channel(FileSystem& files, const std::string& data_dir,
                               const ChannelQuery& query);

}  // namespace litmus
