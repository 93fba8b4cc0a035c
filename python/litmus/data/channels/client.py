# SPDX-License-Identifier: Apache-2.0
"""Channels over Arrow Flight: for programs that do not see the data directory."""

import json
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import quote
from uuid import UUID, uuid4

import pyarrow as pa

from litmus.closing import ClosedByWith
from litmus.data.channels.models import ChannelDescriptor, ChannelSample
from litmus.data.channels.sample_value import SampleValue, as_sample_value
from litmus.data.channels.stream import ChannelStream
from litmus.data.channels.subscription import ChannelSubscription
from litmus.data.daemon_client import DaemonClient, as_litmus_error
from litmus.data.data_dir import resolve_data_dir
from litmus.data.grpc_calls import grpc_call, register
from litmus.data.moments import Moment, to_iso, to_time
from litmus.errors import UnavailableError

if TYPE_CHECKING:
    from pyarrow import flight

_COLUMNS = pa.schema(
    {
        "timestamp": pa.timestamp("us", "UTC"),
        "value": pa.float64(),
        "value_bool": pa.bool_(),
        "value_text": pa.string(),
        "samples": pa.list_(pa.float64()),
        "sample_interval": pa.float64(),
        "fields": pa.string(),
        "units": pa.string(),
        "direction": pa.string(),
        "source_method": pa.string(),
    }
)


class ChannelClient(ClosedByWith):
    """Writes, reads and follows channels through the daemon, from any thread.

    What it writes is stored by the daemon, under a session of this client; what is recorded on the
    daemon's machine is better written by a `ChannelStore`, which waits for nobody.

    Args:
        location: where the daemon listens (`ChannelStore.flight_location`); None: the daemon of the
            data directory, which is started if need be.
        data_dir: found as `resolve_data_dir` does; not looked at where a location is given.
        session_id: of the samples that are written; None: a new one.
    """

    def __init__(
        self,
        location: str | None = None,
        *,
        data_dir: str | os.PathLike[str] | None = None,
        session_id: UUID | str | None = None,
    ) -> None:
        self._daemon = (
            DaemonClient.of(resolve_data_dir(data_dir))
            if location is None
            else DaemonClient.at(location)
        )
        self._session_id = uuid4() if session_id is None else UUID(str(session_id))
        self._writing = threading.Lock()
        self._puts: dict[tuple[str, str, str], _Put] = {}
        self._subscriptions: list[ChannelSubscription] = []
        register(self)

    @property
    def session_id(self) -> UUID:
        return self._session_id

    def write(
        self,
        channel_id: str,
        value: object,
        *,
        units: str | None = None,
        sample_interval: float | None = None,
        source: str = "remote",
        instrument_role: str = "",
        resource: str = "",
        direction: Literal["read", "set", "observe"] = "observe",
        timestamp: datetime | str | None = None,
    ) -> str | None:
        """Appends one sample, as `ChannelStore.write`; waits until the daemon has stored it.

        Returns:
            Its reference; None if it could not be stored.

        Raises:
            InvalidArgumentError: the id cannot be one, or the value is no sample.
            UnavailableError: the daemon was lost. Whether it has stored the sample is not known.
        """
        sample = as_sample_value(channel_id, value)
        given = sample.started_at if timestamp is None else timestamp
        time = datetime.now(UTC) if given is None else to_time(given)
        texts: dict[str, object] = {"units": units, "direction": direction, "source_method": source}
        batch = _batch_of(sample, sample_interval, {"timestamp": time} | texts)
        place = (channel_id, instrument_role, resource)
        with self._writing:
            answer = self._put(place, batch)
        reference: str | None = answer["reference"]
        return reference

    def query(
        self,
        channel_id: str,
        *,
        session_id: UUID | str | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        last_n: int | None = None,
        max_points: int | None = None,
        mode: Literal["lttb", "minmax"] = "lttb",
        order: Literal["asc", "desc"] = "asc",
        expand: bool = False,
        columns: Sequence[str] = (),
        limit: int | None = None,
        cursor: str | None = None,
    ) -> pa.Table:
        """Rows of a channel, as `ChannelStore.query`."""
        given = {
            "session_id": session_id, "start": to_iso(start), "end": to_iso(end), "last_n": last_n,
            "max_points": max_points, "mode": mode, "order": order, "limit": limit,
            "expand": "true" if expand else None, "columns": ",".join(columns) or None,
            "cursor": cursor,
        }  # fmt: skip
        pairs = [f"{key}={quote(str(value))}" for key, value in given.items() if value is not None]
        return self._daemon.channel_rows(f"{_encoded(channel_id)}?{'&'.join(pairs)}")

    def on_channel(
        self,
        channel_id: str | None,
        callback: Callable[[ChannelSample], object],
        *,
        role: str | None = None,
        session_id: UUID | str | None = None,
        with_stored: bool = False,
    ) -> Callable[[], None]:
        """Calls back with each sample, as `ChannelStore.on_channel`.

        None is missing and none comes twice, also when the daemon is replaced or dies meanwhile.

        Raises:
            UnavailableError: there is no daemon.
        """
        given = {
            "channel_id": None if channel_id is None else _encoded(channel_id, "*"),
            "role": role,
            "session_id": None if session_id is None else str(session_id),
            "with_stored": with_stored,
        }
        wanted = {key: item for key, item in given.items() if item is not None}
        followed = ChannelSubscription(ChannelStream(self._daemon, wanted), callback)
        self._subscriptions.append(followed)
        return followed.close

    def channels(self) -> list[ChannelDescriptor]:
        """All channels of the data directory."""
        return [
            ChannelDescriptor(
                **fields
                | {key: datetime.fromisoformat(fields[key]) for key in ("first_seen", "last_seen")}
            )
            for fields in self._daemon.channels()
        ]

    def close(self) -> None:
        """Ends the subscriptions, and what was written: its segments are complete then."""
        for followed in self._subscriptions:
            followed.close()
        self._subscriptions.clear()
        with self._writing:
            self.let_go()

    def cut(self) -> None:
        """The daemon answers writes at once."""

    def let_go(self) -> None:
        puts, self._puts = self._puts, {}
        for put in puts.values():
            with suppress(Exception):  # the daemon is gone
                put.writer.close()

    def _put(self, place: tuple[str, str, str], batch: pa.RecordBatch) -> dict[str, Any]:
        if place not in self._puts:
            self._open(place)
        with grpc_call():
            put = self._puts.pop(place, None)
            if put is None:
                raise UnavailableError("the sample was not written: this process was forked")
            try:
                put.writer.write_batch(batch)
                answer = put.reader.read()
                if answer is None:  # then closing tells why
                    put.writer.close()
                    raise UnavailableError("the daemon has ended; the sample may be stored or not")
            except Exception as error:
                raised = as_litmus_error(error)
                raise error if raised is None else raised from None
            self._puts[place] = put
            told: dict[str, Any] = json.loads(answer.to_pybytes())
            return told

    def _open(self, place: tuple[str, str, str]) -> None:
        channel_id, role, resource = place
        metadata = {
            "litmus.session_id": str(self._session_id),
            "litmus.instrument_role": role,
            "litmus.resource": resource,
        }

        def keep(
            writer: "flight.FlightStreamWriter", reader: "flight.FlightMetadataReader"
        ) -> None:
            self._puts[place] = _Put(writer, reader)

        self._daemon.put_samples(channel_id, _COLUMNS.with_metadata(metadata), keep)


class _Put(NamedTuple):
    """A stream that takes samples, and the answers to it."""

    writer: "flight.FlightStreamWriter"
    reader: "flight.FlightMetadataReader"


def _encoded(channel_id: str, plain: str = "") -> str:
    return quote(channel_id, safe="~" + plain)


def _batch_of(
    sample: SampleValue, sample_interval: float | None, beside: dict[str, object]
) -> pa.RecordBatch:
    row: dict[str, object] = dict(beside)
    if sample.kind == "samples":
        given = sample_interval if sample_interval is not None else sample.sample_interval
        row["sample_interval"] = given or 0.0
    else:
        row[sample.kind] = json.dumps(sample.value) if sample.kind == "fields" else sample.value
    arrays = [
        pa.ListArray.from_arrays([0, len(sample.value)], sample.value)
        if field.name == sample.kind == "samples"
        else pa.array([row.get(field.name)], field.type)
        for field in _COLUMNS
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=_COLUMNS)
