# SPDX-License-Identifier: Apache-2.0
"""Puts what an instrument said on record: samples into its channels, events into the log."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, Protocol

from litmus.data.events import (
    DiagnosticError,
    EventBase,
    InstrumentConfigure,
    InstrumentRead,
    InstrumentSet,
)
from litmus.data.ref import as_samples, classify_value
from litmus.data.waveform import Waveform
from litmus.instruments.values import array_file, described_samples, plain_scalar, text_form
from litmus.problems import warn

Direction = Literal["read", "set", "observe"]


class ChannelWriter(Protocol):
    """What is needed of a channel store."""

    def write(
        self,
        channel_id: str,
        value: Any,
        *,
        units: str | None = None,
        sample_interval: float | None = None,
        source: str = "observe",
        instrument_role: str = "",
        resource: str = "",
        direction: Direction = "observe",
        timestamp: datetime | None = None,
    ) -> str | None:
        """Its reference; None if it could not be written, which has been warned about."""


# Name, content and extension of a file in, reference out; None if it could not be stored, which has
# been warned about.
BytesKeeper = Callable[[str, bytes, str], str | None]


class InstrumentRecorder:
    """Records the traffic of one role, or of an object below its driver.

    A sample is in its channel before the event that refers to it is emitted. Nothing that goes
    wrong here reaches the caller of the driver.

    Args:
        role: of the station.
        resource: its address.
        emit: takes the events.
        channels: takes the samples.
        keep_bytes: takes what is neither number nor text.
        path: of the object below the driver, `ch1`; empty for the driver itself.
    """

    def __init__(
        self,
        role: str,
        resource: str,
        emit: Callable[[EventBase], object],
        channels: ChannelWriter,
        keep_bytes: BytesKeeper,
        path: str = "",
    ) -> None:
        self.role = role
        self._resource = resource
        self._emit = emit
        self._channels = channels
        self._keep_bytes = keep_bytes
        self._path = path

    def below(self, name: str) -> "InstrumentRecorder":
        """For an object that the driver has: what it says is on channels below `role.name`."""
        return InstrumentRecorder(
            self.role,
            self._resource,
            self._emit,
            self._channels,
            self._keep_bytes,
            _joined(self._path, name),
        )

    def read(self, channel: str, value: Any, method: str) -> None:
        """The driver returned a value.

        Args:
            channel: below the role: `voltage`; empty for the object itself.
            value: of any kind.
            method: of the driver.
        """
        channel_id = _joined(self.role, self._path, channel)
        recorded, units = self._stored(channel_id, value, method, "read")
        self._emit(
            InstrumentRead(
                instrument_role=self.role,
                channel_id=channel_id,
                method=_joined(self._path, method),
                value=recorded,
                units=units,
                resource=self._resource,
            )
        )

    def set(self, channel: str, value: Any, attribute: str) -> None:
        """The driver was given a value; as `read`."""
        channel_id = _joined(self.role, self._path, channel)
        recorded, units = self._stored(channel_id, value, attribute, "set")
        self._emit(
            InstrumentSet(
                instrument_role=self.role,
                channel_id=channel_id,
                attribute=_joined(self._path, attribute),
                value=recorded,
                units=units,
                resource=self._resource,
            )
        )

    def configure(self, method: str, parameters: Mapping[str, Any]) -> None:
        """The instrument was configured."""
        self._emit(
            InstrumentConfigure(
                instrument_role=self.role,
                method=_joined(self._path, method),
                parameters=dict(parameters),
                resource=self._resource,
            )
        )

    def failed(self, method: str, error: BaseException) -> None:
        """The driver raised."""
        called = _joined(self._path, method)
        self._emit(
            DiagnosticError(
                source="instrument",
                message=f"{self.role}.{called}: {type(error).__name__}: {error}",
                details={
                    "instrument_role": self.role,
                    "method": called,
                    "error_type": type(error).__name__,
                    "resource": self._resource,
                },
            )
        )

    def _stored(
        self, channel_id: str, value: Any, source: str, direction: Direction
    ) -> tuple[Any, str | None]:
        """What the event says, and the units."""
        if value is None:
            return None, None
        value = plain_scalar(value)
        kind = classify_value(value)
        if kind == "scalar":
            self._write(channel_id, value, source, direction)
            return value, None
        units = value.attrs.get("units") if isinstance(value, Waveform) else None
        described: dict[str, Any] | None = None
        uri = None
        if kind == "channel":
            uri = self._write(channel_id, value, source, direction)
            described = {"length": len(value), "type": "struct"}
        elif isinstance(value, bytes | bytearray | memoryview):
            uri = self._keep_bytes(channel_id, bytes(value), ".bin")
            described = {"length": len(value), "type": "blob"}
        elif (samples := as_samples(value)) is not None:
            uri = self._write(
                channel_id,
                samples.samples,
                source,
                direction,
                units=units,
                sample_interval=samples.sample_interval,
                timestamp=samples.started_at,
            )
            described = described_samples(samples)
        elif (file := array_file(value)) is not None:
            content, described = file
            uri = self._keep_bytes(channel_id, content, ".npy")
        if uri is None or described is None:
            return text_form(value), None
        return {"_ref": uri, "channel_id": channel_id, **described}, units

    def _write(
        self, channel_id: str, value: Any, source: str, direction: Direction, **facts: Any
    ) -> str | None:
        try:
            return self._channels.write(
                channel_id,
                value,
                source=source,
                instrument_role=self.role,
                resource=self._resource,
                direction=direction,
                **facts,
            )
        except Exception as error:  # a value of a driver is no reason to fail its caller
            warn(f"{channel_id}: not in the channel store: {type(error).__name__}: {error}")
            return None


def _joined(*names: str) -> str:
    return ".".join(name for name in names if name)
