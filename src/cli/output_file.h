// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace litmus {

// Makes the folder, and writes a file under another name first, so that nobody reads half of it.
void write_output_file(const std::string& path, std::string_view text);

}  // namespace litmus
