# SPDX-License-Identifier: Apache-2.0
"""Moments as users give them and as the daemon reads them."""

from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from litmus.errors import InvalidArgumentError

Moment: TypeAlias = str | date | datetime
"""ISO 8601 text, date or datetime. A date is a whole day; what has no time zone is UTC."""


def to_iso(moment: Moment | None) -> str | None:
    if isinstance(moment, datetime):
        return to_time(moment).isoformat()
    return moment.isoformat() if isinstance(moment, date) else moment


def to_time(moment: Moment) -> datetime:
    """The first instant of the moment.

    Raises:
        InvalidArgumentError: it is a text, but none in ISO 8601.
    """
    if not isinstance(moment, datetime):
        try:
            moment = datetime.fromisoformat(str(moment))
        except ValueError as error:
            raise InvalidArgumentError(
                f"expected a date or time such as 2026-03-10T14:30:00Z, found '{moment}'"
            ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def to_end_time(moment: Moment) -> datetime:
    """The last instant of the moment, as `to_time`."""
    time = to_time(moment)
    is_day = not isinstance(moment, datetime) and len(str(moment)) == len("2026-03-10")
    return time + timedelta(days=1, microseconds=-1) if is_day else time
