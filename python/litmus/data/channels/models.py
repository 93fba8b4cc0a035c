# SPDX-License-Identifier: Apache-2.0
"""What is known about channels and their samples."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ChannelDescriptor:
    """An entry of the registry of channels.

    Attributes:
        data_type: `scalar`, `scalar_bool`, `scalar_str`, `waveform` or `struct`.
        instrument_role: of the producer, empty without one.
        resource: its address.
        row_count: rows of all sessions; of those that are running, up to the last flush.
    """

    channel_id: str
    data_type: str
    instrument_role: str
    resource: str
    units: str | None
    first_seen: datetime
    last_seen: datetime
    row_count: int
    sessions: int
    properties: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChannelSample:
    """One row of a channel, as it is delivered live.

    Attributes:
        value: a number, a bool, a text, the list of a waveform's samples, or a dict; None for a gap.
    """

    channel_id: str
    timestamp: datetime
    value: object
    units: str | None
    sample_interval: float | None
    source_method: str
    direction: str
    session_id: str
