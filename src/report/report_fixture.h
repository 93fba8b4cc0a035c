// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/run_report.h"

namespace litmus {

// Test data: a failed run with a class of two methods, a sweep over two supply voltages, a retry, a
// skipped step, one that never ran, an error, and measurements of all three kinds.
RunReport example_report();

}  // namespace litmus
