// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "base/file_system.h"

namespace litmus {

// The classes and functions of a test module, as they are written at the beginnings of its lines:
// `TestFan`, `TestFan.test_load`, `test_smoke`. For hints: what is made while it runs is not found.
std::set<std::string> test_names(FileSystem& files, const std::string& module_file);

}  // namespace litmus
