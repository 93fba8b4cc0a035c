# SPDX-License-Identifier: Apache-2.0
"""Steps of a `TestHarness` while they are open."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from litmus import _core
from litmus.closing import is_stop
from litmus.data.models import TestStep, TestVector
from litmus.data.outcomes import Outcome
from litmus.errors import message_of
from litmus.execution.harness_context import Context
from litmus.execution.logger import TestRunLogger


class OpenStep:
    """A step between its begin and its end. Each of its vectors is a step of the logger."""

    def __init__(self, logger: TestRunLogger, name: str, description: str | None) -> None:
        self.record = TestStep(name=name, description=description, started_at=datetime.now(UTC))
        self.known: Mapping[str, Any] | None = None
        """What the vector before knew."""
        self._logger = logger
        self._has_own = False
        self._told: BaseException | None = None

    def begin_own(self, context: Context) -> None:
        """What is measured directly in the step, and the steps inside it, need a place."""
        if not self._has_own:
            self._begin(context, None, 0)
            self._has_own = True

    def begin_vector(self, context: Context, index: int | None, max_retries: int) -> TestVector:
        if self._has_own:
            self._end(None)
            self._has_own = False
        return self._begin(context, index, max_retries)

    def end_vector(self, error: BaseException | None) -> None:
        self._end(error)
        self._told = error

    def end(self, context: Context, error: BaseException | None) -> None:
        """The block is left."""
        is_news = error is not None and error is not self._told
        if not self._has_own and (is_news or not self.record.vectors):
            self.begin_own(context)
        if self._has_own:
            self._end(error)
        record = self.record
        attempts = [(str(vector.index), vector.outcome) for vector in record.vectors]
        record.outcome = _core.retry_aware_rollup(attempts)
        record.error_message = next(
            (vector.error_message for vector in record.vectors if vector.error_message), None
        )
        record.ended_at = datetime.now(UTC)

    def _begin(self, context: Context, index: int | None, max_retries: int) -> TestVector:
        values = context._values
        opened = self._logger.start_step(
            self.record.name,
            self.record.description,
            vector_index=index,
            inputs=values.params,
        )
        for key, value in values.inputs.items():
            self._logger.configure(key, value)
        for key, stored in values.outputs.items():
            self._logger.keep_output(key, stored, values.observed[key])
        context.is_open = True
        self.record.step_path, self.record.parent_path = opened.step_path, opened.parent_path
        vector = opened.vectors[0]
        vector.max_retries = max_retries
        self.record.vectors.append(vector)
        return vector

    def _end(self, error: BaseException | None) -> None:
        outcome = None if error is None else outcome_of(error)
        text = None if error is None else f"{type(error).__qualname__}: {message_of(error)}"
        self._logger.end_step(outcome, text)


def outcome_of(error: BaseException) -> Outcome:
    """What it makes of the block that it leaves."""
    if isinstance(error, AssertionError):
        return Outcome.FAILED
    return Outcome.TERMINATED if is_stop(error) else Outcome.ERRORED
