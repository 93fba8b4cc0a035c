# SPDX-License-Identifier: Apache-2.0
"""What records a run: the run, its steps and their vectors.

Judging, rolling up and storing is done by the C++ recorders behind them; here stay the Python
objects that `finish` returns.
"""

import os
import threading
import traceback
import weakref
from abc import abstractmethod
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from litmus import _core
from litmus.closing import EndedByWith, is_stop
from litmus.data.models import Measurement, TestRun, TestStep, TestVector
from litmus.data.outcomes import Comparator, Outcome
from litmus.errors import InvalidArgumentError
from litmus.problems import warn

Attachable = str | os.PathLike[str] | bytes | bytearray | memoryview
StepError = tuple[Outcome, str, str, str]  # outcome, type, text and traceback of an exception


class RunBuilder(EndedByWith):
    """Records a run; `LitmusClient.start_run` makes it.

        with client.start_run(dut_serial="SN001", station_id="bench_1") as run:
            with run.step("rail_3v3") as step:
                step.measure("voltage", 3.31, units="V", low=3.1, high=3.5)

    Leaving `with` finishes the run; an exception leaves it `errored`, a failed assertion `failed`,
    Ctrl-C and sys.exit `terminated`. Without `with`, call `finish`. A run that is forgotten is
    aborted, at the latest when the interpreter ends.

    Recording never fails a test: what cannot be stored is warned about (LitmusWarning). Steps form
    one stack, so threads that test side by side use a run each.
    """

    def __init__(
        self, recorder: _core.RunRecorder, problems: _core.Problems, record: TestRun
    ) -> None:
        self._recorder = recorder
        self._problems = problems
        self._record = record
        self._open_steps: list[StepBuilder] = []
        self._lock = threading.Lock()
        self._if_forgotten = weakref.finalize(self, _abort, recorder, problems, os.getpid())
        _warn(problems)

    @property
    def id(self) -> UUID:
        """The run's id, the key to everything that is stored of it."""
        return self._record.id

    def step(self, name: str, description: str | None = None) -> "StepBuilder":
        """A step, to be used in a `with` block.

        A name used again in the run is its next vector, never a retry; inside an open step it is
        that step's child.
        """
        return StepBuilder(self, name, description)

    def set_metadata(self, key: str, value: Any) -> None:
        """Keeps a fact about the run, in the column `custom_{key}`. Keys that begin with `_` are private."""
        self._recorder.set_metadata(key, value)
        if not key.startswith("_"):
            self._record.custom_metadata[key] = value

    def attach(self, name: str, content: Attachable) -> str:
        """Keeps a copy of a file, or bytes, with the run.

        Returns:
            Its `file://_ref/…` reference, which also stands in the column `custom_{name}`; empty if
            it could not be stored.

        Raises:
            NotFoundError: there is no such file.
        """
        reference = _attach(self._recorder, name, content)
        if reference:
            self._record.custom_metadata[name] = reference
        _warn(self._problems)
        return reference

    def finish(self) -> TestRun:
        """Ends the run and seals its file; every reader sees it when this returns.

        Steps that are still open end first. Calling it again changes nothing.
        """
        return self._end(None, "")

    def abort(self, message: str | None = None) -> TestRun:
        """As `finish`, with outcome `aborted`."""
        return self._end(Outcome.ABORTED, _text(message))

    def _leave(self, error: BaseException | None) -> None:
        if error is None:
            self._end(None, "")
        else:
            outcome, name, message, _ = _described(error)
            self._end(outcome, f"{name}: {message}" if message else name)

    def _end(self, at_least: Outcome | None, reason: str) -> TestRun:
        if self._record.ended_at is None:
            for step in reversed(self._open_steps.copy()):
                step._end(None)
            summary = self._recorder.end(at_least, reason)
            self._if_forgotten.detach()
            self._record.ended_at = summary["ended_at"]
            self._record.outcome = Outcome(summary["outcome"])
            self._record.dut.serial = summary["dut_serial"]
            self._record.station_hostname = summary["station_hostname"]
            self._record.project_name = summary["project_name"]
            _warn(self._problems)
        return self._record


class _Block(EndedByWith):
    """A `with` block that takes measurements: a step or a vector."""

    _run: RunBuilder

    @abstractmethod
    def _begin(self) -> None: ...

    @abstractmethod
    def _end(self, error: StepError | None) -> None: ...

    def __enter__(self) -> Self:
        self._begin()
        _warn(self._run._problems)
        return self

    def _leave(self, error: BaseException | None) -> None:
        self._end(_described(error) if error else None)
        _warn(self._run._problems)


class VectorBuilder(_Block):
    """One combination of parameters within a step; `StepBuilder.vector` makes it."""

    def __init__(self, step: "StepBuilder", parameters: dict[str, Any] | None) -> None:
        self._run = step._run
        self._step = step
        self._parameters = parameters  # None: the step's own vector
        self._recorder: _core.VectorRecorder | None = None

    def measure(
        self,
        name: str,
        value: Any,
        *,
        units: str | None = None,
        low: float | None = None,
        high: float | None = None,
        nominal: float | bool | str | None = None,
        comparator: str = Comparator.GELE,
        spec_ref: str | None = None,
    ) -> Measurement:
        """Records a value, and judges it if a bound is given that the comparator looks at.

        Args:
            name: what was measured.
            value: a number, NumPy's and Decimal included, or a text of one; a bool; another text.
                None: no value came, which is `errored` where there are limits.
            units: of the value and its bounds.
            low: lower bound; None: open.
            high: upper bound; None: open.
            nominal: what EQ and NE compare with; for a bool or a text one of its own kind.
            comparator: `GELE` (low <= value <= high), `GELT`, `GTLE`, `GTLT`, `GE`, `GT`, `LE`,
                `LT`, `EQ` or `NE`.
            spec_ref: place in the specification that the bounds come from.

        Returns:
            The measurement with its outcome.

        Raises:
            InvalidArgumentError: an unknown comparator, a value of another type, or one that its
                limits cannot be compared with. Nothing is recorded then.
        """
        (
            number,
            value_text,
            value_bool,
            limit_low,
            limit_high,
            limit_nominal,
            nominal_text,
            nominal_bool,
            used_comparator,
            outcome,
            timestamp,
        ) = self._open_recorder().measure(
            name, value, units, low, high, nominal, comparator, spec_ref
        )
        measurement = Measurement(
            name=name,
            step_path=self._step._record.step_path,
            value=number,
            units=units,
            limit_low=limit_low,
            limit_high=limit_high,
            limit_nominal=limit_nominal,
            outcome=outcome,
            spec_ref=spec_ref,
            limit_comparator=used_comparator,
            timestamp=timestamp,
            value_text=value_text,
            value_bool=value_bool,
            limit_nominal_text=nominal_text,
            limit_nominal_bool=nominal_bool,
        )
        self._record.measurements.append(measurement)
        if self._run._problems.waiting:
            _warn(self._run._problems)
        return measurement

    def observe(self, key: str, value: Any) -> None:
        """Keeps what was seen beside the measurements, in the column `out_{key}`."""
        self._open_recorder().observe(key, value)
        if not key.startswith("_"):
            self._record.observations[key] = value

    def attach(self, name: str, content: Attachable) -> str:
        """As `RunBuilder.attach`, but the reference stands in the column `out_{name}`."""
        reference = _attach(self._open_recorder(), name, content)
        if reference:
            self._record.observations[name] = reference
        _warn(self._run._problems)
        return reference

    def fail(self, message: object = None) -> None:
        """At least `failed`; the message is kept."""
        self._open_recorder().fail(_text(message))
        _add_message(self._record, _text(message))

    def skip(self, message: object = None) -> None:
        """`skipped`, unless it is worse already; the message is kept."""
        self._open_recorder().skip(_text(message))
        _add_message(self._record, _text(message))

    def _open_recorder(self) -> _core.VectorRecorder:
        if self._recorder is None:
            raise _not_begun("vector of step", self._step._record.name)
        return self._recorder

    def _begin(self) -> None:
        if self._recorder is not None:
            raise _begun_twice("vector of step", self._step._record.name)
        step = self._step._open_recorder()
        own = self._parameters is None
        self._recorder = step.own_vector() if own else step.begin_vector(self._parameters or {})
        self._record = TestVector(
            test_step_id=self._step._record.id,
            index=self._recorder.index,
            params=self._parameters or {},
            started_at=datetime.now(UTC),
        )
        self._step._record.vectors.append(self._record)
        self._step._open_vectors.append(self)

    def _end(self, error: StepError | None) -> None:
        if self._recorder is None or self._record.ended_at is not None:
            return
        if self._parameters is not None:  # the step's own vector ends with the step
            self._recorder.end(error)
        if error:
            _add_message(self._record, error[2])
        self._record.outcome = self._recorder.outcome
        self._record.ended_at = datetime.now(UTC)
        self._step._open_vectors.remove(self)


class StepBuilder(_Block):
    """A step of a run; `RunBuilder.step` makes it. Measurements outside of a vector go to its own."""

    def __init__(self, run: RunBuilder, name: str, description: str | None) -> None:
        self._run = run
        self._recorder: _core.StepRecorder | None = None
        self._record = TestStep(name=name, description=description)
        self._open_vectors: list[VectorBuilder] = []
        self._own: VectorBuilder | None = None

    def measure(
        self,
        name: str,
        value: Any,
        *,
        units: str | None = None,
        low: float | None = None,
        high: float | None = None,
        nominal: float | bool | str | None = None,
        comparator: str = Comparator.GELE,
        spec_ref: str | None = None,
    ) -> Measurement:
        """As `VectorBuilder.measure`, in the step's own vector."""
        return self._own_vector().measure(
            name,
            value,
            units=units,
            low=low,
            high=high,
            nominal=nominal,
            comparator=comparator,
            spec_ref=spec_ref,
        )

    def vector(self, /, **params: Any) -> VectorBuilder:
        """A combination of parameters, to be used in a `with` block; they become `in_*` columns."""
        return VectorBuilder(self, params)

    def observe(self, key: str, value: Any) -> None:
        """As `VectorBuilder.observe`, in the step's own vector."""
        self._own_vector().observe(key, value)

    def attach(self, name: str, content: Attachable) -> str:
        """As `VectorBuilder.attach`, in the step's own vector."""
        return self._own_vector().attach(name, content)

    def fail(self, message: object = None) -> None:
        """At least `failed`; the message is kept."""
        self._open_recorder().fail(_text(message))
        _add_message(self._record, _text(message))

    def skip(self, message: object = None) -> None:
        """`skipped`, unless it is worse already; the message is kept."""
        self._open_recorder().skip(_text(message))
        _add_message(self._record, _text(message))

    def _own_vector(self) -> VectorBuilder:
        with self._run._lock:  # threads that measure in one step share its vector
            if self._own is None:
                own = VectorBuilder(self, None)
                own._begin()
                self._own = own
            return self._own

    def _open_recorder(self) -> _core.StepRecorder:
        if self._recorder is None:
            raise _not_begun("step", self._record.name)
        return self._recorder

    def _begin(self) -> None:
        if self._recorder is not None:
            raise _begun_twice("step", self._record.name)
        self._recorder = self._run._recorder.begin_step(self._record.name, self._record.description)
        self._record.step_path = self._recorder.path
        self._record.parent_path = self._recorder.parent_path
        self._record.started_at = datetime.now(UTC)
        self._run._open_steps.append(self)

    def _end(self, error: StepError | None) -> None:
        if self._recorder is None or self._record.ended_at is not None:
            return
        for vector in reversed(self._open_vectors.copy()):
            vector._end(None)
        self._recorder.end(error)
        self._own = None  # it refers to this step, which would keep a forgotten run alive
        if error:
            _add_message(self._record, error[2])
        self._record.outcome = self._recorder.outcome
        self._record.ended_at = datetime.now(UTC)
        self._run._open_steps.remove(self)
        self._run._record.steps.append(self._record)


def _described(error: BaseException) -> StepError:
    """What it makes of the block that it leaves."""
    if isinstance(error, AssertionError):
        outcome = Outcome.FAILED
    elif is_stop(error):
        outcome = Outcome.TERMINATED
    else:
        outcome = Outcome.ERRORED
    told = traceback.TracebackException.from_exception(error)
    return outcome, type(error).__qualname__, str(told), "".join(told.format())


def _abort(recorder: _core.RunRecorder, problems: _core.Problems, process: int) -> None:
    if os.getpid() != process:
        return  # a forked child: the run is its parent's
    recorder.end(Outcome.ABORTED, "neither finished nor aborted")
    warn(
        f"run {recorder.id} was neither finished nor aborted: it is stored as aborted; "
        "call finish() or use the run in a `with` block"
    )
    _warn(problems)


def _attach(
    recorder: _core.RunRecorder | _core.VectorRecorder, name: str, content: Attachable
) -> str:
    if isinstance(content, bytes | bytearray | memoryview):
        return recorder.attach_bytes(name, bytes(content))
    return recorder.attach_file(name, content)


def _warn(problems: _core.Problems) -> None:
    if problems.waiting:
        for problem in problems.take():
            warn(problem)


def _text(message: object) -> str:
    return "" if message is None else str(message)


def _add_message(record: TestStep | TestVector, message: str) -> None:
    if message:
        known = record.error_message
        record.error_message = f"{known}\n{message}" if known else message


def _not_begun(what: str, name: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"{what} '{name}' has not begun: use it in a `with` block")


def _begun_twice(what: str, name: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"{what} '{name}' was used already: make a new one")
