# SPDX-License-Identifier: Apache-2.0
"""Recording the runs of a test framework that Litmus does not know."""

import json
import os
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from litmus import _core
from litmus.data.channels.lazy import LazyChannelStore
from litmus.data.data_dir import resolve_data_dir
from litmus.data.event_log import EventLog
from litmus.data.events import (
    EventBase,
    InstrumentConnected,
    RunEnded,
    RunStarted,
    StepEnded,
    StepStarted,
    TestRecord,
)
from litmus.data.measurement import Measurement
from litmus.data.models import DUT, Limit, TestRun, TestStep, TestVector
from litmus.data.outcomes import Outcome, escalate_outcome
from litmus.environment import environment_json
from litmus.errors import InvalidArgumentError
from litmus.execution.judging import checked_limit, checked_outcome, judged, recorded
from litmus.execution.observing import Channels, Observations, is_small
from litmus.execution.verify import DuplicateMeasurementError
from litmus.git_state import GitQuestion


class RunFacts:
    """The user's own facts about a run: columns `custom_*`."""

    def __init__(self) -> None:
        self.metadata: dict[str, Any] = {}

    def set(self, key: str, value: Any) -> None:
        """Keeps a fact. Keys that begin with `_` are private."""
        self.metadata[key] = value

    def get(self, key: str, default: Any = None) -> Any:
        return self.metadata.get(key, default)

    def update(self, **facts: Any) -> None:
        """Keeps several."""
        self.metadata.update(facts)


class _OpenStep:
    """A step between `start_step` and `end_step`."""

    def __init__(self, record: TestStep, event: StepStarted) -> None:
        self.record = record
        self.event = event
        self.children: list[TestStep] = []
        self.worst: Outcome | None = None
        self.measured: dict[tuple[str, str | None], bool] = {}
        """By name and connection: whether the name may come again."""
        self.inputs = event.inputs
        self.outputs: dict[str, Any] = {}
        self.vector = TestVector(
            test_step_id=record.id,
            index=event.vector_index,
            params=event.inputs,
            retry=event.retry,
            started_at=event.occurred_at,
        )
        record.vectors.append(self.vector)


class TestRunLogger:
    """Records one run, step by step, into the log that is assigned to `event_log`.

        with EventLog(data_dir) as log:
            log.emit(SessionStarted())
            logger = TestRunLogger(dut_serial="SN001", station_id="bench_1")
            logger.event_log = log
            logger.start_step("rail_3v3")
            logger.measure("voltage", 3.31, limit={"low": 3.1, "high": 3.5, "units": "V"})
            logger.end_step()
            logger.finalize()
            log.emit(SessionEnded())

    Assigning the log begins the run there; without one nothing is stored, and the object that
    `finalize` returns is all there is. Steps nest. One thread.

    Args:
        dut_serial: serial number of the device; blank if it has none.
        session_id, run_id: new ones if not given; with a log the session is the log's.
        git_commit, git_branch, git_remote: asked from git in `project_dir` if none is given.
        station_hostname: this machine if not given.
        project_dir: folder of the project; the working folder if not given.
        data_dir: where observed arrays and bytes go; that of the log if not given.
        instruments: facts by role, as the fixture `instrument_records` has them: `id`, `driver`,
            `resource`, `protocol`, `identity`, `calibration`, `mocked`.
        environment: versions and dependencies; taken from this interpreter if not given.
    """

    __test__ = False  # no test class, whatever pytest thinks of the name

    def __init__(
        self,
        dut_serial: str | None = None,
        station_id: str | None = None,
        *,
        station_name: str | None = None,
        station_type: str | None = None,
        station_location: str | None = None,
        station_hostname: str | None = None,
        operator_id: str | None = None,
        operator_name: str | None = None,
        test_phase: str | None = None,
        profile: str | None = None,
        profile_facets: Mapping[str, Any] | None = None,
        session_inputs: Mapping[str, Any] | None = None,
        session_id: UUID | None = None,
        run_id: UUID | None = None,
        product_id: str | None = None,
        product_name: str | None = None,
        product_revision: str | None = None,
        fixture_id: str | None = None,
        dut_part_number: str | None = None,
        dut_revision: str | None = None,
        dut_lot_number: str | None = None,
        git_commit: str | None = None,
        git_branch: str | None = None,
        git_remote: str | None = None,
        project_name: str | None = None,
        project_dir: str | os.PathLike[str] | None = None,
        data_dir: str | os.PathLike[str] | None = None,
        instruments: Mapping[str, Mapping[str, Any]] | None = None,
        environment: Mapping[str, Any] | None = None,
    ) -> None:
        if git_commit is None and git_branch is None and git_remote is None:
            git = GitQuestion(Path(project_dir or Path.cwd()).resolve()).answer()
            git_commit, git_branch, git_remote = git.commit, git.branch, git.remote
        self.run_context = RunFacts()
        self.test_run = TestRun(
            id=run_id or uuid4(),
            session_id=session_id or uuid4(),
            started_at=datetime.now(UTC),
            dut=DUT(dut_serial, dut_part_number, dut_revision, dut_lot_number),
            product_id=product_id,
            product_name=product_name,
            product_revision=product_revision,
            station_id=station_id,
            station_name=station_name,
            station_type=station_type,
            station_location=station_location,
            station_hostname=station_hostname or _core.this_process()[0],
            fixture_id=fixture_id,
            test_phase=test_phase,
            profile=profile,
            profile_facets=dict(profile_facets or {}),
            session_inputs=dict(session_inputs or {}),
            operator_id=operator_id,
            operator_name=operator_name,
            git_commit=git_commit,
            git_branch=git_branch,
            git_remote=git_remote,
            project_name=project_name,
            custom_metadata=self.run_context.metadata,
            environment_json=environment_json() if environment is None else json.dumps(environment),
        )
        self._data_dir = None if data_dir is None else resolve_data_dir(data_dir)
        self._instruments = dict(instruments or {})
        self._channels: LazyChannelStore | None = None
        self._log: EventLog | None = None
        self._log_opened_at = self.test_run.started_at
        self._open: list[_OpenStep] = []
        self._finished: list[TestStep] = []  # of the run itself, not inside another step
        self._step_index: dict[str, int] = {}
        self._children: defaultdict[str, int] = defaultdict(int)
        self._next_vector: defaultdict[str, int] = defaultdict(int)
        self._attempts: dict[tuple[str, int], int] = {}
        self._vector_of_node: dict[tuple[str, str], int] = {}

    @property
    def session_id(self) -> UUID:
        return self.test_run.session_id

    @property
    def event_log(self) -> EventLog | None:
        """Where the run is recorded. Assigning begins it there, which can be done once."""
        return self._log

    @event_log.setter
    def event_log(self, log: EventLog) -> None:
        if self._log is not None or self._step_index:
            raise InvalidArgumentError(
                "event_log: the run has begun already: assign the log once, before the first step"
            )
        self._log = log
        self._log_opened_at = datetime.now(UTC)
        run = self.test_run
        run.session_id = log.session_id
        host, pid, process_started_at, program = _core.this_process()
        log.emit(
            RunStarted(
                run_id=run.id,
                occurred_at=run.started_at,
                station_id=run.station_id,
                station_name=run.station_name,
                station_type=run.station_type,
                station_location=run.station_location,
                station_hostname=run.station_hostname,
                pid=pid,
                client=program,
                dut_serial=(run.dut.serial or "").strip(),
                dut_part_number=run.dut.part_number,
                dut_revision=run.dut.revision,
                dut_lot_number=run.dut.lot_number,
                product_id=run.product_id,
                product_name=run.product_name,
                product_revision=run.product_revision,
                operator_id=run.operator_id,
                operator_name=run.operator_name,
                fixture_id=run.fixture_id,
                test_phase=run.test_phase,
                project_name=run.project_name,
                git_commit=run.git_commit,
                git_branch=run.git_branch,
                git_remote=run.git_remote,
                environment_json=run.environment_json,
                custom_metadata=dict(run.custom_metadata),
                host=host,
                process_started_at=process_started_at,
                profile=run.profile,
                profile_facets=run.profile_facets,
                session_inputs=run.session_inputs,
            )
        )
        for role, facts in self._instruments.items():
            log.emit(_connected(role, facts))

    def start_step(
        self,
        name: str,
        description: str | None = None,
        *,
        step_index: int | None = None,
        vector_index: int | None = None,
        inputs: Mapping[str, Any] | None = None,
        node_id: str | None = None,
        file: str | None = None,
        module: str | None = None,
        class_name: str | None = None,
        function: str | None = None,
        markers: str | None = None,
    ) -> TestStep:
        """Begins a step, inside the one that is open.

        A vector that comes again is a retry: its last attempt counts.

        Args:
            step_index: position within the parent; counted if not given.
            vector_index: number of the combination of parameters; if not given that of `node_id`,
                else the next one.
            inputs: the parameters: `in_*` columns.
            node_id: of the test in its framework.

        Raises:
            InvalidArgumentError: the name is empty, or the run has ended.
        """
        self._require_running()
        if not name.strip():
            raise InvalidArgumentError("start_step: expected a name, found an empty text")
        parent = self._open[-1].record.step_path if self._open else ""
        path = f"{parent}/{name.replace('/', '_')}" if parent else name.replace("/", "_")
        if path not in self._step_index:
            self._step_index[path] = self._children[parent] if step_index is None else step_index
            self._children[parent] += 1
        index = self._vector(path, vector_index, node_id)
        retry = self._attempts.get((path, index), -1) + 1
        self._attempts[path, index] = retry
        now = datetime.now(UTC)
        record = TestStep(
            name=name,
            step_path=path,
            parent_path=parent,
            description=description,
            node_id=node_id,
            file=file,
            module=module,
            class_name=class_name,
            function=function,
            markers=markers,
            started_at=now,
        )
        event = StepStarted(
            occurred_at=now,
            step_name=name,
            step_index=self._step_index[path],
            step_path=path,
            parent_path=parent,
            description=description,
            vector_index=index,
            inputs=dict(inputs or {}),
            node_id=node_id,
            file=file,
            module=module,
            class_name=class_name,
            function=function,
            retry=retry,
        )
        self._open.append(_OpenStep(record, event))
        self.emit(event)
        return record

    def end_step(self, outcome: str | None = None, error_message: str | None = None) -> TestStep:
        """Ends the innermost step: as bad as its measurements, the steps inside and `outcome`.

        Args:
            outcome: what the framework says; None: nothing more than what was measured.
            error_message: why.

        Raises:
            InvalidArgumentError: no step is open, or there is no such outcome; the step stays open.
        """
        step = self._innermost("end_step")
        told = None if outcome is None else checked_outcome("end_step", outcome)
        self._open.pop()
        worst = escalate_outcome(step.worst, _worst_by_last_attempts(step.children))
        worst = escalate_outcome(worst, told)
        now = datetime.now(UTC)
        record, started = step.record, step.event
        record.outcome = step.vector.outcome = worst or Outcome.DONE
        record.error_message = step.vector.error_message = error_message
        record.ended_at = step.vector.ended_at = now
        self.test_run.steps.append(record)
        (self._open[-1].children if self._open else self._finished).append(record)
        self.emit(
            StepEnded(
                occurred_at=now,
                step_name=started.step_name,
                step_index=started.step_index,
                step_path=started.step_path,
                parent_path=started.parent_path,
                vector_index=started.vector_index,
                node_id=started.node_id,
                file=started.file,
                module=started.module,
                class_name=started.class_name,
                function=started.function,
                outcome=record.outcome,
                vector_outcome=record.outcome,
                inputs=step.inputs,
                outputs=step.outputs,
                retry=started.retry,
                error_message=error_message,
            )
        )
        return record

    def measure(
        self,
        name: str,
        value: Any,
        *,
        limit: Limit | Mapping[str, Any] | None = None,
        outcome: str = Outcome.DONE,
        allow_repeat: bool = False,
    ) -> Measurement:
        """Records a value in the innermost step; judged if there is a limit, but never raised.

        Args:
            value: a number, a bool, a text; None: no value came.
            limit: what it is held against; as the fixture `verify` takes it.
            outcome: of the row where there is no limit.
            allow_repeat: the name may come again in this step, if each of them says so.

        Raises:
            DuplicateMeasurementError: the name was measured in this step already.
            InvalidArgumentError: no step is open, the limit is broken, or cannot be compared with.
        """
        checked = None if limit is None else checked_limit(name, limit)
        return self.add(
            judged(name, value, checked, checked_outcome(name, outcome)), allow_repeat=allow_repeat
        )

    def add(self, measurement: Measurement, *, allow_repeat: bool = False) -> Measurement:
        """Records a measurement that has been judged already, in the innermost step.

        Args:
            measurement: also with what `measure` does not know: pin, connection, instrument.
            allow_repeat: as `measure` has it.

        Raises:
            DuplicateMeasurementError: the name was measured in this step, at this connection already.
            InvalidArgumentError: no step is open.
        """
        step = self._innermost("measure")
        key = (measurement.name, measurement.fixture_connection)
        if key in step.measured and not (allow_repeat and step.measured[key]):
            raise DuplicateMeasurementError(measurement.name)
        again = any(name == measurement.name for name, _ in step.measured)
        step.measured[key] = allow_repeat
        measurement.step_path = step.record.step_path
        self.emit(
            recorded(
                measurement,
                step_name=step.event.step_name,
                step_index=step.event.step_index,
                parent_path=step.event.parent_path,
                vector_index=step.event.vector_index,
                retry=step.event.retry,
                inputs=step.inputs,
                outputs=step.outputs,
                custom=self.run_context.metadata,
                allow_repeat=again,
            )
        )
        step.vector.measurements.append(measurement)
        step.worst = escalate_outcome(step.worst, measurement.outcome)
        return measurement

    def configure(self, key: str, value: Any) -> None:
        """A commanded value: `in_{key}` on the rows of the innermost step that follow.

        Raises:
            InvalidArgumentError: no step is open.
        """
        step = self._innermost("configure")
        step.inputs = {**step.inputs, key: value}

    def observe(self, key: str, value: Any) -> None:
        """An ambient value: `out_{key}` of the innermost step. Arrays go to the channel `key`, bytes
        into a file.

        Raises:
            InvalidArgumentError: no step is open, or the value is large and there is no place for it.
        """
        self._innermost("observe")
        self.keep_output(key, self.store_observation(key, value), value)

    def keep_output(self, key: str, stored: Any, value: Any) -> None:
        """An observed value whose place is known already.

        Args:
            key: of the column `out_{key}`.
            stored: what stands on the row, as `store_observation` returns it.
            value: as it was observed.
        """
        step = self._innermost("observe")
        step.outputs = {**step.outputs, key: stored}
        step.vector.observations[key] = value

    def store_observation(self, key: str, value: Any, channels: Channels | None = None) -> Any:
        """Puts an observed value into its place: an array into a channel, bytes into a file.

        Args:
            channels: in place of the run's own.

        Returns:
            What stands on the row: the value itself, or the reference to it.

        Raises:
            InvalidArgumentError: the value is large, and there is no place for it.
        """
        if is_small(value):
            return value
        data_dir = self._data_dir or (self._log.data_dir if self._log is not None else None)
        if data_dir is None:
            raise InvalidArgumentError(
                f"observe {key!r}: a value of this kind needs a place: give data_dir, or assign "
                "event_log"
            )
        if channels is None:
            if self._channels is None:
                self._channels = LazyChannelStore(data_dir, self.session_id)
            channels = self._channels
        return Observations(data_dir, self.session_id, self._log_opened_at, channels).store(
            key, value
        )

    def emit(self, event: EventBase) -> None:
        """Any event of the run."""
        if self._log is not None:
            event.run_id = self.test_run.id
            self._log.emit(event)

    def record(self, key: str, value: Any) -> None:
        """A note beside the measurements: an event, no row of the run file."""
        self._require_running()
        step = self._open[-1].event if self._open else None
        self.emit(
            TestRecord(
                step_name=step.step_name if step else "",
                step_index=step.step_index if step else -1,
                key=key,
                value=value,
            )
        )

    def finalize(self, outcome: str | None = None, reason: str | None = None) -> TestRun:
        """Ends the run and, with a log, seals its file: every reader sees it when this returns.

        Steps that are open end first. The outcome is that of the steps, of retries by their last
        attempt. Calling it again changes nothing.

        Args:
            outcome: the run is at least so bad.
            reason: why.

        Raises:
            InvalidArgumentError: there is no such outcome; the run goes on.
        """
        run = self.test_run
        if run.ended_at is not None:
            return run
        told = None if outcome is None else checked_outcome("finalize", outcome)
        while self._open:
            self.end_step()
        worst = escalate_outcome(_worst_by_last_attempts(self._finished), told)
        run.outcome = worst or Outcome.DONE
        run.ended_at = datetime.now(UTC)
        if self._channels is not None:
            self._channels.close()
        self.emit(
            RunEnded(
                occurred_at=run.ended_at,
                outcome=run.outcome,
                custom_metadata=dict(self.run_context.metadata),
                reason=reason,
            )
        )
        if self._log is not None:
            self._log.seal_run(run.id, min(run.started_at, self._log_opened_at))
        return run

    def _vector(self, path: str, given: int | None, node_id: str | None) -> int:
        index = given
        if index is None and node_id is not None:
            index = self._vector_of_node.get((path, node_id))
        if index is None:
            index = self._next_vector[path]
        self._next_vector[path] = max(self._next_vector[path], index + 1)
        if node_id is not None:
            self._vector_of_node[path, node_id] = index
        return index

    def _innermost(self, what: str) -> _OpenStep:
        self._require_running()
        if not self._open:
            raise InvalidArgumentError(f"{what}: no step is open: call start_step before")
        return self._open[-1]

    def _require_running(self) -> None:
        if self.test_run.ended_at is not None:
            raise InvalidArgumentError(
                f"run {self.test_run.id} has ended: nothing can be added to it; start a new run"
            )


def _worst_by_last_attempts(steps: list[TestStep]) -> Outcome | None:
    attempts = [(f"{step.step_path}[{step.vectors[0].index}]", step.outcome) for step in steps]
    return _core.retry_aware_rollup(attempts)


def _connected(role: str, facts: Mapping[str, Any]) -> InstrumentConnected:
    identity, calibration = facts.get("identity") or {}, facts.get("calibration") or {}
    return InstrumentConnected(
        role=role,
        instrument_id=facts.get("id") or role,
        driver=facts.get("driver"),
        resource=facts.get("resource") or "",
        protocol=facts.get("protocol") or "",
        manufacturer=identity.get("manufacturer"),
        model=identity.get("model"),
        serial=identity.get("serial"),
        firmware=identity.get("firmware"),
        cal_due=_date(calibration.get("due_date")),
        cal_last=_date(calibration.get("last_cal")),
        cal_certificate=calibration.get("certificate"),
        cal_lab=calibration.get("lab"),
        mocked=bool(facts.get("mocked")),
    )


def _date(given: Any) -> str | None:
    return None if given is None else str(given)
