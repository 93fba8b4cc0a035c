# SPDX-License-Identifier: Apache-2.0
"""Stations as their files describe them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from litmus import _core
from litmus.problems import warn


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentConfig:
    """One role of a station, joined with its asset."""

    role: str
    type: str | None = None
    """None for a role that only names its asset."""
    instrument_id: str
    """Id of the asset; the role where there is none."""
    protocol: str = "visa"
    driver: str | None = None
    resource: str | None = None
    catalog_ref: str | None = None
    description: str | None = None
    mock: bool = False
    mock_config: dict[str, Any] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    info: dict[str, str] = field(default_factory=dict)
    """The identity expected."""
    calibration: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StationConfig:
    """A bench."""

    id: str
    name: str
    file: Path
    station_type: str | None = None
    hostname: str | None = None
    location: str | None = None
    description: str | None = None
    supported_phases: list[str] = field(default_factory=list)
    instruments: dict[str, InstrumentConfig] = field(default_factory=dict)
    """By role, in the order of the file."""


def load_station(station: str | None = None) -> StationConfig:
    """The station with this id, or in this `.yaml` file; without one that of this machine (`hostname`),
    else the project's default.

    Looked for in `stations` of the project, then in `$LITMUS_HOME/stations`.

    Raises:
        NotFoundError: there is no such station; the text names both places.
        InvalidArgumentError: a file is broken, or there is no default.
    """
    file, record, warnings = _core.load_station(station)
    for warning in warnings:
        warn(warning)
    return station_config(file, record)


def station_config(file: str, record: dict[str, Any]) -> StationConfig:
    """What the core has read, typed."""
    record = dict(record)
    roles = record.pop("instruments")
    return StationConfig(
        file=Path(file),
        instruments={role: _instrument(role, fields) for role, fields in roles.items()},
        **record,
    )


def _instrument(role: str, fields: dict[str, Any]) -> InstrumentConfig:
    known = {name: fields[name] for name in InstrumentConfig.__slots__ if name in fields}
    return InstrumentConfig(role=role, **known)
