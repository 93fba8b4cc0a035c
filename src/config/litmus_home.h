// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace litmus {

// The folder for what is shared by all projects: data, stations.
struct LitmusHome {
  std::string path;       // need not exist
  bool is_from_variable;  // LITMUS_HOME
  std::string detail;     // which rule chose it, in words
};

// $LITMUS_HOME, else litmus in the user's data folder ($XDG_DATA_HOME, else ~/.local/share);
// nothing when not even a home folder is known.
std::optional<LitmusHome> find_litmus_home();

}  // namespace litmus
