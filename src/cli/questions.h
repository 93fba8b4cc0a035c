// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/console.h"

namespace litmus {

// The answer, or the proposal if it is empty. Error(kInvalidArgument) at the end of the input.
std::string ask(Console& console, const std::string& question, const std::string& proposal);

// The same for yes and no.
bool ask_yes(Console& console, const std::string& question, bool proposal);

// Whether somebody is there to be asked.
bool can_ask(const Console& console);

}  // namespace litmus
