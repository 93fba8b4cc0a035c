// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace litmus {

// The text of schema/config/{file_stem}.json, embedded at build time. Empty if there is none.
std::string_view schema_text(std::string_view file_stem);

}  // namespace litmus
