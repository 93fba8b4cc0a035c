// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace litmus {

// The text of src/index/sql/{file_stem}.sql, embedded at build time. Empty if there is none.
std::string_view sql_text(std::string_view file_stem);

}  // namespace litmus
