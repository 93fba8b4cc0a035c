# SPDX-License-Identifier: Apache-2.0
"""Samples as they are recorded, whoever records them."""

import threading
from collections.abc import Callable, Iterator

import pyarrow as pa

from litmus import _core
from litmus.data.channels.models import ChannelSample
from litmus.problems import warn

_PATIENCE_S = 0.2  # how long ending a subscription may take
_BESIDE_VALUE = ("timestamp", "sample_interval", "units", "direction", "source_method")
_NO_VALUE = (*_BESIDE_VALUE, "session_id", "seq", "crc")


class ChannelSubscription:
    """A thread that gives what the follower finds to a callback."""

    def __init__(
        self, follower: _core.ChannelFollower, callback: Callable[[ChannelSample], object]
    ) -> None:
        self._follower = follower
        self._callback = callback
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="litmus-channels", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.is_set():
            for channel_id, session_id, rows in self._follower.read(_PATIENCE_S):
                for sample in _samples(channel_id, session_id, pa.table(rows)):
                    if self._ended.is_set():
                        return
                    try:
                        self._callback(sample)
                    except Exception as error:
                        warn(f"a callback for channel {channel_id} has raised {error!r}")


def _samples(channel_id: str, session_id: str, table: pa.Table) -> Iterator[ChannelSample]:
    names = [name for name in table.column_names if name not in _NO_VALUE]
    for row in table.to_pylist():
        value: object = {name: row[name] for name in names}
        if names in (["value"], ["samples"]):
            value = row[names[0]]
        timestamp, interval, units, direction, method = map(row.get, _BESIDE_VALUE)
        yield ChannelSample(
            channel_id, timestamp, value, units, interval, method, direction, session_id
        )
