// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace litmus {

// The text of src/index/sql/{file_stem}.sql, embedded at build time. Empty if there is none.
std::string_view sql_text(std::string_view file_stem);

inline std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string result(text);
  for (std::size_t at = 0; (at = result.find(what, at)) != std::string::npos; at += by.size()) {
    result.replace(at, what.size(), by);
  }
  return result;
}

}  // namespace litmus
