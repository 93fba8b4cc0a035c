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

// The columns that the channel's table has, of all sessions; reads no rows.
std::shared_ptr<arrow::Schema> channel_query_schema(
    const std::vector<std::shared_ptr<arrow::Schema>>& segments);

// Reads segments and journals of all processes. Columns: `timestamp`, those of the value, `units`,
// `direction`, `source_method`, `session_id`. Where the kind of value has changed, a column that
// holds texts beside numbers is called `{name}_text`, of booleans `{name}_bool`, of lists
// `{name}_list`. Error(kInvalidArgument) for a column that the channel does not have, for a cursor
// that is none, and for paging together with what cannot be paged.
ChannelRowsFound query_channel(FileSystem& files, const std::string& data_dir,
                               const ChannelQuery& query);

}  // namespace litmus
