# SPDX-License-Identifier: Apache-2.0
"""Recording runs from any Python program, and reading them back."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from litmus import _core
from litmus.builders import RunBuilder, StepBuilder, VectorBuilder
from litmus.data.data_dir import resolve_data_dir
from litmus.data.models import DUT, RunSummary, TestRun
from litmus.environment import environment_json
from litmus.errors import NotFoundError
from litmus.problems import warn

__all__ = ["LitmusClient", "RunBuilder", "StepBuilder", "VectorBuilder"]

_NO_TIME = datetime.min.replace(tzinfo=UTC)


class LitmusClient:
    """Records runs in a data directory and reads them back.

    Args:
        data_dir: the data directory, found as `resolve_data_dir` does.
    """

    def __init__(self, data_dir: str | os.PathLike[str] | None = None) -> None:
        self._data_dir = resolve_data_dir(data_dir)

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
        environment = environment_json()
        recorder = _core.RunRecorder(
            self._data_dir,
            problems,
            dut_serial=dut_serial,
            station_id=station_id,
            dut_part_number=dut_part_number,
            dut_revision=dut_revision,
            dut_lot_number=dut_lot_number,
            station_type=station_type,
            operator_id=operator,
            test_phase=test_phase,
            environment_json=environment,
        )
        record = TestRun(
            id=recorder.id,
            session_id=recorder.session_id,
            started_at=recorder.started_at,
            dut=DUT(dut_serial, dut_part_number, dut_revision, dut_lot_number),
            station_id=station_id,
            station_type=station_type,
            operator_id=operator,
            test_phase=test_phase,
            environment_json=environment,
        )
        return RunBuilder(recorder, problems, record)

    def list_runs(self, limit: int | None = 50) -> list[RunSummary]:
        """The sealed runs, newest first; all of them with `limit` None.

        Files that cannot be read are left out with a LitmusWarning.
        """
        runs = _core.SealedRuns(self._data_dir)
        found = runs.list_runs(limit)
        _warn_about_skipped(runs)
        return [_summary(fields) for fields in found]

    def get_run(self, run_id: str | UUID) -> RunSummary | None:
        """The run with this id, or a unique beginning of it; None if there is none.

        Raises:
            ConflictError: several runs begin so; the text lists them.
        """
        runs = _core.SealedRuns(self._data_dir)
        try:
            return _summary(runs.get_run(str(run_id)))
        except NotFoundError:
            _warn_about_skipped(runs)
            return None

    def get_measurements(self, run_id: str | UUID) -> list[dict[str, Any]]:
        """The measurements of a run in the order of recording, keyed by the columns of its file.

        Numbers are floats, times datetimes in UTC; what a measurement lacks is None. Empty for an
        unknown run.

        Raises:
            ConflictError: several runs begin with `run_id`; the text lists them.
        """
        import pyarrow as pa  # costs 0.1 s, and recording does not need it

        runs = _core.SealedRuns(self._data_dir)
        try:
            rows = runs.run_rows(str(run_id))
        except NotFoundError:
            _warn_about_skipped(runs)
            return []
        table = pa.table(rows)
        nothing = [None] * table.num_rows
        columns = [
            nothing if column.null_count == table.num_rows else column.to_pylist()
            for column in table.columns
        ]
        names = table.column_names
        measurements = [
            measurement
            for values in zip(*columns, strict=True)
            if (measurement := dict(zip(names, values, strict=True)))["record_type"]
            == "measurement"
        ]
        # A step's rows stand together in the file; steps inside one another overlap in time.
        measurements.sort(key=lambda measurement: measurement["measurement_timestamp"] or _NO_TIME)
        return measurements


def _summary(fields: dict[str, Any]) -> RunSummary:
    return RunSummary(**{name: value for name, value in fields.items() if value is not None})


def _warn_about_skipped(runs: _core.SealedRuns) -> None:
    for path, reason in runs.skipped:
        warn(f"{path} could not be read and is left out: {reason}")
