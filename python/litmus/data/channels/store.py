# SPDX-License-Identifier: Apache-2.0
"""The channel store: samples of a session in, samples of all sessions out."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from uuid import UUID

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike

from litmus import _core
from litmus.data.channels.models import ChannelDescriptor, ChannelSample
from litmus.data.channels.subscription import ChannelSubscription
from litmus.data.data_dir import resolve_data_dir
from litmus.data.ref import as_samples
from litmus.errors import InvalidArgumentError
from litmus.problems import warn


class ChannelStore:
    """Writes the samples of one session, from any thread, and reads those of all.

    When `write` has returned a reference, the sample survives the death of the process. What cannot
    be stored (disk full) gets None; it is counted, warned about, and marked by a row without value.
    After a fork the child writes segments of its own. `with` opens and closes the store.

    Args:
        data_dir: the data directory, found as `resolve_data_dir` does.
        session_id: of the session that writes.
    """

    def __init__(self, data_dir: str | os.PathLike[str] | None, session_id: UUID | str) -> None:
        self._data_dir = resolve_data_dir(data_dir)
        self._session_id = session_id if isinstance(session_id, UUID) else UUID(session_id)
        self._problems = _core.Problems()
        self._store: _core.ChannelStore | None = None

    @property
    def data_dir(self) -> Path:
        return self._data_dir

    @property
    def session_id(self) -> UUID:
        return self._session_id

    @property
    def samples_lost(self) -> int:
        """Samples that could not be stored."""
        return 0 if self._store is None else self._store.samples_lost

    def open(self) -> None:
        """Recovers what dead processes have left. The first call of any other method opens, too."""
        self._opened()

    def close(self) -> None:
        """Ends the segments, all of it on stable storage; may be called again."""
        if self._store is not None:
            self._store.close()
            self._warn()

    def flush(self) -> None:
        """Returns when everything written is in the segments, on stable storage.

        Raises:
            IoError: it cannot be.
        """
        if self._store is not None:
            self._store.flush()
            self._warn()

    def write(
        self,
        channel_id: str,
        value: object,
        *,
        units: str | None = None,
        sample_interval: float | None = None,
        source: str = "observe",
        instrument_role: str = "",
        resource: str = "",
        direction: Literal["read", "set", "observe"] = "observe",
        timestamp: datetime | str | None = None,
    ) -> str | None:
        """Appends one sample: a number, a bool, a text, a waveform, or a mapping.

        Lists, tuples and arrays of numbers are one capture, a pair `(samples, dt)` as well. Integers
        are stored as floats, exactly up to 2**53.

        Args:
            source: the method or attribute that gave the value.
            timestamp: of the sample, of the first one for a waveform; now if not given.

        Returns:
            `channel://{channel_id}/{session_id}/{row}`; None if it could not be stored.

        Raises:
            InvalidArgumentError: the id cannot be one, or the value is none of these.
        """
        store = self._store or self._opened()
        kind = type(value)
        texts = (units, source, direction, instrument_role, resource, timestamp)
        if kind is float or kind is int:
            uri = store.write_number(channel_id, value, *texts)  # type: ignore[arg-type]
        elif kind is bool or isinstance(value, np.bool_):
            uri = store.write_bool(channel_id, bool(value), *texts)
        elif isinstance(value, str):
            uri = store.write_text(channel_id, value, *texts)
        elif isinstance(value, Mapping):
            uri = store.write_map(channel_id, value, *texts)
        elif (capture := as_samples(value)) is not None:
            interval = sample_interval if sample_interval is not None else capture.sample_interval
            uri = store.write_waveform(channel_id, capture.samples, interval or 0.0, *texts)
        elif _core.is_number(value) and not _has_length(value):
            uri = store.write_number(channel_id, float(value), *texts)  # type: ignore[arg-type]
        else:
            raise InvalidArgumentError(
                f"channel {channel_id}: expected a number, a bool, a text, a list or array of "
                f"numbers or a mapping, found {kind.__name__}; store it as a file and write "
                "its reference"
            )
        self._warn()
        return uri

    def write_block(
        self,
        channel_id: str,
        values: ArrayLike,
        *,
        timestamps: ArrayLike | Sequence[datetime] | None = None,
        t0: datetime | str | None = None,
        sample_interval: float = 0.0,
        units: str | None = None,
        source: str = "observe",
        instrument_role: str = "",
        resource: str = "",
        direction: Literal["read", "set", "observe"] = "observe",
    ) -> str | None:
        """Appends many samples of one channel, each a row of its own.

        Args:
            values: numbers; an array of float64 is not copied.
            timestamps: one for each, as datetimes (naive: UTC), NumPy's or microseconds since 1970.
            t0: without timestamps: of the first, the others follow every `sample_interval` seconds.

        Returns:
            The reference of the first row; None if not all of them could be stored.
        """
        store = self._store or self._opened()
        texts = (units, source, direction, instrument_role, resource, t0)
        numbers = np.ascontiguousarray(values, dtype=np.float64)
        times = None if timestamps is None else _microseconds(timestamps)
        uri = store.write_block(channel_id, numbers, times, sample_interval, *texts)
        self._warn()
        return uri

    def query(
        self,
        channel_id: str,
        *,
        session_id: UUID | str | None = None,
        start: datetime | str | None = None,
        end: datetime | str | None = None,
        last_n: int | None = None,
        max_points: int | None = None,
        mode: Literal["lttb", "minmax"] = "lttb",
        order: Literal["asc", "desc"] = "asc",
        expand: bool = False,
    ) -> pa.Table:
        """Rows of a channel in time order, of all processes, up to this moment.

        Args:
            session_id: whole, or its first 8 characters.
            start, end: both inclusive; without a time zone: UTC.
            last_n: the last rows in time.
            max_points: thinned to so many rows (at least 3) by largest triangles, or to the smallest
                and the largest of equal parts with `mode="minmax"`. Rows without value stay as marks.
            expand: the samples of the one selected waveform, as rows with `offset_s` and `value`.

        Returns:
            A table, empty for a channel that is not known. What is damaged is warned about.
        """
        if mode not in ("lttb", "minmax") or order not in ("asc", "desc"):
            raise InvalidArgumentError(
                f"query: expected mode lttb or minmax and order asc or desc, found {mode}, {order}"
            )
        store = self._store or self._opened()
        session = None if session_id is None else str(session_id)
        rows, damages = store.query(
            channel_id, session, start, end, last_n, max_points, mode == "minmax", expand,
            order == "desc",
        )  # fmt: skip
        for damage in damages:
            warn(damage)
        return pa.table(rows)

    def resolve(self, uri: str) -> pa.Table:
        """The row of a reference, or the rows of one that names no row.

        Raises:
            InvalidArgumentError: it is no reference to a channel.
            NotFoundError: there is no such row.
        """
        return pa.table((self._store or self._opened()).resolve(uri))

    def on_channel(
        self,
        channel_id: str | None,
        callback: Callable[[ChannelSample], object],
        *,
        role: str | None = None,
        session_id: UUID | str | None = None,
        with_stored: bool = False,
    ) -> Callable[[], None]:
        """Calls back, on a thread of its own, with each sample that any process of this machine
        records from now on, some 30 ms after it was written.

        What is not delivered yet waits in the files: a slow callback is late, but misses nothing.
        What it raises is warned about.

        Args:
            channel_id: a channel, the beginning of several with `*` at its end, or None for all.
            role: of the instrument, else what stands before the first dot of the id.
            with_stored: first the samples that are stored already.

        Returns:
            A function that ends the subscription; the callback is not called any more then.
        """
        session = None if session_id is None else str(session_id)
        follower = _core.ChannelFollower(self._data_dir, channel_id, role, session, with_stored)
        return ChannelSubscription(follower, callback).close

    def list_channel_info(self) -> list[ChannelDescriptor]:
        """All channels of the data directory."""
        channels = (self._store or self._opened()).list_channels()
        return [ChannelDescriptor(**fields) for fields in channels]

    def get_channel_schema(self, channel_id: str) -> pa.Schema:
        """The columns that `query` gives for the channel."""
        return self.query(channel_id, last_n=0).schema

    def list_channel_refs(
        self, date_dirs: Iterable[str | os.PathLike[str]]
    ) -> set[tuple[str, str]]:
        """Which channels of which sessions (first 8 characters) have segments in date folders.

        Args:
            date_dirs: folders, or their names below `channels/`.
        """
        found = set()
        for date_dir in date_dirs:
            for file in (self._data_dir / "channels" / date_dir).glob("*.arrow"):
                parts = _core.parse_channel_file_name(file.name)
                if parts is not None:
                    found.add(parts)
        return found

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _opened(self) -> _core.ChannelStore:
        if self._store is None:
            self._store = _core.ChannelStore(self._data_dir, self._session_id, self._problems)
        return self._store

    def _warn(self) -> None:
        if self._problems.waiting:
            for problem in self._problems.take():
                warn(problem)


def _has_length(value: object) -> bool:
    return getattr(value, "ndim", 0) > 0


def _microseconds(
    timestamps: ArrayLike | Sequence[datetime],
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    array = np.asarray(timestamps)
    if array.dtype == object:  # datetimes
        array = pa.array(timestamps, pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy()
    elif array.dtype.kind == "M":
        array = array.astype("datetime64[us]").astype(np.int64)
    return np.ascontiguousarray(array, dtype=np.int64)
