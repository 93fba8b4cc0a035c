# SPDX-License-Identifier: Apache-2.0
"""Whether a calibration has ended, or ends soon."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from litmus import _core
from litmus.data.moments import to_time


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
    calibration: Mapping[str, Any], today: date | None = None
) -> CalibrationStatus | None:
    """None without a due date; the last day counts as calibrated."""
    moment = None if today is None else to_time(datetime(today.year, today.month, today.day))
    status = _core.calibration_status(dict(calibration), moment)
    return None if status is None else CalibrationStatus(*status)
