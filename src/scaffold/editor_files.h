// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "scaffold/project_files.h"

namespace litmus {

// .vscode: the schemas of all configuration files, and which file has which.
std::vector<NewFile> editor_files();

}  // namespace litmus
