// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/console.h"

namespace litmus {

// Finds the command that the words (without the program's name) ask for, fills its options and runs
// it; answers --help at every level and --version at the first. Returns the exit status. Words that
// do not fit are an Error(kInvalidArgument) that says what would.
int run_command_line(const Command& root, const std::vector<std::string>& words, Console& console);

}  // namespace litmus
