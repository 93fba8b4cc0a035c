# SPDX-License-Identifier: Apache-2.0
"""Samples that the daemon pushes."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from litmus.data.channels.models import ChannelSample
from litmus.data.daemon_client import DaemonClient
from litmus.data.daemon_stream import DaemonStream

if TYPE_CHECKING:
    from pyarrow import flight

_KINDS = ("value", "value_bool", "value_text", "samples")


class ChannelStream(DaemonStream[ChannelSample]):
    """The samples of one subscription, per channel and writer in the order of their rows.

    Args:
        daemon: who is asked.
        wanted: what is followed, as in a Flight ticket.
    """

    def __init__(self, daemon: DaemonClient, wanted: dict[str, Any]) -> None:
        self._wanted = wanted
        self._cursor: dict[str, Any] | None = None
        super().__init__(daemon, {"follow": wanted})

    def request_to_go_on(self) -> dict[str, Any]:
        cursor = {} if self._cursor is None else {"cursor": self._cursor}
        return {"follow": self._wanted | cursor}

    def items_of(self, chunk: "flight.FlightStreamChunk") -> Iterator[ChannelSample]:
        if chunk.data is None:
            return
        for row in chunk.data.to_pylist():
            if self._cursor is not None:
                self._cursor["recordings"][row["recording"]] = row["seq"]
            yield _sample(row)

    def _keep(self, reader: "flight.FlightStreamReader") -> None:
        super()._keep(reader)
        if self._cursor is None:
            self._cursor = json.loads(reader.schema.metadata[b"litmus.cursor"])


def _sample(row: dict[str, Any]) -> ChannelSample:
    value = next((row[kind] for kind in _KINDS if row[kind] is not None), None)
    if row["fields"] is not None:
        value = json.loads(row["fields"])
    return ChannelSample(
        row["channel_id"],
        row["timestamp"],
        value,
        row["units"],
        row["sample_interval"],
        row["source_method"],
        row["direction"],
        row["session_id"],
    )
