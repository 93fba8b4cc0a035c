# SPDX-License-Identifier: Apache-2.0
"""Steps as they are executed: attempts at tests, and the classes around them."""

from collections.abc import Iterable
from typing import Any

from litmus import _core
from litmus.data.events import StepEnded, StepStarted
from litmus.data.outcomes import Outcome, escalate_outcome
from litmus.execution.context import Values
from litmus.pytest_plugin.outcomes import PhaseError, PhaseResult
from litmus.pytest_plugin.plan import ContainerPlan, StepPlan
from litmus.pytest_plugin.recording import Recording


class Vector(Values):
    """One row of the run: a step at one set of parameters, in one attempt."""

    def __init__(self, index: int, inputs: dict[str, Any]) -> None:
        super().__init__(inputs)
        self.index = index
        self.worst_row: Outcome | None = None
        self.judged = False
        self.measured: dict[tuple[str, str | None], bool] = {}
        """By name and connection: whether the name may come again."""
        self.names: set[str] = set()

    @property
    def intent(self) -> bool:
        """Something was judged."""
        return self.judged


class Attempt:
    """A test from its setup to its teardown, once. Retries make further ones."""

    def __init__(self, recording: Recording, plan: StepPlan, retry: int) -> None:
        self.plan = plan
        self.retry = retry
        self._recording = recording
        self._results: list[PhaseResult] = []
        self._closed: list[Outcome] = []  # of vectors that have ended
        self.vector = Vector(plan.vector_index, plan.inputs)
        self.failed_rows: list[str] = []
        """Of all its vectors: what is wrong with rows out of their limits, or without a value."""
        self.untraceable: list[str] = []
        """Rows that lead to neither specification nor pin."""
        self.loops = False
        self._begin()

    def assertion_passed(self) -> None:
        """A verdict was asked for, and held."""
        self.vector.judged = True

    def add(self, result: PhaseResult) -> None:
        """A phase is over."""
        self._results.append(result)

    def next_vector(self, number: int, row: dict[str, Any]) -> Vector:
        """The test has come to the next of the vectors that it loops over itself."""
        index = self.plan.vector_index + number
        inputs = {**self.plan.inputs, **row}
        if self.loops:
            self._end_vector(self._row_outcome(self.vector), None)
        vector = Vector(index, inputs)
        if not self.loops:  # what was measured before the loop stands on the first row
            vector.worst_row, vector.judged = self.vector.worst_row, self.vector.judged
            vector.inputs |= self.vector.inputs
            vector.outputs |= self.vector.outputs
        self.loops = True
        self.vector = vector
        self._begin()
        return vector

    def end(self) -> Outcome:
        """All phases are over: the outcome of the attempt, now on record."""
        results = self._results
        if not _is_bad(self.vector.worst_row):  # an earlier vector has failed, not this one
            results = self._results = [each for each in results if not each.of_rows]
        error = next((each.error for each in results if _is_bad(each.outcome)), None)
        error = error or next((each.error for each in results if each.error), None)
        last = self._outcome()
        self._end_vector(last, error)
        worst: Outcome = last
        for outcome in self._closed:
            worst = escalate_outcome(worst, outcome) or worst
        return worst

    def _outcome(self) -> Outcome:
        """Of the vector that is open: the worst of its rows and of the phases."""
        body: Outcome | None = None
        expected = False
        for result in self._results:
            expected = expected or result.expected
            body = escalate_outcome(body, result.outcome)
        if expected and body in (Outcome.SKIPPED, None):
            return Outcome.SKIPPED
        clean = self._row_outcome(self.vector)
        if body is None:
            return clean
        if body is Outcome.SKIPPED and self.vector.worst_row is None:
            return body
        return escalate_outcome(body, self.vector.worst_row) or body

    def _row_outcome(self, vector: Vector) -> Outcome:
        own = Outcome.PASSED if vector.intent else Outcome.DONE
        return escalate_outcome(own, vector.worst_row) or own

    def _begin(self) -> None:
        plan = self.plan
        self._recording.emit(
            StepStarted(
                step_name=plan.name,
                step_index=plan.index,
                step_path=plan.path,
                parent_path=plan.parent_path,
                description=plan.description,
                vector_index=self.vector.index,
                inputs=self.vector.params,
                node_id=plan.node_id,
                file=plan.file,
                module=plan.module,
                class_name=plan.class_name,
                function=plan.function,
                retry=self.retry,
            )
        )

    def _end_vector(self, outcome: Outcome, error: PhaseError | None) -> None:
        plan, vector = self.plan, self.vector
        self._closed.append(outcome)
        self._recording.emit(
            StepEnded(
                step_name=plan.name,
                step_index=plan.index,
                step_path=plan.path,
                parent_path=plan.parent_path,
                vector_index=vector.index,
                node_id=plan.node_id,
                file=plan.file,
                module=plan.module,
                class_name=plan.class_name,
                function=plan.function,
                outcome=outcome,
                vector_outcome=outcome,
                inputs=vector.inputs,
                outputs=vector.outputs,
                retry=self.retry,
                error_type=error.type if error else None,
                error_message=error.message if error else None,
                error_traceback=error.traceback if error else None,
            )
        )


class Containers:
    """The classes around the test that runs; they open and close at transitions."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._open: list[ContainerPlan] = []
        self._children: dict[tuple[str, int], list[tuple[str, Outcome]]] = {}

    def enter(self, wanted: Iterable[ContainerPlan]) -> None:
        """Closes those that the test is not in, and opens those that it is."""
        wanted = list(wanted)
        kept = 0
        while kept < min(len(wanted), len(self._open)) and _same(wanted[kept], self._open[kept]):
            kept += 1
        self._close_down_to(kept)
        for container in wanted[kept:]:
            self._open.append(container)
            self._recording.emit(
                StepStarted(
                    step_name=container.name,
                    step_index=container.index,
                    step_path=container.path,
                    parent_path=container.parent_path,
                    vector_index=container.vector_index,
                    inputs=container.inputs,
                    file=container.file,
                    module=container.module,
                    class_name=container.name,
                )
            )

    def child_ended(self, plan: StepPlan, outcome: Outcome) -> None:
        """A test has ended: it counts in all classes around it, retries by their last attempt."""
        for container in plan.containers:
            key = (container.path, container.vector_index)
            self._children.setdefault(key, []).append((plan.node_id, outcome))

    def close_all(self) -> None:
        """The last test is over."""
        self._close_down_to(0)

    def _close_down_to(self, kept: int) -> None:
        while len(self._open) > kept:
            container = self._open.pop()
            children = self._children.get((container.path, container.vector_index), [])
            self._recording.emit(ended_container(container, _core.retry_aware_rollup(children)))


def ended_container(container: ContainerPlan, outcome: Outcome | None) -> StepEnded:
    """The event that closes a class."""
    return StepEnded(
        step_name=container.name,
        step_index=container.index,
        step_path=container.path,
        parent_path=container.parent_path,
        vector_index=container.vector_index,
        file=container.file,
        module=container.module,
        class_name=container.name,
        outcome=outcome,
        vector_outcome=outcome,
        inputs=container.inputs,
    )


def _same(one: ContainerPlan, other: ContainerPlan) -> bool:
    return one.path == other.path and one.vector_index == other.vector_index


def _is_bad(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.severity >= Outcome.FAILED.severity
