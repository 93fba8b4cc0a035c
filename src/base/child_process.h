// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace litmus {

struct ChildResult {
  int exit_status = 0;  // 128 + signal for one that was ended by a signal
  std::string output;   // what it wrote to standard output
};

// Runs a program (with `/`, else looked for in PATH) to its end, with `input` as its standard input
// and standard error as ours. Error(kUnavailable) if it cannot be started.
ChildResult run_child(const std::string& program, const std::vector<std::string>& arguments,
                      std::string_view input);

}  // namespace litmus
