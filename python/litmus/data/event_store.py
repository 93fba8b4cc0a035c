# SPDX-License-Identifier: Apache-2.0
"""The events of a data directory: writing them, asking for them, being told of new ones."""

import os
import threading
import weakref
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from litmus import _core
from litmus.closing import ClosedByWith
from litmus.data.daemon_client import DaemonClient
from litmus.data.data_dir import resolve_data_dir
from litmus.data.event_log import EventLog
from litmus.data.event_selection import EventSelection
from litmus.data.event_subscription import EventCallback, EventSubscription, Replay
from litmus.data.events import EventBase, SessionStarted
from litmus.data.moments import Moment, to_end_time, to_iso, to_time
from litmus.errors import InvalidArgumentError, UnavailableError

_OF_UNMATERIALIZED_RUNS = """run_id IN (
  SELECT run_id FROM events WHERE event_type = 'run.started'
  EXCEPT SELECT run_id FROM events WHERE event_type = 'run.materialized'
)"""


class EventStore(ClosedByWith):
    """All events of a data directory, those of other processes included.

    Writing needs nothing but the files. Reading and subscribing ask the daemon, which is started if
    need be; they raise UnavailableError where there can be none. Any thread may use it; `with`
    closes it.

    Args:
        _data_dir: the data directory, found as `resolve_data_dir` does.
    """

    _shared: ClassVar[dict[Path, "EventStore"]] = {}

    def __init__(self, *, _data_dir: str | os.PathLike[str] | None = None) -> None:
        self._data_dir = resolve_data_dir(_data_dir)
        self._logs: dict[UUID, _StoreLog] = {}
        self.ordering = threading.RLock()
        self.subscriptions: tuple[EventSubscription, ...] = ()
        _stores.add(self)

    @property
    def data_dir(self) -> Path:
        return self._data_dir

    @classmethod
    def get_shared(cls, data_dir: str | os.PathLike[str] | None = None) -> "EventStore":
        """The one store of the process and directory."""
        folder = resolve_data_dir(data_dir)
        return cls._shared.setdefault(folder, cls(_data_dir=folder))

    def get_event_log(self, session_id: UUID) -> EventLog:
        """The log of the session, always the same one."""
        with self.ordering:
            log = self._logs.get(session_id)
            if log is None:
                log = self._logs[session_id] = _StoreLog(self, session_id)
            return log

    def emit(self, event: EventBase, *, session_id: UUID | None = None) -> bool:
        """Stores the event in the log of its session, or of the one given.

        Returns:
            False if it could not be written.

        Raises:
            InvalidArgumentError: neither says the session, or `EventLog.emit` would raise it.
        """
        session = event.session_id or session_id
        if session is None:
            raise InvalidArgumentError(
                f"{event.event_type}: expected a session_id in the event or beside it, found none"
            )
        return self.get_event_log(session).emit(event)

    def flush(self) -> None:
        """Returns when everything emitted is on stable storage, and the daemon, if any, has it.

        Raises:
            IoError: it cannot be stored.
        """
        for log in self._all_logs():
            log.flush()
        if _core.find_daemon(self._data_dir) is not None:
            with suppress(UnavailableError):  # it reads the files when it is there again
                DaemonClient.of(self._data_dir).sync()

    def events(
        self,
        *,
        session_id: UUID | str | None = None,
        event_type: str | Sequence[str] | None = None,
        role: str | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        until_event_number: int | None = None,
        limit: int | None = None,
    ) -> list[EventBase]:
        """The events that fit all that is given, in the order of receipt.

        Args:
            session_id: of this session.
            event_type: tag, beginning of one with `*` at its end (`test.*`), or several of these.
            role: of `role`, `instrument_role`, or a `channel_id` that begins with it and a dot.
            since: received then or later.
            until: received up to then.
            until_event_number: up to this number of the relation `events`.
            limit: so many at most, the newest ones.

        Raises:
            InvalidArgumentError: one of them cannot be used; the text names it.
        """
        selection = EventSelection(event_type, role, session_id, since)
        parameters = selection.parameters() | {
            "until": to_iso(until),
            "until_event_number": until_event_number,
            "limit": limit,
        }
        table = DaemonClient.of(self._data_dir).query("events.list", parameters)
        return [_core.parse_event(text) for text in table["json"].to_pylist()]

    def sessions(self) -> list[SessionStarted]:
        """The beginnings of all sessions, in the order of receipt."""
        started = self.events(event_type=SessionStarted.event_type)
        return [event for event in started if isinstance(event, SessionStarted)]

    def events_for_unmaterialized_runs(
        self,
        *,
        since: Moment | None = None,
        until: Moment | None = None,
        until_event_number: int | None = None,
    ) -> list[EventBase]:
        """The events of runs that have begun and are not sealed, in the order of receipt.

        Args:
            since: received then or later.
            until: received up to then.
            until_event_number: up to this number of the relation `events`.
        """
        conditions = [_OF_UNMATERIALIZED_RUNS]
        if since is not None:
            conditions.append(f"received_at >= '{to_time(since).isoformat()}'::TIMESTAMPTZ")
        if until is not None:
            conditions.append(f"received_at <= '{to_end_time(until).isoformat()}'::TIMESTAMPTZ")
        if until_event_number is not None:
            conditions.append(f"event_number <= {int(until_event_number)}")
        table = DaemonClient.of(self._data_dir).sql(
            f"SELECT json FROM events WHERE {' AND '.join(conditions)} ORDER BY event_number"
        )
        return [_core.parse_event(text) for text in table["json"].to_pylist()]

    def on_event(
        self,
        callback: EventCallback,
        *,
        event_type: str | Sequence[str] | None = None,
        role: str | None = None,
        session_id: UUID | str | None = None,
        since: Moment | None = None,
        replay: Replay = "matching",
        after: str | None = None,
    ) -> EventSubscription:
        """Calls back with each event that fits, once: first past ones, then new ones as they come.

        Nothing is missed when the callback is slow, or when the daemon is replaced or dies. Events
        of one writer come in the order of emission, but those that this process emits from now on
        come at once, on the thread that emits them, even while past ones are on their way. What the
        callback raises is warned about. In the child of a fork there are no subscriptions.

        Args:
            callback: takes the event.
            event_type: as in `events`.
            role: as in `events`.
            session_id: as in `events`.
            since: as in `events`.
            replay: the past: `matching`, all that fits; `unmaterialized_runs`, only of runs that are
                not sealed; `none`.
            after: the `cursor` of an earlier subscription, to go on behind it.

        Returns:
            The subscription: calling it ends it.

        Raises:
            InvalidArgumentError: an argument cannot be used; the text names it.
            UnavailableError: there is no daemon, and none can be started.
        """
        subscription = EventSubscription(
            self._data_dir,
            EventSelection(event_type, role, session_id, since),
            callback,
            replay,
            after,
            self.ordering,
        )
        with self.ordering:
            going_on = (each for each in self.subscriptions if not each.closed)
            self.subscriptions = (*going_on, subscription)
        subscription.start()
        return subscription

    def close(self) -> None:
        """Ends the subscriptions and closes the logs. May be called again; using it opens them."""
        with self.ordering:
            subscriptions, self.subscriptions = self.subscriptions, ()
        for subscription in subscriptions:
            subscription()
        for log in self._all_logs():
            log.close()

    def _all_logs(self) -> "list[_StoreLog]":
        with self.ordering:
            return list(self._logs.values())


class _StoreLog(EventLog):
    """A log whose events go to the subscriptions of its store at once."""

    def __init__(self, store: EventStore, session_id: UUID) -> None:
        super().__init__(store.data_dir, session_id)
        self._store = store

    def _has_listeners(self) -> bool:
        return bool(self._store.subscriptions) or super()._has_listeners()

    def _append(self, event: EventBase) -> bool:
        with self._store.ordering:  # until they expect it, a subscription must not take the copy
            appended = self._log.append(event)
            if appended is None:
                return False
            stored, writer_id, seq = appended
            subscriptions = self._store.subscriptions
            for subscription in subscriptions:
                subscription.expect(writer_id, seq)
        self._tell(stored)
        for subscription in subscriptions:
            subscription.hand_over(stored)
        return True


_stores: "weakref.WeakSet[EventStore]" = weakref.WeakSet()


def _forget_subscriptions() -> None:
    # They are the parent's, which has their threads; and somebody may have held the lock.
    for store in _stores:
        store.ordering = threading.RLock()
        store.subscriptions = ()


os.register_at_fork(after_in_child=_forget_subscriptions)
