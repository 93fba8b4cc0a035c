// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "report/run_report.h"
#include "report/text_table.h"

namespace litmus {

// The report for people: what was tested and how it ended, then each step and each measurement.
std::string to_terminal(const RunReport& report, const Canvas& canvas);

// As above, but the environment of the run in the place of its steps.
std::string environment_to_terminal(const RunReport& report, const Canvas& canvas);

}  // namespace litmus
