# SPDX-License-Identifier: Apache-2.0
"""Recording runs from any Python program, and reading them back."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from litmus import _core
from litmus.analysis.query import EVERYTHING
from litmus.analysis.run_lookup import find_run
from litmus.builders import RunBuilder, StepBuilder, VectorBuilder
from litmus.data.daemon_client import DaemonClient, to_rows
from litmus.data.data_dir import resolve_data_dir
from litmus.data.models import DUT, RunSummary
from litmus.errors import NotFoundError, UnavailableError
from litmus.problems import warn
from litmus.session import Session, begin_run

__all__ = ["LitmusClient", "RunBuilder", "Session", "StepBuilder", "VectorBuilder"]

_T = TypeVar("_T")
_NO_TIME = datetime.min.replace(tzinfo=UTC)


class LitmusClient:
    """Records runs in a data directory and reads them back.

    Recording needs nothing but the files; a daemon is started in the background, so that others
    can watch.

    Args:
        data_dir: the data directory, found as `resolve_data_dir` does.
    """

    def __init__(self, data_dir: str | os.PathLike[str] | None = None) -> None:
        self._data_dir = resolve_data_dir(data_dir)
        _core.start_daemon_in_background(self._data_dir)

    @property
    def data_dir(self) -> Path:
        return self._data_dir

    def start_run(
        self,
        dut_serial: str | None,
        station_id: str | None,
        *,
        dut_part_number: str | None = None,
        dut_revision: str | None = None,
        dut_lot_number: str | None = None,
        station_type: str | None = None,
        operator: str | None = None,
        test_phase: str | None = None,
    ) -> RunBuilder:
        """Begins a run of one device.

        Args:
            dut_serial: serial number of the device; None or blank if it has none.
            station_id: the station that tests.
            dut_part_number: part number of the device.
            dut_revision: revision of the device.
            dut_lot_number: lot of the device.
            station_type: kind of station.
            operator: id of the operator.
            test_phase: for example `development` or `production`; stored as given.

        Raises:
            InvalidArgumentError: one of them is no text, or `litmus.yaml` cannot be read.
        """
        problems = _core.Problems()

        def start(**options: Any) -> _core.RunRecorder:
            return _core.RunRecorder(
                self._data_dir,
                problems,
                station_id=station_id,
                station_type=station_type,
                **options,
            )

        return begin_run(
            start,
            problems,
            station_id=station_id,
            station_type=station_type,
            dut=DUT(dut_serial, dut_part_number, dut_revision, dut_lot_number),
            operator=operator,
            test_phase=test_phase,
        )

    def session(
        self,
        station_id: str | None,
        *,
        station_type: str | None = None,
        operator: str | None = None,
    ) -> Session:
        """Opens a session for many runs, as a sequencer needs it that stays up for days.

            with client.session("bench_1") as session:
                for serial in scanner:
                    with session.start_run(serial) as run:
                        ...

        Args:
            station_id: the station that tests.
            station_type: kind of station.
            operator: id of the operator of runs that do not name their own.

        Raises:
            InvalidArgumentError: one of them is no text, or `litmus.yaml` cannot be read.
        """
        return Session(self._data_dir, station_id, station_type, operator)

    def list_runs(self, limit: int | None = 50) -> list[RunSummary]:
        """The runs, newest first; all of them with `limit` None.

        Without a daemon those that are not finished are left out, with a LitmusWarning; so are files
        that cannot be read.
        """
        everything = {"limit": EVERYTHING if limit is None else limit}
        return self._ask(
            lambda daemon: [
                _summary(_renamed(row)) for row in daemon.rows("runs.list", everything)
            ],
            lambda files: [_summary(fields) for fields in files.list_runs(limit)],
        )

    def get_run(self, run_id: str | UUID) -> RunSummary | None:
        """The run with this id, or a unique beginning of it; None if there is none.

        Running or finished; without a daemon only finished ones are found.

        Raises:
            ConflictError: several runs begin so; the text lists them.
        """

        def from_daemon(daemon: DaemonClient) -> RunSummary | None:
            row = _find_run(daemon, run_id)
            return _summary(_renamed(row)) if row else None

        def from_files(files: _core.SealedRuns) -> RunSummary | None:
            try:
                return _summary(files.get_run(str(run_id)))
            except NotFoundError:
                return None

        return self._ask(from_daemon, from_files)

    def get_measurements(self, run_id: str | UUID) -> list[dict[str, Any]]:
        """The measurements of a run in the order of recording, keyed by the columns of its file.

        Numbers are floats, times datetimes in UTC; what a measurement lacks is None. Empty for an
        unknown run. Running or finished; without a daemon only finished ones are found.

        Raises:
            ConflictError: several runs begin with `run_id`; the text lists them.
        """
        import pyarrow as pa  # costs 0.1 s, and recording does not need it

        def from_daemon(daemon: DaemonClient) -> pa.Table | None:
            run = _find_run(daemon, run_id)
            return daemon.run_rows(run["run_id"]) if run else None

        def from_files(files: _core.SealedRuns) -> pa.Table | None:
            try:
                return pa.table(files.run_rows(str(run_id)))
            except NotFoundError:
                return None

        table = self._ask(from_daemon, from_files)
        rows = to_rows(table) if table is not None else []
        measurements = [row for row in rows if row["record_type"] == "measurement"]
        # A step's rows stand together in the file; steps inside one another overlap in time.
        measurements.sort(key=lambda measurement: measurement["measurement_timestamp"] or _NO_TIME)
        return measurements

    def _ask(
        self,
        from_daemon: Callable[[DaemonClient], _T],
        from_files: Callable[[_core.SealedRuns], _T],
    ) -> _T:
        """The daemon's answer, or that of the sealed files where there can be no daemon."""
        try:
            return from_daemon(DaemonClient.of(self._data_dir))
        except UnavailableError as error:
            if os.environ.get("LITMUS_DAEMON") != "off":
                warn(f"runs that are not finished are left out: {error}")
        files = _core.SealedRuns(self._data_dir)
        try:
            return from_files(files)
        finally:
            for path, reason in files.skipped:
                warn(f"{path} could not be read and is left out: {reason}")


def _find_run(daemon: DaemonClient, run_id: str | UUID) -> dict[str, Any] | None:
    row = find_run(daemon, run_id)
    if row is None and not daemon.status()["caught_up"]:
        raise UnavailableError("the index is being built, and does not have all runs yet")
    return row


_RENAMED = {
    "run_id": "test_run_id",
    "operator_id": "operator",
    "num_measurements": "total_measurements",
    "num_steps": "total_steps",
}


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the relation `runs` in the names of RunSummary."""
    names = {_RENAMED.get(name, name): value for name, value in row.items()}
    return {name: names[name] for name in RunSummary.model_fields}


def _summary(fields: dict[str, Any]) -> RunSummary:
    return RunSummary(**{name: value for name, value in fields.items() if value is not None})
