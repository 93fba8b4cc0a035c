# SPDX-License-Identifier: Apache-2.0
"""Runs of OpenHTF tests, as an output callback.

    test = htf.Test(power_on, self_test)
    test.add_output_callbacks(OutputToLitmus(station_id="bench_1"))
    test.execute(test_start=lambda: "SN001")

Importing this needs no OpenHTF; what is read of its records is there since version 1.4.
"""

import logging
import mimetypes
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any
from uuid import UUID, uuid4

from litmus import _core
from litmus.data.channels.store import ChannelStore
from litmus.data.data_dir import resolve_data_dir
from litmus.data.event_log import EventLog
from litmus.data.events import (
    DiagnosticError,
    DiagnosticWarning,
    EventBase,
    MeasurementRecorded,
    RunEnded,
    RunStarted,
    SessionEnded,
    SessionStarted,
    StepEnded,
    StepStarted,
)
from litmus.data.outcomes import Outcome
from litmus.data.ref import as_samples
from litmus.data.session_files import SessionFiles
from litmus.environment import environment_json
from litmus.errors import message_of
from litmus.integrations.openhtf_limits import limits_of
from litmus.integrations.openhtf_phases import PlacedPhase, PlacedSubtest, placed

_TEST_OUTCOMES = {
    "PASS": Outcome.PASSED,
    "FAIL": Outcome.FAILED,
    "ERROR": Outcome.ERRORED,
    "TIMEOUT": Outcome.ERRORED,
    "ABORTED": Outcome.ABORTED,
}
_PHASE_OUTCOMES = {
    "PASS": Outcome.PASSED,
    "FAIL": Outcome.FAILED,
    "SKIP": Outcome.SKIPPED,
    "ERROR": Outcome.ERRORED,
}
# A subtest that stopped the test is as bad as its phases.
_SUBTEST_OUTCOMES = {"PASS": Outcome.PASSED, "FAIL": Outcome.FAILED}
_MEASUREMENT_OUTCOMES = {
    "PASS": Outcome.PASSED,
    "FAIL": Outcome.FAILED,
    "UNSET": Outcome.ERRORED,
    "PARTIALLY_SET": Outcome.ERRORED,
    "SKIPPED": Outcome.SKIPPED,
}

_log = logging.getLogger(__name__)


class OutputToLitmus:
    """Records each finished test as a run, for `Test.add_output_callbacks`.

    What OpenHTF judged stays as it was judged; its validators become limits where they can be said
    in numbers. What goes wrong here is logged and never reaches the test.

    Args:
        station_id: the station; that of the test record if not given.
        data_dir: the data directory, found as `resolve_data_dir` does.
        test_phase: for example `development` or `production`; stored as given.
        operator: id of the operator; `operator_id` of the test's metadata if not given.

    Raises:
        InvalidArgumentError: `litmus.yaml` cannot be read.
    """

    def __init__(
        self,
        station_id: str | None = None,
        data_dir: str | os.PathLike[str] | None = None,
        test_phase: str | None = None,
        operator: str | None = None,
    ) -> None:
        self._station_id = station_id
        self._data_dir = resolve_data_dir(data_dir)
        self._test_phase = test_phase
        self._operator = operator
        _core.start_daemon_in_background(self._data_dir)

    def __call__(self, record: Any) -> UUID | None:
        """Records a finished test, sealed and readable when this returns.

        Args:
            record: the `TestRecord` that OpenHTF gives.

        Returns:
            The id of the run; None if it could not be recorded, which is logged.
        """
        try:
            with EventLog(self._data_dir) as log:
                return self._record(record, log)
        except Exception:
            _log.exception("the test of %s could not be recorded", getattr(record, "dut_id", None))
            return None

    def _record(self, record: Any, log: EventLog) -> UUID:
        opened_at = datetime.now(UTC)
        run_id = uuid4()
        host, pid, process_started_at, program = _core.this_process()
        station_id = self._station_id or record.station_id
        operator = self._operator or record.metadata.get("operator_id")
        process: dict[str, Any] = {
            "station_id": station_id,
            "station_hostname": host,
            "operator_id": None if operator is None else str(operator),
            "pid": pid,
            "client": program,
            "host": host,
            "process_started_at": process_started_at,
        }
        log.emit(SessionStarted(occurred_at=opened_at, **process))
        log.emit(
            RunStarted(
                run_id=run_id,
                occurred_at=_time(record.start_time_millis),
                dut_serial=str(record.dut_id or "").strip(),
                test_phase=self._test_phase,
                project_name=record.code_info.name or _project_name(),
                environment_json=environment_json(),
                **process,
            )
        )
        # The run ends in any case, with what OpenHTF says about it; what is missing is named.
        missing = _Missing(run_id)
        with missing.noted("test record"), ChannelStore(self._data_dir, log.session_id) as channels:
            files = SessionFiles(self._data_dir, log.session_id, opened_at)
            _RunWriter(run_id, log, channels, files, missing).write(record)
        outcome = _TEST_OUTCOMES.get(_name(record.outcome), Outcome.ERRORED)
        details = [f"{detail.code}: {detail.description}" for detail in record.outcome_details]
        log.emit(
            RunEnded(
                run_id=run_id,
                occurred_at=_time(record.end_time_millis or record.start_time_millis),
                outcome=outcome,
                reason="\n".join([*details, *missing.texts]) or None,
                custom_metadata=_custom(record),
                events_lost=log.events_lost,
            )
        )
        log.emit(SessionEnded(outcome=outcome))
        log.seal_run(run_id, opened_at)
        return run_id


class _Missing:
    """What of a test record could not be stored: one piece takes no other along."""

    def __init__(self, run_id: UUID) -> None:
        self._run_id = run_id
        self.texts: list[str] = []

    @contextmanager
    def noted(self, what: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.texts.append(
                f"{what} could not be stored: {type(error).__name__}: {message_of(error)}"
            )
            _log.exception("run %s: %s could not be stored", self._run_id, what)


class _RunWriter:
    """Writes what happened in a run, between its start and its end."""

    def __init__(
        self,
        run_id: UUID,
        log: EventLog,
        channels: ChannelStore,
        files: SessionFiles,
        missing: _Missing,
    ) -> None:
        self._run_id = run_id
        self._log = log
        self._channels = channels
        self._files = files
        self._missing = missing

    def write(self, record: Any) -> None:
        for step in placed(record):
            if isinstance(step, PlacedSubtest):
                self._subtest(step)
            else:
                self._phase(step)
        for line in record.log_records:
            if line.level >= logging.WARNING:
                with self._missing.noted("log record"):
                    self._emit(_diagnostic(line))

    def _subtest(self, step: PlacedSubtest) -> None:
        place = step.place.fields()
        record = step.record
        if step.begins:
            self._emit(StepStarted(occurred_at=_time(record.start_time_millis), **place))
        else:
            ended = record.end_time_millis or record.start_time_millis
            outcome = _SUBTEST_OUTCOMES.get(_name(record.outcome))
            self._emit(StepEnded(occurred_at=_time(ended), outcome=outcome, **place))

    def _phase(self, step: PlacedPhase) -> None:
        phase = step.record
        place = {
            **step.place.fields(),
            "retry": step.retry,
            "function": phase.codeinfo.name or None,
        }
        started = _time(phase.start_time_millis)
        ended = _time(phase.end_time_millis or phase.start_time_millis)
        self._emit(StepStarted(occurred_at=started, description=phase.codeinfo.docstring, **place))
        measurements = (phase.measurements or {}).values()
        outputs: dict[str, Any] = {}
        for name, attachment in phase.attachments.items():
            with self._missing.noted(f"phase {phase.name}: attachment {name}"):
                self._attach(outputs, name, attachment)
        for measurement in measurements:
            if measurement.measured_value.is_value_set:
                with self._missing.noted(f"phase {phase.name}: value of {measurement.name}"):
                    self._keep_samples(outputs, phase.name, measurement, ended)
            if measurement.marginal:
                outputs[f"{measurement.name}_marginal"] = True
        if phase.marginal:
            outputs["marginal"] = True
        for measurement in measurements:
            with self._missing.noted(f"phase {phase.name}: measurement {measurement.name}"):
                self._emit(_measurement(measurement, step, outputs, ended))
        self._emit(
            StepEnded(
                occurred_at=ended,
                outcome=_PHASE_OUTCOMES.get(_name(phase.outcome), Outcome.ERRORED),
                outputs=outputs,
                **place,
                **_error(phase, measurements),
            )
        )

    def _attach(self, outputs: dict[str, Any], name: str, attachment: Any) -> None:
        path = PurePath(name)
        kind = attachment.mimetype  # None: OpenHTF cannot tell it from the name
        extension = path.suffix or mimetypes.guess_extension(kind or "") or ".bin"
        reference = self._files.store(path.stem, attachment.data, extension)
        if reference is not None:
            outputs[name] = reference
            if kind is not None:
                outputs[f"{name}_mimetype"] = kind

    def _keep_samples(
        self, outputs: dict[str, Any], phase_name: str, measurement: Any, at: datetime
    ) -> None:
        """Puts a value that is no single one into a channel, and its reference into `outputs`."""
        value = measurement.measured_value.value
        if measurement.dimensions:
            samples: Any = _table(measurement)
        elif as_samples(value) is not None or isinstance(value, Mapping):
            samples = value
        else:
            return
        channel = f"{phase_name}.{measurement.name}".replace("/", "_").replace("\\", "_")
        while ".." in channel:
            channel = channel.replace("..", ".")
        reference = self._channels.write(
            channel, samples, units=_units(measurement), source="openhtf", timestamp=at
        )
        if reference is not None:
            outputs[measurement.name] = reference

    def _emit(self, event: EventBase) -> None:
        event.run_id = self._run_id
        self._log.emit(event)


def _measurement(
    measurement: Any, step: PlacedPhase, outputs: Mapping[str, Any], ended: datetime
) -> MeasurementRecorded:
    limits = limits_of(measurement.validators)
    value: float | None = None
    value_text: str | None = None
    value_bool: bool | None = None
    if measurement.measured_value.is_value_set and measurement.name not in outputs:
        raw = measurement.measured_value.value
        if isinstance(raw, bool) or type(raw).__name__ == "bool_":
            value, value_bool = float(raw), bool(raw)
        elif (number := _number(raw)) is not None:
            value = number
        elif raw is not None:
            value_text = _text(raw)
    set_at = measurement.set_time_millis
    return MeasurementRecorded(
        occurred_at=ended,
        measurement_name=measurement.name,
        measurement_timestamp=ended if set_at is None else _time(set_at),
        value=value,
        value_text=value_text,
        value_bool=value_bool,
        units=_units(measurement),
        outcome=_MEASUREMENT_OUTCOMES.get(_name(measurement.outcome), Outcome.ERRORED),
        limit_low=limits.low,
        limit_high=limits.high,
        limit_nominal=limits.nominal,
        limit_nominal_text=limits.nominal_text,
        limit_nominal_bool=limits.nominal_bool,
        limit_comparator=limits.comparator,
        outputs=dict(outputs),
        retry=step.retry,
        **step.place.fields(),
    )


def _number(raw: Any) -> float | None:
    try:
        return float(raw) if _core.is_number(raw) else None
    except (TypeError, ValueError, OverflowError):  # an array, a date, 10**400
        return None


def _text(raw: Any) -> str:
    try:
        return str(raw)
    except Exception:  # a class of the test's own may do anything
        return f"<{type(raw).__name__}>"


def _table(measurement: Any) -> dict[str, list[Any]]:
    """A dimensioned measurement by columns: one per dimension, then that of the values."""
    names: list[str] = []
    for number, dimension in enumerate(measurement.dimensions):
        name = dimension.description or dimension.suffix or f"dimension_{number}"
        names.append(name if name not in names else f"{name}_{number}")
    names.append(measurement.name if measurement.name not in names else "value")
    rows = list(measurement.measured_value.value)
    return {name: [row[column] for row in rows] for column, name in enumerate(names)}


def _error(phase: Any, measurements: Any) -> dict[str, Any]:
    """Why a phase ended as it did."""
    raised: Any = getattr(phase.result, "phase_result", None)
    if (kind := getattr(raised, "exc_type", None)) is not None:
        text = raised.get_traceback_string() if hasattr(raised, "get_traceback_string") else None
        return {
            "error_type": kind.__qualname__,
            "error_message": message_of(raised.exc_val),
            "error_traceback": text,
        }
    if getattr(phase.result, "is_timeout", False):
        return {"error_type": "TimeoutError", "error_message": "the phase took too long"}
    reasons = [
        f"{measurement.name}: {measurement.measured_value} does not meet "
        f"{' and '.join(str(validator) for validator in measurement.validators)}"
        for measurement in measurements
        if _name(measurement.outcome) == "FAIL"
    ]
    reasons += [
        f"{measurement.name}: no value was set"
        for measurement in measurements
        if _name(measurement.outcome) == "UNSET"
    ]
    return {"error_message": "\n".join(reasons)} if reasons else {}


def _diagnostic(line: Any) -> EventBase:
    kind = DiagnosticError if line.level >= logging.ERROR else DiagnosticWarning
    return kind(
        occurred_at=_time(line.timestamp_millis),
        source=str(line.logger_name),
        message=str(line.message),
        details={"file": str(line.source), "line": int(line.lineno), "level": int(line.level)},
    )


def _project_name() -> str | None:
    """Of `litmus.yaml`: OpenHTF names the file of the test only with `capture_source`."""
    project = _core.find_project()
    return project[1].get("name") if project else None


def _custom(record: Any) -> dict[str, Any]:
    custom = {key: value for key, value in record.metadata.items() if not key.startswith("_")}
    if record.marginal:
        custom["marginal"] = True
    return custom


def _units(measurement: Any) -> str | None:
    units = measurement.units
    return (units.suffix or units.name) if units is not None else None


def _name(member: Any) -> str:
    """Of a member of one of OpenHTF's enumerations; empty for None."""
    return getattr(member, "name", "")


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)
