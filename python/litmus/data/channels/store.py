# SPDX-License-Identifier: Apache-2.0
"""The channel store: samples of a session in, samples of all sessions out."""

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self
from uuid import UUID

from litmus import _core
from litmus.closing import ClosedByWith
from litmus.data.channels.models import ChannelDescriptor, ChannelSample
from litmus.data.channels.sample_value import as_sample_value
from litmus.data.channels.subscription import ChannelSubscription, FollowedFiles
from litmus.data.daemon_client import DaemonClient
from litmus.data.data_dir import resolve_data_dir
from litmus.data.ref import without_mask
from litmus.errors import InvalidArgumentError
from litmus.problems import warn

if TYPE_CHECKING:  # importing them costs 0.3 s, and writing scalars does not need them
    import numpy as np
    import pyarrow as pa
    from numpy.typing import ArrayLike

_WRITERS: dict[str, Callable[..., str | None]] = {
    "value": _core.ChannelStore.write_number,
    "value_bool": _core.ChannelStore.write_bool,
    "value_text": _core.ChannelStore.write_text,
    "fields": _core.ChannelStore.write_map,
}


class ChannelStore(ClosedByWith):
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
            timestamp: of the sample, of the first one for a waveform; if not given, the `t0` of a
                `Waveform` that is a time since 1970, else now.

        Returns:
            `channel://{channel_id}/{session_id}/{row}`; None if it could not be stored.

        Raises:
            InvalidArgumentError: the id cannot be one, or the value is none of these.
        """
        store = self._store or self._opened()
        texts = (units, source, direction, instrument_role, resource)
        if type(value) is float:  # as most are
            uri = store.write_number(channel_id, value, *texts, timestamp)
        else:
            kind, stored, interval, started_at = as_sample_value(channel_id, value)
            facts = (*texts, started_at if timestamp is None else timestamp)
            if kind == "samples":
                given = sample_interval if sample_interval is not None else interval
                uri = store.write_waveform(channel_id, stored, given or 0.0, *facts)
            else:
                uri = _WRITERS[kind](store, channel_id, stored, *facts)
        self._warn()
        return uri

    def write_block(
        self,
        channel_id: str,
        values: "ArrayLike",
        *,
        timestamps: "ArrayLike | Sequence[datetime] | None" = None,
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
        numbers = _numbers(channel_id, values)
        times = None if timestamps is None else _microseconds(channel_id, timestamps)
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
        columns: Sequence[str] = (),
        limit: int | None = None,
        cursor: str | None = None,
    ) -> "pa.Table":
        """Rows of a channel in time order, of all processes, up to this moment.

        Args:
            session_id: whole, or its first 8 characters.
            start, end: both inclusive; without a time zone: UTC.
            last_n: the last rows in time.
            max_points: thinned to so many rows (at least 3) by largest triangles, or to the smallest
                and the largest of equal parts with `mode="minmax"`. Rows without value stay as marks.
            expand: the samples of the one selected waveform, as rows with `offset_s` and `value`.
            columns: only these.
            limit, cursor: a page of at most so many rows, and where it begins: `next_cursor` of the
                page before. Only with session_id, start, end, order and columns.

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
            order == "desc", list(columns), limit, cursor or "",
        )  # fmt: skip
        for damage in damages:
            warn(damage)
        import pyarrow as pa

        return pa.table(rows)

    @staticmethod
    def next_cursor(page: "pa.Table") -> str | None:
        """Where the page behind one that was queried with `limit` begins; None behind the last."""
        cursor = (page.schema.metadata or {}).get(b"litmus.cursor")
        return None if cursor is None else cursor.decode()

    def resolve(self, uri: str) -> "pa.Table":
        """The row of a reference, or the rows of one that names no row.

        Raises:
            InvalidArgumentError: it is no reference to a channel.
            NotFoundError: there is no such row.
        """
        import pyarrow as pa

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
        return ChannelSubscription(FollowedFiles(follower), callback).close

    @property
    def flight_location(self) -> str:
        """Where the daemon of the data directory listens, which serves the channels of all stores
        (docs/formats/flight.md). It is started if need be.

        Raises:
            UnavailableError: it cannot be.
        """
        return DaemonClient.of(self._data_dir).location()

    def list_channel_info(self) -> list[ChannelDescriptor]:
        """All channels of the data directory."""
        channels = (self._store or self._opened()).list_channels()
        return [ChannelDescriptor(**fields) for fields in channels]

    def get_channel_schema(self, channel_id: str) -> "pa.Schema":
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

    def _opened(self) -> _core.ChannelStore:
        if self._store is None:
            self._store = _core.ChannelStore(self._data_dir, self._session_id, self._problems)
        return self._store

    def _warn(self) -> None:
        if self._problems.waiting:
            for problem in self._problems.take():
                warn(problem)


def _numbers(
    channel_id: str, values: "ArrayLike"
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    import numpy as np

    try:
        given = without_mask(np.asanyarray(values))
        found = f"{given.ndim} dimensions"
        if given.dtype.kind not in "biufO":  # neither complex, nor texts that are numbers
            found = f"{given.dtype}"
        elif given.ndim == 1:
            return np.ascontiguousarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        found = str(error)
    raise InvalidArgumentError(
        f"channel {channel_id}: expected numbers in one dimension, found {found}"
    )


def _microseconds(
    channel_id: str, timestamps: "ArrayLike | Sequence[datetime]"
) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    import numpy as np

    array = np.asarray(timestamps)
    found = f"{array.dtype}"
    try:
        if array.dtype == object:  # datetimes
            import pyarrow as pa

            array = pa.array(timestamps, pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy()
        elif array.dtype.kind == "M":
            array = array.astype("datetime64[us]").astype(np.int64)
        if array.dtype.kind in "iu" and array.ndim == 1:
            return np.ascontiguousarray(array, dtype=np.int64)
    except (TypeError, ValueError) as error:
        found = str(error)
    raise InvalidArgumentError(
        f"channel {channel_id}: expected timestamps as datetimes or whole microseconds since 1970, "
        f"found {found}"
    )
