// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace litmus {

// The known word that a mistyped one was probably meant to be.
std::optional<std::string> closest_word(std::string_view typed,
                                        const std::vector<std::string>& known);

}  // namespace litmus
