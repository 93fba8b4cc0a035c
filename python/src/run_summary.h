// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include "litmus/run_summary.h"

namespace litmus::python {

// The fields by the names of litmus.data.models.RunSummary.
nanobind::dict from_summary(const RunSummary& summary);

}  // namespace litmus::python
