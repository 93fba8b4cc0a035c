# SPDX-License-Identifier: Apache-2.0
"""The event log: writing the events of a session, reading event files."""

import os
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from uuid import UUID

from litmus import _core
from litmus.data.data_dir import resolve_data_dir
from litmus.data.events import EventBase
from litmus.problems import warn


class EventLog:
    """Appends events to the files of one session, from any thread.

    An event survives the death of the process once `emit` has returned True. What cannot be
    written is counted and warned about, not raised. After a fork the child writes a file of its
    own. `with` closes the log.

    Args:
        data_dir: the data directory, found as `resolve_data_dir` does.
        session_id: of the session; new if not given.
    """

    def __init__(
        self,
        data_dir: str | os.PathLike[str] | None = None,
        session_id: UUID | None = None,
    ) -> None:
        self._problems = _core.Problems()
        self._log = _core.EventLog(resolve_data_dir(data_dir), session_id, self._problems)

    @property
    def session_id(self) -> UUID:
        return self._log.session_id

    @property
    def events_lost(self) -> int:
        """Events that could not be written."""
        return self._log.events_lost

    def emit(self, event: EventBase) -> bool:
        """Stores the event; ids and times that it leaves open are filled in on the way.

        Returns:
            False if it could not be written.

        Raises:
            InvalidArgumentError: it is no event, lacks a required field, has one of the wrong type,
                or belongs to another session.
        """
        written = self._log.emit(event)
        self._warn()
        return written

    def flush(self) -> None:
        """Returns when everything emitted is on stable storage.

        Raises:
            IoError: it cannot be.
        """
        self._log.flush()

    def close(self) -> None:
        """Ends the file; a later `emit` opens another one."""
        self._log.close()
        self._warn()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _warn(self) -> None:
        if self._problems.waiting:
            for problem in self._problems.take():
                warn(problem)


@dataclass(frozen=True, slots=True)
class EventDamage:
    """A place in an event file where what was written cannot be read."""

    begin: int
    """First damaged byte."""
    end: int
    """Byte after the last one; `begin` where bytes are missing."""
    first_seq: int | None
    """Number of the first event lost, where that can be told."""
    last_seq: int | None
    """Number of the last one."""
    what: str
    """What is wrong."""


@dataclass(frozen=True, slots=True)
class EventFile:
    """What an event file holds."""

    events: list[EventBase]
    """All intact events, in the order of writing."""
    damages: list[EventDamage]
    """Where something is missing."""
    closed: bool
    """The file was ended properly; one that is being written was not yet."""


def read_event_file(path: str | os.PathLike[str]) -> EventFile:
    """Reads an event file; what is damaged is reported, the rest is given.

    Raises:
        NotFoundError: there is no such file.
        IoError: it cannot be read.
    """
    events, damages, closed = _core.read_event_file(path)
    return EventFile(events, [EventDamage(*damage) for damage in damages], closed)
