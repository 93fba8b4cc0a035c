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
    # The run's file; None if it could not be made.
    def seal_run(self, run_id: UUID, started_at: datetime, problems: Problems) -> str | None: ...
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

class SessionRecorder:
    def __init__(
        self,
        data_dir: _Path,
        problems: Problems,
        *,
        station_id: str | None,
        station_type: str | None,
        operator_id: str | None,
    ) -> None: ...
    def start_run(
        self,
        *,
        dut_serial: str | None,
        dut_part_number: str | None,
        dut_revision: str | None,
        dut_lot_number: str | None,
        operator_id: str | None,
        test_phase: str | None,
        environment_json: str,
    ) -> RunRecorder: ...
    def end(self, least: Outcome | None) -> None: ...
    @property
    def id(self) -> UUID: ...

class RunRecorder:
    def __init__(
        self,
        data_dir: _Path,
        problems: Problems,
        *,
        station_id: str | None,
        station_type: str | None,
        dut_serial: str | None,
        dut_part_number: str | None,
        dut_revision: str | None,
        dut_lot_number: str | None,
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
        columns: list[str],
        limit: int | None,
        cursor: str,
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

# Of kinds `station`, `instrument_asset` and `catalog`; the project is that of `root`, else of the working directory.
def project_folder(root: _Path | None) -> str: ...
def config_files(kind: str, root: _Path | None) -> list[str]: ...

# (content, warnings)
def read_config(kind: str, path: _Path) -> tuple[dict[str, Any], list[str]]: ...
def check_config(kind: str, content: dict[str, Any]) -> dict[str, Any]: ...
def save_config(kind: str, path: _Path, content: dict[str, Any]) -> None: ...
def create_config(kind: str, path: _Path, content: dict[str, Any]) -> None: ...
def yaml_text(content: dict[str, Any]) -> str: ...

# (path, content, warnings)
_CatalogEntry = tuple[str, dict[str, Any], list[str]]

def catalog_entry(root: _Path | None, entry: str) -> _CatalogEntry | None: ...
def catalog_file(root: _Path | None, path: _Path) -> _CatalogEntry: ...
def catalog_entries(root: _Path | None) -> tuple[list[_CatalogEntry], list[str]]: ...
def catalog_ref(root: _Path | None, reference: str) -> _CatalogEntry | None: ...
def catalog_model(root: _Path | None, manufacturer: str, model: str) -> _CatalogEntry | None: ...

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
    extension: str,
    problems: Problems,
    owner: UUID | str | None = None,
) -> str | None: ...

# The same text for all spellings of a VISA address.
def canonical_resource(resource: str) -> str: ...

class ResourceLock:
    # The lock, or what its holder says about itself.
    @staticmethod
    def try_take(resource: str, holder: str) -> ResourceLock | str: ...
    def release(self) -> None: ...
    def abandon(self) -> None: ...

# (host, pid, started_at, program)
def this_process() -> tuple[str, int, datetime | None, str]: ...

# What is planned for a test before it runs: the files of a project, and the cascade over them.
# Places are texts: "tests/test_fan.yaml:12", or "inline marker of TestFan.test_load".

class Profile:
    @property
    def name(self) -> str: ...
    @property
    def file(self) -> str: ...
    # Chain and own keys merged: facets (its own), description, station_type, fixture,
    # verify_requires_limit, guardband_pct, runner {addopts, markexpr, keyword, plugins,
    # parallelism, timeout}.
    @property
    def record(self) -> dict[str, Any]: ...
    # Names, parents first, its own last.
    @property
    def chain(self) -> list[str]: ...

class Product:
    @property
    def file(self) -> str: ...
    # `base` applied, pins of each characteristic in `resolved_pins`.
    @property
    def record(self) -> dict[str, Any]: ...

class Fixture:
    @property
    def file(self) -> str: ...
    # `connections` by name, or `slots`; one slot alone is already its `connections`.
    @property
    def record(self) -> dict[str, Any]: ...
    @property
    def slots(self) -> list[str]: ...
    def for_slot(self, slot: str) -> Fixture: ...

class ProjectFiles:
    def __init__(self, root: _Path, invocation_dir: _Path) -> None: ...
    # Settings of litmus.yaml; those of an anonymous project without one.
    @property
    def project(self) -> dict[str, Any]: ...
    @property
    def project_file(self) -> str | None: ...
    # Facets by profile name, those without facets too.
    @property
    def profiles(self) -> dict[str, dict[str, str]]: ...
    @property
    def facet_keys(self) -> list[str]: ...
    def select_profile(self, name: str | None, facets: Mapping[str, str]) -> Profile | None: ...
    def select_product(self, id_or_path: str | None, part_number: str | None) -> Product | None: ...
    def select_fixture(self, id_or_path: str | None, profile: Profile | None) -> Fixture | None: ...
    # (file, record): as load_station.
    def select_station(self, id_or_path: str | None) -> tuple[str, dict[str, Any]] | None: ...
    def check_session(
        self,
        station: Mapping[str, object] | None,
        profile: Profile | None,
        fixture: Fixture | None,
        product: Product | None,
    ) -> None: ...
    # [{what, id, file, place, reason}] of everything that was selected.
    @property
    def selections(self) -> list[dict[str, str]]: ...
    # Those since the last call.
    def take_warnings(self) -> list[str]: ...

class TestPlan:
    def __init__(
        self,
        files: ProjectFiles,
        profile: Profile | None,
        product: Product | None,
        fixture: Fixture | None,
        guardband_pct: float | None,
    ) -> None: ...
    # `inline`: (scope, payload by sidecar key), weakest first; scope: module, class or function.
    def resolve_test(
        self,
        module_file: _Path,
        classes: Sequence[str],
        function: str,
        inline: Sequence[tuple[str, Mapping[str, object]]],
    ) -> ResolvedTest: ...
    # The limit of a product characteristic; what is None comes from product and session.
    def characteristic_limit(
        self,
        characteristic: str,
        params: Mapping[str, object],
        guardband_pct: float | None,
        comparator: str | None,
    ) -> dict[str, Any]: ...
    # Names in profiles and in sidecars read so far that no resolved test had.
    def unused_names(self) -> list[str]: ...

class ResolvedTest:
    # Loops, outermost first: {arguments: {name: [values]}, source, inline}. `inline`: None, or
    # [index in `inline`, index in its `sweeps`]: take the objects from there.
    @property
    def outer_sweeps(self) -> list[dict[str, Any]]: ...
    @property
    def inner_sweeps(self) -> list[dict[str, Any]]: ...
    # {target, keywords, source, inline}, `inline` as above.
    @property
    def mocks(self) -> list[dict[str, Any]]: ...
    # None: not declared.
    @property
    def characteristics(self) -> list[str] | None: ...
    # None where neither characteristics nor connections are declared.
    @property
    def connections(self) -> list[dict[str, Any]] | None: ...
    # Whether `connections` itself was declared, which then must be iterated.
    @property
    def declares_connections(self) -> bool: ...
    # {max_retries, delay, on, source}
    @property
    def retry(self) -> dict[str, Any] | None: ...
    # By key: {message, prompt_type, choices, timeout_seconds, source}
    @property
    def prompts(self) -> dict[str, dict[str, Any]]: ...
    # {name, value, source}
    @property
    def markers(self) -> list[dict[str, Any]]: ...
    # The merged entries as written, by measurement name, each with `source`.
    @property
    def limits(self) -> dict[str, dict[str, Any]]: ...
    # {low, high, nominal, comparator, units, characteristic_id, spec_ref, source}, or
    # {callable: "pkg.mod:function", source, ...}; None without a limit. MissingLimitError: there is
    # an entry, but it gives none here.
    def limit(
        self,
        name: str,
        params: Mapping[str, object],
        ambient_characteristic: str | None,
        characteristic: str | None,
    ) -> dict[str, Any] | None: ...
    # All of it with places, for `litmus explain`. `collected`: the parameters of the test's cases.
    def explanation(self, collected: Sequence[Mapping[str, object]]) -> dict[str, Any]: ...

# A limit as given at a call, or by a callable, checked and completed.
def checked_limit(limit: Mapping[str, object], place: str) -> dict[str, Any]: ...

# What a number in one unit is multiplied with to be in the other; unlike dimensions are an error.
def unit_factor(units: str, wanted: str) -> float: ...

# The list that a generator (linspace, arange, ...) stands for.
def generate(name: str, arguments: Sequence[object]) -> list[Any]: ...

# The explanation of tests as text for people.
def explanation_text(explanation: Mapping[str, object]) -> str: ...
