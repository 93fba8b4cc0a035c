// SPDX-License-Identifier: Apache-2.0
#include "config/litmus_home.h"

#include "base/file_system.h"
#include "base/process.h"

namespace litmus {

std::optional<LitmusHome> find_litmus_home() {
  if (const std::string home = environment_variable("LITMUS_HOME"); !home.empty()) {
    return LitmusHome{absolute_path(home), true, "LITMUS_HOME"};
  }
  // A relative XDG_DATA_HOME is to be ignored (XDG base directory specification).
  if (const std::string data_home = environment_variable("XDG_DATA_HOME");
      data_home.starts_with('/')) {
    return LitmusHome{join_path(data_home, "litmus"), false,
                      "the user's data folder, XDG_DATA_HOME"};
  }
  const std::string home = environment_variable("HOME");
  if (home.empty()) return std::nullopt;
  return LitmusHome{join_path(home, ".local/share/litmus"), false, "the user's data folder"};
}

}  // namespace litmus
