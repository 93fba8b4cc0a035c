// SPDX-License-Identifier: Apache-2.0
#include "config/calibration.h"

#include <fmt/format.h>

#include <chrono>

#include "config/config_file.h"

namespace litmus {
namespace {

constexpr int kSoonDays = 30;

std::string days_text(int days) { return fmt::format("{} {}", days, days == 1 ? "day" : "days"); }

}  // namespace

std::optional<CalibrationStatus> calibration_status(const ValueMap& calibration, Timestamp today) {
  const auto due_date = find_text(calibration, "due_date");
  if (!due_date) return std::nullopt;
  using std::chrono::days;
  using std::chrono::floor;
  const auto due = floor<days>(parse_iso8601(*due_date + "T00:00:00Z"));
  CalibrationStatus status;
  status.days_until_due = static_cast<int>((due - floor<days>(today)).count());
  status.expired = status.days_until_due < 0;
  status.warns = status.days_until_due < kSoonDays;
  const char* what = status.warns ? "calibration due soon" : "calibrated";
  status.message = status.expired ? fmt::format("CALIBRATION EXPIRED (due {}, {} overdue)",
                                                *due_date, days_text(-status.days_until_due))
                                  : fmt::format("{} (due {}, {} left)", what, *due_date,
                                                days_text(status.days_until_due));
  return status;
}

}  // namespace litmus
