// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace litmus {

// Makes the folder (not its parents) if there is none, so that only this user can look into it.
// Error(kUnauthorized) if it is a link or belongs to somebody else, who could have laid it in our
// way; Error(kIo) if it cannot be made.
void ensure_private_folder(const std::string& path);

// Whether the path is a folder of this user.
bool is_own_folder(const std::string& path);

}  // namespace litmus
