// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "report/run_report.h"

namespace litmus {

// The report as one JSON object, with a line break at the end. Texts that
// are absent are "", other absent values null.
std::string to_json(const RunReport& report);

}  // namespace litmus
