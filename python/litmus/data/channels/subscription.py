# SPDX-License-Identifier: Apache-2.0
"""Samples as they are recorded, whoever records them."""

import atexit
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

from litmus import _core
from litmus.data.channels.models import ChannelSample
from litmus.problems import warn

if TYPE_CHECKING:
    import pyarrow as pa

_PATIENCE_S = 0.2  # how long ending a subscription may take
_PATIENCE_AT_EXIT_S = 2.0  # with a callback that does not return
_BESIDE_VALUE = ("timestamp", "sample_interval", "units", "direction", "source_method")
_NO_VALUE = (*_BESIDE_VALUE, "session_id", "seq", "crc")


class SampleSource(Protocol):
    """Samples as they come; ends soon after it was closed, by any thread."""

    def __iter__(self) -> Iterator[ChannelSample]: ...

    def close(self) -> None: ...


class ChannelSubscription:
    """A thread that gives samples to a callback."""

    def __init__(self, source: SampleSource, callback: Callable[[ChannelSample], object]) -> None:
        self._source = source
        self._callback = callback
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="litmus-channels", daemon=True)
        self._thread.start()
        _open.add(self)

    def close(self, patience_s: float | None = None) -> None:
        _open.discard(self)
        self._ended.set()
        self._source.close()
        if threading.current_thread() is not self._thread:
            self._thread.join(patience_s)

    def _run(self) -> None:
        for sample in self._source:
            if self._ended.is_set():
                return
            try:
                self._callback(sample)
            except Exception as error:
                warn(f"a callback for channel {sample.channel_id} has raised {error!r}")


_open: "weakref.WeakSet[ChannelSubscription]" = weakref.WeakSet()


def _close_all() -> None:
    """A thread that is still in the core when the interpreter ends takes the process with it."""
    for subscription in list(_open):
        subscription.close(_PATIENCE_AT_EXIT_S)


atexit.register(_close_all)


class FollowedFiles:
    """The samples that come into the segments of a data directory."""

    def __init__(self, follower: _core.ChannelFollower) -> None:
        self._follower = follower
        self._ended = threading.Event()

    def __iter__(self) -> Iterator[ChannelSample]:
        import pyarrow as pa

        while not self._ended.is_set():
            for channel_id, session_id, rows in self._follower.read(_PATIENCE_S):
                yield from _samples(channel_id, session_id, pa.table(rows))

    def close(self) -> None:
        self._ended.set()


def _samples(channel_id: str, session_id: str, table: "pa.Table") -> Iterator[ChannelSample]:
    names = [name for name in table.column_names if name not in _NO_VALUE]
    for row in table.to_pylist():
        value: object = {name: row[name] for name in names}
        if names in (["value"], ["samples"]):
            value = row[names[0]]
        timestamp, interval, units, direction, method = map(row.get, _BESIDE_VALUE)
        yield ChannelSample(
            channel_id, timestamp, value, units, interval, method, direction, session_id
        )
