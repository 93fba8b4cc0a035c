// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace litmus {

// Columns that the UTF-8 text takes on a terminal: wide characters two, combining ones none.
std::size_t display_width(std::string_view text);

// At most `width` columns of it, the last one `…` where something had to go.
std::string cut_to_width(std::string_view text, std::size_t width);

// Fit for one line of a terminal: line breaks and tabs become spaces, other control characters and
// bytes that are not UTF-8 `�`, so that no name in a file can steer the terminal.
std::string printable(std::string_view text);

}  // namespace litmus
