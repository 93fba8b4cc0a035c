// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/file_system.h"

namespace litmus {

// The folder of the git repository that `folder` is in; nothing outside of one.
std::optional<std::string> find_repository(FileSystem& files, const std::string& folder);

// `boards` of git@example.com:lab/boards.git and https://example.com/lab/boards
std::string remote_leaf(const std::string& remote);

// `-` and blanks become `_`.
std::string as_project_name(const std::string& text);

}  // namespace litmus
