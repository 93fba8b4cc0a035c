# SPDX-License-Identifier: Apache-2.0
"""What pytest says of a phase of a test, in outcomes."""

from dataclasses import dataclass
from typing import Any

import pytest

from litmus.data.outcomes import Outcome
from litmus.errors import message_of
from litmus.execution.verify import MeasurementsFailed


@dataclass(slots=True)
class PhaseError:
    """Why a test failed, broke or was skipped."""

    type: str | None
    message: str
    traceback: str | None


@dataclass(slots=True)
class PhaseResult:
    """None as outcome: it ran to its end."""

    outcome: Outcome | None
    error: PhaseError | None = None
    expected: bool = False
    """It was expected to fail: what it measured does not count."""
    of_rows: bool = False
    """It only repeats what rows say, be it rows of vectors that have ended."""


def phase_result(report: pytest.TestReport, call: pytest.CallInfo[Any]) -> PhaseResult:
    """Of one phase: setup, call or teardown."""
    excinfo = call.excinfo
    expects_failure = hasattr(report, "wasxfail")
    if report.skipped:
        return PhaseResult(Outcome.SKIPPED, _skip_reason(report), expected=expects_failure)
    if report.failed:
        outcome = Outcome.ERRORED
        if report.when == "call" and (excinfo is None or _is_verdict(excinfo.value)):
            outcome = Outcome.FAILED
        of_rows = excinfo is not None and isinstance(excinfo.value, MeasurementsFailed)
        return PhaseResult(outcome, _error(report, excinfo), of_rows=of_rows)
    if expects_failure:  # it passed all the same, and that is allowed
        return PhaseResult(Outcome.PASSED)
    return PhaseResult(None)


def interruption(error: BaseException) -> PhaseResult:
    """Ctrl-C, SIGTERM and pytest.exit, which leave the test by force."""
    outcome = Outcome.ERRORED
    if isinstance(error, KeyboardInterrupt | pytest.exit.Exception | SystemExit):
        outcome = Outcome.TERMINATED
    return PhaseResult(outcome, PhaseError(type(error).__qualname__, message_of(error), None))


def _is_verdict(error: BaseException) -> bool:
    """A failed assertion, `pytest.fail`, or a `pytest.raises` that nothing raised in."""
    if isinstance(error, BaseExceptionGroup):
        return all(_is_verdict(each) for each in error.exceptions)
    if examples := _wrong_examples(error):
        return all(_is_doctest_failure(each) for each in examples)
    return isinstance(error, AssertionError | pytest.fail.Exception)


def _wrong_examples(error: BaseException) -> list[Any]:
    """Of a doctest: an example that gave something else or, with --doctest-continue-on-failure, all."""
    if type(error).__name__ == "MultipleDoctestFailures":
        return list(error.failures)  # type: ignore[attr-defined]
    return [error] if _is_doctest_failure(error) else []


def _is_doctest_failure(error: BaseException) -> bool:
    return type(error).__name__ == "DocTestFailure"  # importing doctest takes its time


def _message(error: BaseException) -> str:
    texts = [
        f"{each.example.source.strip()}: expected {each.example.want.strip()}, "
        f"got {each.got.strip() or 'nothing'}"
        for each in _wrong_examples(error)
        if _is_doctest_failure(each)
    ]
    return "\n".join(texts) or message_of(error)


def _skip_reason(report: pytest.TestReport) -> PhaseError:
    if hasattr(report, "wasxfail"):
        reason = str(report.wasxfail) or "expected to fail"
        return PhaseError("xfail", reason, report.longreprtext or None)
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
    return PhaseError("skip", text.removeprefix("Skipped: "), None)


def _error(
    report: pytest.TestReport, excinfo: pytest.ExceptionInfo[BaseException] | None
) -> PhaseError:
    text = report.longreprtext
    if excinfo is None:  # strict xfail that passed
        return PhaseError("XPASS(strict)", text, None)
    error = excinfo.value
    return PhaseError(type(error).__qualname__, _message(error), text or None)
