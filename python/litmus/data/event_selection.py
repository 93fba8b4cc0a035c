# SPDX-License-Identifier: Apache-2.0
"""Which events somebody wants."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from litmus.data.events import EventBase, UnknownEvent
from litmus.data.moments import Moment, to_iso, to_time


@dataclass(frozen=True, slots=True)
class EventSelection:
    """Which events; all that is given must fit, None fits all."""

    event_type: str | Sequence[str] | None = None
    """Tag, beginning of one with `*` at its end, or several of these."""
    role: str | None = None
    """Of `role`, `instrument_role`, or a `channel_id` that begins with it and a dot."""
    session_id: UUID | str | None = None
    since: Moment | None = None
    """Received then or later."""

    def parameters(self) -> dict[str, Any]:
        """As the daemon takes it."""
        given = {
            "event_type": self._event_types(),
            "role": self.role,
            "session_id": str(self.session_id) if self.session_id else None,
            "since": to_iso(self.since),
        }
        return {name: value for name, value in given.items() if value}

    def matches(self, event: EventBase) -> bool:
        types = self._event_types()
        return (
            (self.since is None or _received(event) >= to_time(self.since))
            and (not self.session_id or str(event.session_id) == str(self.session_id))
            and (not types or any(_type_fits(event.event_type, wanted) for wanted in types))
            and (not self.role or self._role_fits(event))
        )

    def _event_types(self) -> list[str]:
        given = self.event_type or []
        return [given] if isinstance(given, str) else list(given)

    def _role_fits(self, event: EventBase) -> bool:
        if isinstance(event, UnknownEvent):
            fields = event.fields
        else:
            names = ("role", "instrument_role", "channel_id")
            fields = {name: getattr(event, name, None) for name in names}
        channel = fields.get("channel_id")
        return self.role in (fields.get("role"), fields.get("instrument_role")) or (
            isinstance(channel, str) and channel.startswith(f"{self.role}.")
        )


def _type_fits(event_type: str, wanted: str) -> bool:
    if wanted.endswith("*"):
        return event_type.startswith(wanted[:-1])
    return event_type == wanted


def _received(event: EventBase) -> datetime:
    return event.received_at or datetime.now(UTC)  # not yet
