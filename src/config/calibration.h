// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "litmus/time.h"
#include "litmus/value.h"

namespace litmus {

struct CalibrationStatus {
  int days_until_due = 0;  // negative when overdue
  std::string message;     // `CALIBRATION EXPIRED (due 2026-03-01, 12 days overdue)`
  bool expired = false;
  bool warns = false;  // it has ended, or ends within 30 days
};

// Of an asset's `calibration`; nothing without a due date. The last day, in UTC, counts as
// calibrated.
std::optional<CalibrationStatus> calibration_status(const ValueMap& calibration, Timestamp today);

}  // namespace litmus
