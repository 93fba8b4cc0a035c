# SPDX-License-Identifier: Apache-2.0
"""Talking to a bench from a script or a notebook, with everything on record.

with connect("bench_1", mock=True) as station:
    dmm = station.instrument("dmm")
    print(dmm.measure_voltage())
"""

import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid4

from litmus import _core
from litmus.closing import EndedByWith, is_stop
from litmus.data.channels.store import ChannelStore
from litmus.data.data_dir import resolve_data_dir
from litmus.data.event_dict import event_as_dict
from litmus.data.event_log import EventLog
from litmus.data.event_store import EventStore
from litmus.data.event_subscription import EventCallback
from litmus.data.events import DiagnosticError, InstrumentConfigure, SessionEnded, SessionStarted
from litmus.data.moments import Moment
from litmus.data.outcomes import Outcome
from litmus.data.session_files import SessionFiles
from litmus.errors import InvalidArgumentError
from litmus.instruments.pool import InstrumentPool
from litmus.instruments.remote import shared_roles
from litmus.instruments.routes import Record, RouteManager
from litmus.instruments.server import InstrumentServer
from litmus.problems import warn
from litmus.session_end import unwatch, watch
from litmus.slots import wait_at_barrier
from litmus.station import StationConfig, load_station

__all__ = ["StationConnection", "connect"]


def connect(
    station: str | None = None,
    *,
    data_dir: str | os.PathLike[str] | None = None,
    mock: bool = False,
) -> "StationConnection":
    """A connection to a station; nothing is opened before `start()` or `with`.

    Args:
        station: its id, or a `.yaml` file; without one that whose `hostname` is this machine, else
            `default_station` of the `litmus.yaml`.
        data_dir: the data directory, found as `resolve_data_dir` does.
        mock: simulate all instruments. `LITMUS_MOCK_INSTRUMENTS=1` and `mock_instruments` in the
            `litmus.yaml` do the same.

    Raises:
        NotFoundError: there is no such station; the text names the places.
        InvalidArgumentError: a file is broken, or there is no default station.
    """
    return StationConnection(load_station(station), resolve_data_dir(data_dir), mock)


class StationConnection(EndedByWith):
    """A session at a station. Any thread may use it.

    `with` starts and stops it: as passed, as terminated (Ctrl-C, SystemExit), or as errored.
    """

    def __init__(self, config: StationConfig, data_dir: Path, mock: bool) -> None:
        self.session_id: UUID = uuid4()
        self.config = config
        self._data_dir = data_dir
        project = _core.find_project()
        settings: dict[str, Any] = project[1] if project else {}
        self._mock = mock or _mock_by_environment(settings)
        self._strict_identity = bool(settings.get("strict_identity"))
        self._changing = threading.RLock()
        self._pool: InstrumentPool | None = None
        self._server: InstrumentServer | None = None
        self._routes: list[RouteManager] = []
        self.event_store: EventStore | None = None
        self.event_log: EventLog | None = None
        self.channel_store: ChannelStore | None = None

    def start(self) -> None:
        """Opens the stores and emits `session.started`; does nothing when started."""
        with self._changing:
            if self._pool is not None:
                return
            _core.start_daemon_in_background(self._data_dir)
            store = EventStore(_data_dir=self._data_dir)
            log = store.get_event_log(self.session_id)
            channels = ChannelStore(self._data_dir, self.session_id)
            channels.open()
            self.event_store, self.event_log, self.channel_store = store, log, channels
            self._pool = InstrumentPool(
                self.config,
                self.session_id,
                log.emit,
                channels,
                SessionFiles(self._data_dir, self.session_id).store,
                mock=self._mock,
                strict_identity=self._strict_identity,
                shared=shared_roles(),
            )
            log.emit(self._started_event())
            watch(self)

    def stop(self, outcome: str = "passed") -> None:
        """Releases the instruments, emits `session.ended`, closes the stores; nothing when stopped.

        Args:
            outcome: of the session.
        """
        ended = Outcome(outcome)
        with self._changing:
            pool, log = self._pool, self.event_log
            if pool is None or log is None:
                return
            unwatch(self)
            for routes in self._routes:
                routes.make_safe()
            self._routes.clear()
            if self._server is not None:
                self._server.close()
                self._server = None
            pool.release_all()
            self._pool = None
            if self.channel_store is not None and (lost := self.channel_store.samples_lost):
                log.emit(
                    DiagnosticError(
                        source="channels",
                        message=f"{lost} samples of this session could not be stored",
                        details={"samples_lost": lost},
                    )
                )
            log.emit(SessionEnded(outcome=ended))
            for store in (self.channel_store, self.event_store):
                if store is not None:
                    store.close()
            self.event_store = self.event_log = self.channel_store = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def _leave(self, error: BaseException | None) -> None:
        if error is None:
            self.stop()
        else:
            self.stop("terminated" if is_stop(error) else "errored")

    @property
    def instruments(self) -> dict[str, Any]:
        """The connected instruments by role."""
        pool = self._pool
        return {role: each.proxy for role, each in pool.connected.items()} if pool else {}

    def instrument(self, role: str, timeout: float = 0) -> Any:
        """The instrument of the role, connected and observed; always the same object.

        Args:
            role: of the station.
            timeout: seconds to wait while another session has it.

        Raises:
            NotFoundError: a KeyError: the station has no such role; the text lists them.
            ResourceInUse: another session has it; the text names it.
            UnavailableError: it cannot be connected.
            IdentityMismatchError: it is another one, and `strict_identity` is set.
        """
        return self._started()[0].connect(role, timeout)

    def release(self, role: str) -> None:
        """Disconnects and unlocks it; a role that is not connected is ignored."""
        if self._pool is not None:
            self._pool.release(role)

    def configure(self, role: str, method: str, **parameters: Any) -> None:
        """Records that an instrument was configured by other means than its driver.

        Args:
            role: of the station.
            method: what was done.
            parameters: by name; those that are None are left out.
        """
        config = self.config.instruments.get(role)
        given = {name: value for name, value in parameters.items() if value is not None}
        self._started()[1].emit(
            InstrumentConfigure(
                instrument_role=role,
                method=method,
                parameters=given,
                resource=(config.resource if config else None) or "",
            )
        )

    def routes(self, connections: Mapping[str, Record]) -> RouteManager:
        """The wiring of a fixture through the station's switches, which are opened when the session
        ends, however it ends.

        Args:
            connections: by name, as in a fixture: `{"instrument": "dmm", "dut_pin": "VOUT",
                "route": {"switch": "mux", "channels": ["101"]}}`.
        """
        pool, log, _ = self._started()
        routes = RouteManager(pool, log.emit, connections)
        self._routes.append(routes)
        return routes

    def events(
        self, *, event_type: str | Sequence[str] | None = None, role: str | None = None
    ) -> list[dict[str, Any]]:
        """The events of this session as dicts, oldest first; none when it is not started.

        Args:
            event_type: tag, beginning of one with `*` at its end (`instrument.*`), or several.
            role: of the instrument.
        """
        if self.event_log is None:
            return []
        return [event_as_dict(e) for e in self.event_log.events(event_type=event_type, role=role)]

    def on_event(
        self,
        callback: EventCallback,
        *,
        event_type: str | Sequence[str] | None = None,
        role: str | None = None,
        since: Moment | None = None,
    ) -> Callable[[], object]:
        """Calls back with each event of this session, past ones first, then as they come.

        Returns:
            The subscription: calling it ends it.

        Raises:
            RuntimeError: the session is not started.
        """
        if self.event_store is None:
            raise RuntimeError("on_event: the session is not started: use start() or `with`")
        return self.event_store.on_event(
            callback, event_type=event_type, role=role, session_id=self.session_id, since=since
        )

    def observe(
        self,
        key: str,
        value: Any,
        *,
        units: str | None = None,
        sample_interval: float | None = None,
    ) -> str | None:
        """Appends a value of the script's own to the channel `key`.

        Args:
            key: id of the channel.
            value: number, text, boolean, array, waveform or mapping.
            units: of the value.
            sample_interval: of an array, in seconds.

        Returns:
            The reference `channel://...`; None if it could not be stored, which is warned about.

        Raises:
            InvalidArgumentError: the key or the value cannot be stored.
        """
        return self._started()[2].write(
            key, value, units=units, sample_interval=sample_interval, source="observe"
        )

    def sync(self, name: str, timeout: float | None = None) -> None:
        """Waits until all slots of a session with several DUTs are here; at once with one DUT.

        Raises:
            SyncError: they are not within `timeout` seconds.
        """
        wait_at_barrier(self._started()[1].emit, name, timeout)

    def start_instrument_server(self, roles: Sequence[str] | None = None) -> str:
        """Shares connected instruments with other processes of this user; again: the same address.

        Args:
            roles: which; connected if they are not. Without them: all that are connected.

        Returns:
            The address, `127.0.0.1:port`, for `litmus.instruments.remote.remote_instrument`.

        Raises:
            ValueError: there is none to share.
        """
        pool = self._started()[0]
        with self._changing:
            if self._server is None:
                wanted = list(pool.connected) if roles is None else list(roles)
                if not wanted:
                    raise InvalidArgumentError(
                        "start_instrument_server: expected connected instruments or roles, found none"
                    )
                for role in wanted:
                    pool.connect(role)
                self._server = InstrumentServer({role: pool.connected[role] for role in wanted})
            return self._server.address

    @property
    def instrument_server_address(self) -> str | None:
        """`127.0.0.1:port`; None without a server."""
        return self._server.address if self._server else None

    def _started(self) -> tuple[InstrumentPool, EventLog, ChannelStore]:
        self.start()
        pool, log, channels = self._pool, self.event_log, self.channel_store
        assert pool is not None
        assert log is not None
        assert channels is not None
        return pool, log, channels

    def _started_event(self) -> SessionStarted:
        host, pid, started_at, program = _core.this_process()
        return SessionStarted(
            session_type="interactive",
            station_id=self.config.id,
            station_name=self.config.name,
            station_type=self.config.station_type,
            station_location=self.config.location,
            station_hostname=host,
            pid=pid,
            client="jupyter" if "ipykernel" in sys.modules else program,
            host=host,
            process_started_at=started_at,
        )


def _mock_by_environment(settings: dict[str, Any]) -> bool:
    text = os.environ.get("LITMUS_MOCK_INSTRUMENTS", "")
    if text not in ("", "0", "1"):
        warn(f"LITMUS_MOCK_INSTRUMENTS: expected 1 or 0, found {text!r}; it is passed over")
        text = ""
    return text == "1" if text else bool(settings.get("mock_instruments"))
