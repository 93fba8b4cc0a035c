# SPDX-License-Identifier: Apache-2.0
# The compiled module; the modules of the package say what users need to know.
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from litmus.data.events import EventBase
from litmus.data.outcomes import Comparator, Outcome

_Path: TypeAlias = str | os.PathLike[str]

version: str

class Problems:
    def __init__(self) -> None: ...
    @property
    def waiting(self) -> bool: ...
    def take(self) -> list[str]: ...

def judge(
    value: object,
    low: float | None,
    high: float | None,
    nominal: float | bool | str | None,
    comparator: str,
) -> Outcome: ...
def is_number(value: object) -> bool: ...
def retry_aware_rollup(
    attempts: Sequence[tuple[str | None, Outcome | None]],
) -> Outcome | None: ...

class EventLog:
    def __init__(
        self, data_dir: _Path, session_id: UUID | str | None, problems: Problems
    ) -> None: ...
    def emit(self, event: EventBase) -> bool: ...
    # The event as stored, its writer and its number there; None if it could not be written.
    def append(self, event: EventBase) -> tuple[EventBase, str, int] | None: ...
    def flush(self) -> None: ...
    def close(self) -> None: ...
    @property
    def session_id(self) -> UUID: ...
    @property
    def path(self) -> str | None: ...
    @property
    def events_lost(self) -> int: ...

def parse_event(json: str) -> EventBase: ...
def read_event_file(
    path: _Path,
) -> tuple[list[EventBase], list[tuple[int, int, int | None, int | None, str]], bool]: ...

# Why a block was left: outcome, type, message, traceback.
_StepError: TypeAlias = tuple[Outcome, str, str, str]

class VectorRecorder:
    # (value, value_text, value_bool, limit_low, limit_high, limit_nominal, limit_nominal_text,
    #  limit_nominal_bool, limit_comparator, outcome, timestamp)
    def measure(
        self,
        name: str,
        value: object,
        units: str | None,
        low: object,
        high: object,
        nominal: object,
        comparator: str,
        spec_ref: str | None,
    ) -> tuple[
        float | None,
        str | None,
        bool | None,
        float | None,
        float | None,
        float | None,
        str | None,
        bool | None,
        Comparator | None,
        Outcome,
        datetime,
    ]: ...
    def observe(self, key: str, value: object) -> None: ...
    def fail(self, message: str) -> None: ...
    def skip(self, message: str) -> None: ...
    def attach_file(self, name: str, path: _Path) -> str: ...
    def attach_bytes(self, name: str, content: bytes) -> str: ...
    def end(self, error: _StepError | None) -> None: ...
    @property
    def index(self) -> int: ...
    @property
    def outcome(self) -> Outcome | None: ...

class StepRecorder:
    def begin_vector(self, parameters: Mapping[str, object]) -> VectorRecorder: ...
    def own_vector(self) -> VectorRecorder: ...
    def fail(self, message: str) -> None: ...
    def skip(self, message: str) -> None: ...
    def end(self, error: _StepError | None) -> None: ...
    @property
    def path(self) -> str: ...
    @property
    def parent_path(self) -> str: ...
    @property
    def outcome(self) -> Outcome | None: ...

class RunRecorder:
    def __init__(
        self,
        data_dir: _Path,
        problems: Problems,
        *,
        dut_serial: str | None,
        station_id: str | None,
        dut_part_number: str | None,
        dut_revision: str | None,
        dut_lot_number: str | None,
        station_type: str | None,
        operator_id: str | None,
        test_phase: str | None,
        environment_json: str,
    ) -> None: ...
    def begin_step(self, name: str, description: str | None) -> StepRecorder: ...
    def set_metadata(self, key: str, value: object) -> None: ...
    def attach_file(self, name: str, path: _Path) -> str: ...
    def attach_bytes(self, name: str, content: bytes) -> str: ...
    def end(self, least: Outcome | None, reason: str) -> dict[str, Any]: ...
    @property
    def id(self) -> UUID: ...
    @property
    def session_id(self) -> UUID: ...
    @property
    def started_at(self) -> datetime: ...

class ArrowRows:
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

class SealedRuns:
    def __init__(self, data_dir: _Path) -> None: ...
    def list_runs(self, limit: int | None) -> list[dict[str, Any]]: ...
    def get_run(self, id_or_prefix: str) -> dict[str, Any]: ...
    def run_rows(self, id_or_prefix: str) -> ArrowRows: ...
    @property
    def skipped(self) -> list[tuple[str, str]]: ...

class ChannelStore:
    def __init__(self, data_dir: _Path, session_id: UUID | str, problems: Problems) -> None: ...
    # The reference of each write; None if it could not be stored.
    def write_number(
        self,
        channel_id: str,
        value: float,
        units: str | None,
        source: str,
        direction: str,
        instrument_role: str,
        resource: str,
        timestamp: datetime | str | None,
    ) -> str | None: ...
    def write_bool(
        self,
        channel_id: str,
        value: bool,
        units: str | None,
        source: str,
        direction: str,
        instrument_role: str,
        resource: str,
        timestamp: datetime | str | None,
    ) -> str | None: ...
    def write_text(
        self,
        channel_id: str,
        value: str,
        units: str | None,
        source: str,
        direction: str,
        instrument_role: str,
        resource: str,
        timestamp: datetime | str | None,
    ) -> str | None: ...
    def write_map(
        self,
        channel_id: str,
        value: Mapping[str, object],
        units: str | None,
        source: str,
        direction: str,
        instrument_role: str,
        resource: str,
        timestamp: datetime | str | None,
    ) -> str | None: ...
    def write_waveform(
        self,
        channel_id: str,
        samples: NDArray[np.float64],
        sample_interval: float,
        units: str | None,
        source: str,
        direction: str,
        instrument_role: str,
        resource: str,
        timestamp: datetime | str | None,
    ) -> str | None: ...
    # `times` in microseconds since 1970.
    def write_block(
        self,
        channel_id: str,
        values: NDArray[np.float64],
        times: NDArray[np.int64] | None,
        sample_interval: float,
        units: str | None,
        source: str,
        direction: str,
        instrument_role: str,
        resource: str,
        timestamp: datetime | str | None,
    ) -> str | None: ...
    # (rows, damages)
    def query(
        self,
        channel_id: str,
        session_id: str | None,
        start: datetime | str | None,
        end: datetime | str | None,
        last_n: int | None,
        max_points: int | None,
        min_max: bool,
        expand: bool,
        descending: bool,
    ) -> tuple[ArrowRows, list[str]]: ...
    def resolve(self, uri: str) -> ArrowRows: ...
    def list_channels(self) -> list[dict[str, Any]]: ...
    def flush(self) -> None: ...
    def close(self) -> None: ...
    @property
    def samples_lost(self) -> int: ...

class ChannelFollower:
    def __init__(
        self,
        data_dir: _Path,
        channel_id: str | None,
        role: str | None,
        session_id: str | None,
        with_stored: bool,
    ) -> None: ...
    # [(channel, session, rows)] that are new; waits for them so long.
    def read(self, seconds: float) -> list[tuple[str, str, ArrowRows]]: ...

# (channel, session, row, writer)
def parse_channel_uri(uri: str) -> tuple[str, str, int | None, str]: ...

# (channel, first 8 characters of the session)
def parse_channel_file_name(name: str) -> tuple[str, str] | None: ...
def make_channel_uri(channel_id: str, session_id: str, row: int | None, writer: str) -> str: ...
def resolve_data_dir(path: _Path | None) -> str: ...
def set_litmus_executable(path: _Path) -> None: ...
def runtime_folder() -> str: ...

# (address, pid)
def ensure_daemon(data_dir: _Path) -> tuple[str, int]: ...
def find_daemon(data_dir: _Path) -> tuple[str, int] | None: ...
def start_daemon_in_background(data_dir: _Path) -> None: ...

# (file, settings)
def find_project() -> tuple[str, dict[str, Any]] | None: ...

# (file, record, warnings)
def load_station(station: str | None) -> tuple[str, dict[str, Any], list[str]]: ...

# (file, content)
def find_asset(asset: str) -> tuple[str, dict[str, Any]] | None: ...

# (days_until_due, message, expired, warns)
def calibration_status(
    calibration: dict[str, Any], today: datetime | None
) -> tuple[int, str, bool, bool] | None: ...

# The reference; None if it could not be stored.
def store_bytes(
    data_dir: _Path,
    session_start: datetime,
    session_id: UUID,
    name: str,
    content: bytes,
    problems: Problems,
) -> str | None: ...

class ResourceLock:
    # The lock, or what its holder says about itself.
    @staticmethod
    def try_take(resource: str, holder: str) -> ResourceLock | str: ...
    def release(self) -> None: ...
    def abandon(self) -> None: ...

# (host, pid, started_at, program)
def this_process() -> tuple[str, int, datetime | None, str]: ...
