# SPDX-License-Identifier: Apache-2.0
"""Asking the daemon of a data directory."""

import json
import sysconfig
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from litmus import _core
from litmus.data.grpc_calls import grpc_call, register
from litmus.errors import (
    BusyError,
    ConflictError,
    CorruptError,
    InvalidArgumentError,
    IoError,
    LitmusError,
    NotFoundError,
    UnauthorizedError,
    UnavailableError,
)
from litmus.problems import warn

if TYPE_CHECKING:  # importing it costs 0.3 s, and recording does not need it
    import pyarrow as pa
    from pyarrow import flight

_T = TypeVar("_T")

# A daemon that dies again and again is no passing trouble.
_MOST_ATTEMPTS = 4

# What pyarrow adds to the daemon's text.
_ADDED_BY_GRPC = ". gRPC client debug context: "
_ADDED_BY_FLIGHT = (". Detail: Unavailable", ". Detail: Unauthorized", ". Detail: Failed")

# What the daemon says of errors that Arrow has no class for.
_KINDS: dict[bytes, type[LitmusError]] = {
    b"conflict": ConflictError,
    b"corrupt": CorruptError,
    b"io": IoError,
    b"unavailable": UnavailableError,
    b"busy": BusyError,
    b"unauthorized": UnauthorizedError,
}

_core.set_litmus_executable(Path(sysconfig.get_path("scripts")) / "litmus")


class DaemonClient:
    """Asks the daemon of a data directory over Arrow Flight, from any thread.

    Starts the daemon when there is none, and connects again when it was replaced, has died, or the
    process was forked. One per process and directory: `DaemonClient.of`. Methods raise what the
    daemon raised, and UnavailableError when it cannot be reached.
    """

    _known: ClassVar[dict[Path, "DaemonClient"]] = {}

    def __init__(self, data_dir: Path | None, location: str = "") -> None:
        self._data_dir = data_dir
        self._location = location
        self._connecting = threading.Lock()
        self._flight: flight.FlightClient | None = None
        self._pid = 0
        register(self)

    @classmethod
    def of(cls, data_dir: Path) -> "DaemonClient":
        return cls._known.setdefault(data_dir, cls(data_dir))

    @classmethod
    def at(cls, location: str) -> "DaemonClient":
        """The daemon that listens there; none is started."""
        return cls(None, location)

    def location(self) -> str:
        """Where the daemon listens; it is started if need be."""
        if self._data_dir is None:
            return self._location
        address, self._pid = _core.ensure_daemon(self._data_dir)
        return address

    def query(self, name: str, parameters: dict[str, Any]) -> "pa.Table":
        """The answer to a named query; parameters that are None are left out."""
        given = {key: value for key, value in parameters.items() if value is not None}
        question = {"query": name, "parameters": given}
        return self._table(json.dumps(question, default=_refuse))

    def rows(self, name: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        """As `query`, each row with the names of the columns."""
        return to_rows(self.query(name, parameters))

    def sql(self, statement: str) -> "pa.Table":
        """The answer to one SELECT over the relations."""
        # A space, so that nothing that a user types is taken for another kind of ticket.
        is_sql = not statement.startswith("{") and len(statement.split(maxsplit=1)) > 1
        return self._table(statement if is_sql else f" {statement}")

    def run_rows(self, run_id: str) -> "pa.Table":
        """All rows of a run, running or sealed, in the columns and order of a run file."""
        return self._table(json.dumps({"run_rows": run_id}))

    def sync(self) -> None:
        """Returns when the daemon has everything that was written before the call."""
        self._ask(lambda connection: list(connection.do_action("sync")))

    def status(self) -> dict[str, Any]:
        """What `litmus daemon status` shows."""
        (answer,) = self._ask(lambda connection: list(connection.do_action("status")))
        status: dict[str, Any] = json.loads(answer.body.to_pybytes())
        return status

    def follow(
        self, request: dict[str, Any], keep: Callable[["flight.FlightStreamReader"], None]
    ) -> None:
        """Gives the endless stream of a request to `keep`; each use of it is a `grpc_call`."""
        ticket = json.dumps(request)
        self._ask(lambda connection: keep(_get(connection, ticket)))

    def channel_rows(self, ticket: str) -> "pa.Table":
        """The answer to `<channel>?key=value&...`."""
        return self._table(ticket)

    def channels(self) -> list[dict[str, Any]]:
        """What the registry of channels says of each."""
        return self._ask(
            lambda connection: [
                json.loads(info.app_metadata) for info in connection.list_flights(b"channels")
            ]
        )

    def put_samples(
        self,
        channel_id: str,
        schema: "pa.Schema",
        keep: Callable[["flight.FlightStreamWriter", "flight.FlightMetadataReader"], None],
    ) -> None:
        """Gives a stream that takes samples to `keep`; each use of it is a `grpc_call`."""

        def put(connection: "flight.FlightClient") -> None:
            from pyarrow import flight

            list(connection.do_action("status"))  # a stream does not say that nobody is there
            descriptor = flight.FlightDescriptor.for_command(channel_id.encode())
            keep(*connection.do_put(descriptor, schema))

        self._ask(put)

    def cut(self) -> None:
        """Queries come to an end by themselves."""

    def let_go(self) -> None:
        if self._flight is not None:
            self._flight.close()
            self._flight = None
        self._connecting = threading.Lock()

    def _table(self, ticket: str) -> "pa.Table":
        table = self._ask(lambda connection: _get(connection, ticket).read_all())
        for warning in json.loads((table.schema.metadata or {}).get(b"litmus.warnings", b"[]")):
            warn(warning)
        return table

    def _ask(self, question: Callable[["flight.FlightClient"], _T]) -> _T:
        """Asks again when the daemon was lost in the middle: questions change nothing."""
        for attempt in range(1, _MOST_ATTEMPTS + 1):
            self._connect()
            with grpc_call():
                connection, pid = self._flight, self._pid
                if connection is None:  # a fork came between
                    continue
                try:
                    return question(connection)
                except Exception as error:
                    raised = as_litmus_error(error)
                    if raised is None:
                        raise
                finally:
                    connection = None  # the traceback must not keep it
            if attempt == _MOST_ATTEMPTS or not self._is_lost(raised, pid):
                raise raised
            with self._connecting:
                if self._pid == pid:
                    self._flight = None
        raise UnavailableError("the daemon cannot be asked: this process forks all the time")

    def _connect(self) -> None:
        with self._connecting:
            if self._flight is not None:
                return
            address = self.location()
            import pyarrow as pa
            from pyarrow import flight

            with grpc_call():
                # Else a new connection to the same socket waits for the backoff of the old one.
                options = [("grpc.use_local_subchannel_pool", 1)]
                try:
                    self._flight = flight.connect(address, generic_options=options)
                except pa.ArrowInvalid as error:
                    raise InvalidArgumentError(
                        f"daemon: expected an address such as grpc+unix:///run/litmus.sock, "
                        f"found {address!r}"
                    ) from error

    def _is_lost(self, error: LitmusError, pid: int) -> bool:
        """Whether the daemon that gave the error is there no more."""
        if not isinstance(error, UnavailableError):
            return False
        if self._data_dir is None:
            return isinstance(error, _LostError)
        running = _core.find_daemon(self._data_dir)
        return isinstance(error, _LostError) or running is None or running[1] != pid


def to_rows(table: "pa.Table") -> list[dict[str, Any]]:
    names = table.column_names
    nothing = [None] * table.num_rows
    columns = (
        nothing if column.null_count == table.num_rows else column.to_pylist()
        for column in table.columns
    )
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _refuse(value: object) -> None:
    raise InvalidArgumentError(f"expected texts, numbers or lists of them, found {value!r}")


class _LostError(UnavailableError):
    """It was not the daemon that said so."""


def _get(connection: "flight.FlightClient", ticket: str) -> "flight.FlightStreamReader":
    from pyarrow import flight

    return connection.do_get(flight.Ticket(ticket.encode()))


def as_litmus_error(error: Exception) -> LitmusError | None:
    """The daemon's error as that of this package; None if it is none of the daemon's."""
    import pyarrow as pa
    from pyarrow import flight

    text = str(error).split(_ADDED_BY_GRPC)[0]
    for suffix in _ADDED_BY_FLIGHT:
        text = text.removesuffix(suffix)
    if isinstance(error, flight.FlightError):
        if kind := _KINDS.get(getattr(error, "extra_info", b"")):
            return kind(text)
        return _LostError(f"the daemon was lost: {text}")
    if isinstance(error, pa.ArrowInvalid):
        return InvalidArgumentError(text)
    if isinstance(error, pa.ArrowKeyError):
        return NotFoundError(text)
    return None
