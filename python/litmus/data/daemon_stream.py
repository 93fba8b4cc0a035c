# SPDX-License-Identifier: Apache-2.0
"""What the daemon pushes, over one connection after another."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from litmus.data.daemon_client import DaemonClient
from litmus.data.grpc_calls import grpc_call, register
from litmus.errors import LitmusError

if TYPE_CHECKING:
    from pyarrow import flight

_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 2.0

T = TypeVar("T")


class DaemonStream(ABC, Generic[T]):
    """An endless answer of the daemon, item by item, each once.

    Goes on behind the last one when the daemon is replaced or dies, and in the parent after a fork.
    One thread iterates, any thread may close it.

    Args:
        daemon: who is asked.
        request: the ticket.

    Raises:
        InvalidArgumentError: the request cannot be used.
        UnavailableError: there is no daemon, and none can be started.
    """

    def __init__(self, daemon: DaemonClient, request: dict[str, Any]) -> None:
        self._daemon = daemon
        self._closed = threading.Event()
        self._reader: flight.FlightStreamReader | None = None
        register(self)
        self._daemon.follow(request, self._keep)

    @abstractmethod
    def request_to_go_on(self) -> dict[str, Any]:
        """The ticket for what comes behind the last item."""

    @abstractmethod
    def items_of(self, chunk: "flight.FlightStreamChunk") -> Iterator[T]:
        """The items of a part of the answer. One that was taken is not asked for again."""

    def __iter__(self) -> Iterator[T]:
        """Waits for items, and for a daemon if need be, until the stream is closed."""
        pause = _FIRST_PAUSE_S
        while not self._closed.is_set():
            if chunk := self._read_chunk():
                pause = _FIRST_PAUSE_S
                yield from self.items_of(chunk)
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
            self._daemon.follow(self.request_to_go_on(), self._keep)

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
