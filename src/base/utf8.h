// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace litmus {

// Length of the valid UTF-8 sequence at the start of `text`, 0 if it is not one. The ranges are
// those of table 3-7 of the Unicode standard: no overlong forms, no surrogates.
std::size_t utf8_sequence(std::string_view text);

bool is_valid_utf8(std::string_view text);

}  // namespace litmus
