// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace litmus {

// What a run remembers of the machine it ran on, as JSON: os_name, os_version, platform_machine,
// litmus_version. Taken once per process.
const std::string& environment_snapshot();

}  // namespace litmus
