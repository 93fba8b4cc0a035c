# SPDX-License-Identifier: Apache-2.0
"""Where observed values go: small ones into the event, samples into channels, bytes into files."""

from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from litmus.data.session_files import SessionFiles
from litmus.errors import InvalidArgumentError

_SCALARS = (int, float, str, type(None))


class Channels(Protocol):
    """What takes samples: a `ChannelStore`, open or opened when it is needed."""

    def write(self, channel_id: str, value: Any, *, source: str) -> str | None: ...


class Observations:
    """Those of one session.

    Args:
        data_dir: where bytes go.
        session_id: of the session.
        started_at: of the session.
        channels: where samples go.
    """

    def __init__(
        self, data_dir: Path, session_id: UUID, started_at: datetime, channels: Channels
    ) -> None:
        self._files = SessionFiles(data_dir, session_id, started_at)
        self._channels = channels

    def store(self, key: str, value: Any) -> Any:
        """What stands on the row: the value itself, or the reference to it.

        Raises:
            InvalidArgumentError: key or value cannot be stored.
        """
        if is_small(value):
            return value
        if isinstance(value, bytes | bytearray | memoryview):
            return self._files.store(key, bytes(value))
        from litmus.data.ref import classify_value
        from litmus.instruments.values import plain_scalar, text_form

        kind = classify_value(value)
        if kind == "scalar":
            return plain_scalar(value)
        if kind in ("numeric_array", "channel"):
            try:
                return self._channels.write(key, value, source="context.observe")
            except InvalidArgumentError as error:
                raise InvalidArgumentError(f"observe {key!r}: {error}") from error
        return text_form(value)


def is_small(value: Any) -> bool:
    """It stands on the row itself."""
    return isinstance(value, _SCALARS)
