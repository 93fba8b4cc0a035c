# SPDX-License-Identifier: Apache-2.0
"""The event log: writing the events of a session, reading event files."""

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from litmus import _core
from litmus.closing import ClosedByWith
from litmus.data.data_dir import resolve_data_dir
from litmus.data.event_selection import EventSelection
from litmus.data.events import EventBase
from litmus.problems import warn

_NO_TIME = datetime.min.replace(tzinfo=UTC)


class EventSubscriber(ABC):
    """Is told each event of a log. Internal: the set of export formats is fixed."""

    @abstractmethod
    def on_event(self, event: EventBase) -> None:
        """Takes an event as it is stored."""


class EventLog(ClosedByWith):
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
        self._data_dir = resolve_data_dir(data_dir)
        self._log = _core.EventLog(self._data_dir, session_id, self._problems)
        self._subscribers: tuple[EventSubscriber, ...] = ()

    @property
    def session_id(self) -> UUID:
        return self._log.session_id

    @property
    def data_dir(self) -> Path:
        return self._data_dir

    @property
    def path(self) -> Path | None:
        """The file that the last event went to; None before the first one."""
        return Path(self._log.path) if self._log.path else None

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
        written = self._append(event) if self._has_listeners() else self._log.emit(event)
        self._warn()
        return written

    def add_subscriber(self, subscriber: EventSubscriber) -> None:
        """Tells it each event that is stored from now on, at once, on the thread that emits.

        What it raises is warned about.
        """
        self._subscribers = (*self._subscribers, subscriber)

    def events(
        self, *, event_type: str | Sequence[str] | None = None, role: str | None = None
    ) -> list[EventBase]:
        """The events of the session, those of its other processes included, in the order of receipt.

        Args:
            event_type: tag, beginning of one with `*` at its end (`test.*`), or several of these.
            role: of `role`, `instrument_role`, or a `channel_id` that begins with it and a dot.
        """
        selection = EventSelection(event_type, role)
        files = sorted((self._data_dir / "events").glob(f"*/{self.session_id}-*.arrow"))
        found = [
            event
            for path in files
            for event in read_event_file(path).events
            if selection.matches(event)
        ]
        return sorted(found, key=lambda event: event.received_at or _NO_TIME)

    def save_ref(self, vector_id: UUID | str, key: str, value: object) -> str | None:
        """Keeps a large value as a file beside the session's events; a run whose inputs or outputs
        have its reference gets the file when it is sealed.

        Args:
            vector_id: of the vector that it belongs to; the file's name begins with its first 8
                characters.
            key: what the value is called.
            value: a `Waveform` (`.npz`), numbers (`.npy`), a `Path` (the file's content), a model or
                mapping (`.json`) or bytes (`.bin`).

        Returns:
            `file://_ref/{vector8}_{key}.{ext}`; None if it could not be stored, which is warned about.

        Raises:
            InvalidArgumentError: the value is none of these.
            NotFoundError: there is no such file.
        """
        from litmus.data.ref_content import ref_content  # with NumPy, which events do not need

        content, extension = ref_content(key, value)
        date = datetime.now(UTC)
        if self.path is not None:
            date = datetime.strptime(self.path.parent.name, "%Y-%m-%d").replace(tzinfo=UTC)
        uri = _core.store_bytes(
            self._data_dir,
            date,
            self.session_id,
            key,
            content,
            extension,
            self._problems,
            vector_id,
        )
        self._warn()
        return uri

    def seal_run(self, run_id: UUID, started_at: datetime) -> Path | None:
        """Makes the file of a run whose `run.ended` this log has taken, and emits `run.materialized`.

        Every reader sees the run when this returns.

        Args:
            started_at: when the session began, or the run if it is the session's only one.

        Returns:
            The file; None if it could not be made, which is warned about: nothing recorded is lost,
            `litmus data rebuild` seals it later.
        """
        path = self._log.seal_run(run_id, started_at, self._problems)
        self._warn()
        return Path(path) if path else None

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

    def _has_listeners(self) -> bool:
        return bool(self._subscribers)

    def _append(self, event: EventBase) -> bool:
        appended = self._log.append(event)
        if appended is None:
            return False
        self._tell(appended[0])
        return True

    def _tell(self, stored: EventBase) -> None:
        for subscriber in self._subscribers:
            try:
                subscriber.on_event(stored)
            except Exception as error:
                warn(
                    f"{type(subscriber).__name__} failed at {stored.event_type}: "
                    f"{type(error).__name__}: {error}"
                )

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
