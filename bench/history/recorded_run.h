// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "history/plan.h"
#include "history/test_program.h"

namespace litmus::history {

// Records the planned run with this number. The same plan gives the same events.
void record_run(FileSystem& files, const std::string& data_dir, const Plan& plan,
                const std::vector<TestStep>& program, std::size_t number);

}  // namespace litmus::history
