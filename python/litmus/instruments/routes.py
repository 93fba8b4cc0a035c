# SPDX-License-Identifier: Apache-2.0
"""Paths through switches: closed while they are needed, never two that exclude each other."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Any, Protocol

from litmus.data.events import EventBase, RouteClosed, RouteOpened
from litmus.errors import BusyError, ConflictError, NotFoundError
from litmus.instruments.holds import Hold
from litmus.instruments.switch import require_switch
from litmus.problems import warn

_LOCK_TIMEOUT_S = 30.0
Record = Mapping[str, Any]


class RouteConflictError(ConflictError):
    """Two routes need the same channel."""


class Bench(Protocol):
    """The instruments by role: an `InstrumentPool`."""

    def connect(self, role: str) -> Any:
        """The instrument."""

    def hold(self, role: str) -> Hold:
        """What keeps others from it."""


class _Active:
    """A route that is closed, with what it keeps."""

    def __init__(self, record: Record, keeping: ExitStack) -> None:
        self.record = record
        self.keeping = keeping
        self.name = str(record["name"])
        self.switch = str(record["route"]["switch"])
        self.channels = _channels(record)


class RouteManager:
    """The routes of one session, used from one thread. As long as one is closed, others wait for its
    instrument and its switch, in whatever process they are.

    Args:
        bench: the instruments.
        emit: takes the events `route.closed` and `route.opened`.
        connections: of the fixture, by name: `name`, `instrument`, `instrument_channel`, `dut_pin`,
            `route: {switch, channels, settling_ms}`. Channels are the switch's own texts.
    """

    def __init__(
        self, bench: Bench, emit: Callable[[EventBase], object], connections: Mapping[str, Record]
    ) -> None:
        self.connections = {name: {"name": name, **each} for name, each in connections.items()}
        self._bench = bench
        self._emit = emit
        self._active: list[_Active] = []
        self._switches: list[str] = []

    def activate(self, record: Record) -> None:
        """Closes the route of a connection; nothing if it has none, or is closed. Returns when it has
        settled.

        Raises:
            RouteConflictError: another route is in its way; the text names both.
            BusyError: somebody else keeps the instrument or the switch, for 30 s already.
            TypeError: the role is no switch; the text says what it lacks.
        """
        route = record.get("route")
        if not route or self.is_active(record):
            return
        self._refuse_conflict(record)
        role = str(route["switch"])
        switch = require_switch(role, self._bench.connect(role))
        with ExitStack() as keeping:
            self._keep(str(record["instrument"]), keeping)  # always before the switch
            self._keep(role, keeping)
            if role not in self._switches:
                self._switches.append(role)
            try:
                switch.close_channels(_channels(record))
            except Exception:  # some of them may be closed
                with suppress(Exception):
                    switch.open_channels(_channels(record))
                raise
            active = _Active(record, keeping.pop_all())
        self._active.append(active)
        if settling_ms := route.get("settling_ms"):
            time.sleep(settling_ms / 1000)
        self._emit(
            RouteClosed(
                connection_name=active.name, switch_role=role, channels=list(active.channels)
            )
        )

    def deactivate(self, record: Record) -> None:
        """Opens the route of a connection, if it is closed."""
        for active in reversed(self._active):
            if active.name == record["name"]:
                self._open(active)
                return

    def is_active(self, record: Record) -> bool:
        """Whether its route is closed."""
        return any(active.name == record["name"] for active in self._active)

    def make_way(self, record: Record) -> None:
        """Opens what is in the way of a route: break before make."""
        for active in reversed(self._active.copy()):
            if active.name != record["name"] and _in_the_way(active.record, record):
                self._open(active)

    def open_all(self) -> None:
        """The end of a test: all routes, the last one first. What goes wrong is warned about, and the
        rest still opened."""
        for active in reversed(self._active.copy()):
            try:
                self._open(active)
            except Exception as error:
                warn(f"route {active.name} could not be opened: {type(error).__name__}: {error}")

    def make_safe(self) -> None:
        """The end of the session: nothing flows through any switch that was used."""
        self.open_all()
        for role in self._switches:
            try:
                self._bench.connect(role).open_all()
            except Exception as error:
                warn(f"{role}: open_all failed: {type(error).__name__}: {error}")
        self._switches.clear()

    def for_pin(self, pin: str) -> AbstractContextManager[Record]:
        """Closed inside the block.

        Raises:
            NotFoundError: no connection leads to the pin.
        """
        return self._closed(self._at_pin(pin))

    def for_connection(self, name: str) -> AbstractContextManager[Record]:
        """Closed inside the block.

        Raises:
            NotFoundError: there is no such connection.
        """
        if name not in self.connections:
            raise NotFoundError(f"the fixture has no connection {name}")
        return self._closed(self.connections[name])

    def pin(self, pin: str) -> "RoutedInstrument":
        """The instrument at the pin: each use that finds its route open closes it, after those that
        are in its way were opened.

        Raises:
            NotFoundError: no connection leads to the pin.
        """
        record = self._at_pin(pin)
        return RoutedInstrument(self._bench.connect(str(record["instrument"])), self, record)

    def _at_pin(self, pin: str) -> Record:
        for record in self.connections.values():
            if record.get("dut_pin") == pin:
                return record
        raise NotFoundError(f"no connection of the fixture leads to pin {pin}")

    @contextmanager
    def _closed(self, record: Record) -> Iterator[Record]:
        was_active = self.is_active(record)
        self.activate(record)
        try:
            yield record
        finally:
            if not was_active:
                self.deactivate(record)

    def _open(self, active: _Active) -> None:
        """What cannot be opened stays on the list: nobody else may take it for open."""
        self._bench.connect(active.switch).open_channels(active.channels)
        self._active.remove(active)
        self._emit(
            RouteOpened(
                connection_name=active.name,
                switch_role=active.switch,
                channels=list(active.channels),
            )
        )
        active.keeping.close()

    def _refuse_conflict(self, record: Record) -> None:
        for active in self._active:
            if needed := _in_the_way(active.record, record):
                raise RouteConflictError(
                    f"route {record['name']} needs {needed}, which route {active.name} has: "
                    "leave the other block or loop first"
                )

    def _keep(self, role: str, keeping: ExitStack) -> None:
        hold = self._bench.hold(role)
        if not hold.acquire(timeout=_LOCK_TIMEOUT_S):
            raise BusyError(
                f"{role}: somebody else has had a route to it for {_LOCK_TIMEOUT_S:g} s"
            )
        keeping.callback(hold.release)


class RoutedInstrument:
    """An instrument behind a switch."""

    def __init__(self, instrument: Any, routes: RouteManager, record: Record) -> None:
        object.__setattr__(self, "_litmus_route", (instrument, routes, record))

    def __getattr__(self, name: str) -> Any:
        instrument, routes, record = self._litmus_route
        if name.startswith("_"):
            return getattr(instrument, name)
        _close(routes, record)  # a property is read here
        value = getattr(instrument, name)
        if not callable(value):
            return value

        def call(*args: Any, **kwargs: Any) -> Any:
            _close(routes, record)  # it may have been opened since
            return value(*args, **kwargs)

        return call

    def __setattr__(self, name: str, value: Any) -> None:
        instrument, routes, record = self._litmus_route
        _close(routes, record)
        setattr(instrument, name, value)


def _close(routes: RouteManager, record: Record) -> None:
    routes.make_way(record)
    routes.activate(record)


def _channels(record: Record) -> list[str]:
    return [str(channel) for channel in record["route"]["channels"]]


def _in_the_way(active: Record, wanted: Record) -> str | None:
    """What both need."""
    one, other = active["route"], wanted.get("route")
    if not other:
        return None
    if one["switch"] == other["switch"]:
        common = sorted(set(_channels(active)) & set(_channels(wanted)))
        if common:
            return f"{one['switch']} channel {', '.join(common)}"
    if active["instrument"] == wanted["instrument"]:
        channel = active.get("instrument_channel")
        if channel == wanted.get("instrument_channel"):
            return f"{active['instrument']} channel {channel}" if channel else active["instrument"]
    return None
