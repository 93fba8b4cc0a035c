# SPDX-License-Identifier: Apache-2.0
"""Whether a calibration has ended, or ends soon."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

_SOON_DAYS = 30


@dataclass(frozen=True, slots=True)
class CalibrationStatus:
    """What is to be said about a calibration with a due date."""

    days_until_due: int
    """Negative when overdue."""
    message: str
    """`CALIBRATION EXPIRED (due 2026-03-01, 12 days overdue)`."""
    expired: bool
    warns: bool
    """It has ended or ends soon."""


def calibration_status(
    calibration: Mapping[str, str], today: date | None = None
) -> CalibrationStatus | None:
    """None without a due date; the last day counts as calibrated."""
    due_date = calibration.get("due_date")
    if due_date is None:
        return None
    days = (date.fromisoformat(due_date) - (today or datetime.now(UTC).date())).days
    if days < 0:
        message = f"CALIBRATION EXPIRED (due {due_date}, {_days(-days)} overdue)"
    elif days < _SOON_DAYS:
        message = f"calibration due soon (due {due_date}, {_days(days)} left)"
    else:
        message = f"calibrated (due {due_date}, {_days(days)} left)"
    return CalibrationStatus(days, message, expired=days < 0, warns=days < _SOON_DAYS)


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"
