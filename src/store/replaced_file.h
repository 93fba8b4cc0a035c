// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/file_system.h"

namespace litmus {

// Another name for a damaged file, `{path}.damaged`, before it is replaced. Returns it.
std::string put_aside(FileSystem& files, const std::string& path);

// Write, sync, rename, sync of the folder, so that at every moment one whole version is there.
void replace_content(FileSystem& files, const std::string& path, Bytes content);

}  // namespace litmus
