# SPDX-License-Identifier: Apache-2.0
"""Events that the daemon pushes."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litmus.data.daemon_client import DaemonClient
from litmus.data.daemon_stream import DaemonStream

if TYPE_CHECKING:
    from pyarrow import flight


@dataclass(frozen=True, slots=True)
class StreamedEvent:
    """An event on its way to a subscriber."""

    writer_id: str
    seq: int
    """Number of the event at its writer."""
    json: str
    """The whole event."""


class EventStream(DaemonStream[StreamedEvent]):
    """The events of one subscription, per writer in the order of emission.

    Args:
        data_dir: the data directory.
        request: what is subscribed to, as in a Flight ticket.
        now: ISO 8601; without a replay nothing later is missed.
    """

    def __init__(self, data_dir: Path, request: dict[str, Any], now: str) -> None:
        self._request = request
        self._advancing = threading.Lock()
        start: dict[str, Any] = {
            "version": 1,
            "from": now if request["replay"] == "none" else None,
            "writers": {},
        }
        self._cursor: dict[str, Any] = start | request.get("cursor", {})
        self._caught_up = False
        super().__init__(DaemonClient.of(data_dir), {"subscribe": request})

    @property
    def caught_up(self) -> bool:
        """Everything from before the subscription has been given."""
        return self._caught_up

    def cursor(self) -> dict[str, Any]:
        """Up to which event all have been given, that one included."""
        with self._advancing:
            return self._cursor | {"writers": dict(self._cursor["writers"])}

    def request_to_go_on(self) -> dict[str, Any]:
        return {"subscribe": self._request | {"cursor": self.cursor()}}

    def items_of(self, chunk: "flight.FlightStreamChunk") -> Iterator[StreamedEvent]:
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
