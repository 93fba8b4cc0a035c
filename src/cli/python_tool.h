// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "litmus/value.h"

namespace litmus {

// Asks `python -m litmus._tool NAME`, which has the drivers: JSON in, JSON out. The interpreter is
// $LITMUS_PYTHON, else python3 beside this program, else, in a working copy, that for which `_core`
// was built, and in an installation that of PATH. Error(kUnavailable) if it is not there, has no
// litmus, or fails.
Value ask_python(const std::string& name, const ValueMap& request);

}  // namespace litmus
