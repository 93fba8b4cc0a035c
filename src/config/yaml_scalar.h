// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "litmus/value.h"

namespace litmus {

// The core schema of YAML 1.2 (chapter 10.3.2): what a scalar without quotes stands for.
bool is_null_text(std::string_view text);
Value plain_scalar(const std::string& text);

}  // namespace litmus
