# SPDX-License-Identifier: Apache-2.0
"""Events that the daemon pushes, over one connection after another."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litmus.data.daemon_client import DaemonClient
from litmus.data.grpc_calls import grpc_call, register
from litmus.errors import LitmusError

if TYPE_CHECKING:
    from pyarrow import flight

_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 2.0


@dataclass(frozen=True, slots=True)
class StreamedEvent:
    """An event on its way to a subscriber."""

    writer_id: str
    seq: int
    """Number of the event at its writer."""
    json: str
    """The whole event."""


class EventStream:
    """The events of one subscription: each once, per writer in the order of emission.

    Goes on behind the last one when the daemon is replaced or dies, and in the parent after a fork.
    One thread iterates, any thread may close it.

    Args:
        data_dir: the data directory.
        request: what is subscribed to, as in a Flight ticket.
        now: ISO 8601; without a replay nothing later is missed.

    Raises:
        InvalidArgumentError: the request cannot be used.
        UnavailableError: there is no daemon, and none can be started.
    """

    def __init__(self, data_dir: Path, request: dict[str, Any], now: str) -> None:
        self._daemon = DaemonClient.of(data_dir)
        self._request = request
        self._advancing = threading.Lock()
        start: dict[str, Any] = {
            "version": 1,
            "from": now if request["replay"] == "none" else None,
            "writers": {},
        }
        self._cursor: dict[str, Any] = start | request.get("cursor", {})
        self._caught_up = False
        self._closed = threading.Event()
        self._reader: flight.FlightStreamReader | None = None
        register(self)
        self._daemon.subscribe(request, self._keep)

    @property
    def caught_up(self) -> bool:
        """Everything from before the subscription has been given."""
        return self._caught_up

    def cursor(self) -> dict[str, Any]:
        """Up to which event all have been given, that one included."""
        with self._advancing:
            return self._cursor | {"writers": dict(self._cursor["writers"])}

    def __iter__(self) -> Iterator[StreamedEvent]:
        """Waits for events, and for a daemon if need be, until the stream is closed."""
        pause = _FIRST_PAUSE_S
        while not self._closed.is_set():
            if chunk := self._read_chunk():
                pause = _FIRST_PAUSE_S
                yield from self._events_of(chunk)
                continue
            self._closed.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
            self._connect_again()
        self.let_go()

    def close(self) -> None:
        self._closed.set()
        self.cut()

    def cut(self) -> None:
        reader = self._reader
        if reader is not None:
            reader.cancel()

    def let_go(self) -> None:
        self._reader = None

    def _keep(self, reader: "flight.FlightStreamReader") -> None:
        self._reader = reader

    def _connect_again(self) -> None:
        if self._closed.is_set():
            return
        with suppress(LitmusError):  # another try follows
            self._daemon.subscribe(self._request | {"cursor": self.cursor()}, self._keep)

    def _read_chunk(self) -> "flight.FlightStreamChunk | None":
        """None when the stream was cut, or the daemon stops or is gone."""
        with grpc_call():
            reader = self._reader
            try:
                if reader is None or self._closed.is_set():
                    return None
                return reader.read_chunk()
            except Exception:
                self._reader = None
                return None
            finally:
                reader = None  # a fork must find no other reference

    def _events_of(self, chunk: "flight.FlightStreamChunk") -> Iterator[StreamedEvent]:
        if chunk.data is not None:
            columns = (chunk.data[name].to_pylist() for name in ("writer_id", "seq", "json"))
            for row in zip(*columns, strict=True):
                event = StreamedEvent(*row)
                with self._advancing:
                    self._cursor["writers"][event.writer_id] = event.seq
                yield event
        if chunk.app_metadata is not None:
            told = json.loads(chunk.app_metadata.to_pybytes())
            with self._advancing:
                self._cursor = told.get("cursor", self._cursor)
                self._caught_up = self._caught_up or told.get("caught_up", False)
