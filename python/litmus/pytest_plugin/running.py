# SPDX-License-Identifier: Apache-2.0
"""The hooks around each test, and around all of them."""

import os
import signal
import threading
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path
from typing import Any

import _pytest
import pluggy
import pytest
from _pytest._code.code import ReprExceptionInfo, ReprFileLocation

import litmus
from litmus import _core
from litmus.data.events import StepsDiscovered
from litmus.data.outcomes import Outcome, escalate_outcome
from litmus.errors import LitmusError, message_of
from litmus.execution.verify import MeasurementsFailed, NotIteratedError, TraceabilityError
from litmus.pytest_plugin.outcomes import PhaseResult, interruption, phase_result
from litmus.pytest_plugin.recording import Recording
from litmus.pytest_plugin.session import TestSession
from litmus.pytest_plugin.slots import announce_outcome, announce_run
from litmus.pytest_plugin.steps import Attempt, Containers

_BAD = Outcome.FAILED.severity
_OUR_FOLDER = str(Path(litmus.__file__).parent)
_PYTESTS_FOLDERS = (str(Path(_pytest.__file__).parent), str(Path(pluggy.__file__).parent))
__tracebackhide__ = True  # the hooks around a test are not what broke in it


class Run:
    """Hears of every test of the process and puts it on record.

    The plugin object of a session: one in each process that executes tests.
    """

    def __init__(self, session: TestSession) -> None:
        self.session = session
        self.recording = session.recording
        self._collecting = session.collecting
        self._containers = Containers(session.recording)
        self._attempts: dict[str, int] = defaultdict(int)
        self._ended: list[tuple[str | None, Outcome | None]] = []
        self._contributions: Outcome | None = None
        self._reason: str | None = None
        self._interrupted: PhaseResult | None = None
        self._failed_collection = False
        self._sigterm: Any = None

    # --- the session

    def pytest_sessionstart(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            self._sigterm = signal.signal(signal.SIGTERM, _interrupt)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._failed_collection = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        if not is_pytests_own_stop(excinfo.value):
            self._interrupted = interruption(excinfo.value)

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self._interrupted = interruption(excinfo.value)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        try:
            return (yield)  # what is still set up is torn down here
        except BaseException as error:
            self.contribute(
                interruption(error).outcome, f"{type(error).__name__}: {message_of(error)}"
            )
            raise
        finally:
            self._finish(session)
            if self._sigterm is not None:
                signal.signal(signal.SIGTERM, self._sigterm)

    def contribute(self, outcome: Outcome | None, reason: str) -> None:
        """Something that belongs to no step makes the run at least so bad."""
        self._contributions = escalate_outcome(self._contributions, outcome)
        if self._reason is None:
            self._reason = reason

    # --- a test

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        if not self.recording.is_open:
            self._open()
        self._containers.enter(self._collecting.plan_of(item).containers)
        try:
            return (yield)
        except BaseException as error:
            if self.session.attempt is not None:
                self.session.attempt.add(interruption(error))
            raise

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        plan = self._collecting.plan_of(item)
        attempt = Attempt(self.recording, plan, self._attempts[plan.node_id])
        self._attempts[plan.node_id] += 1
        self.session.begin(item, attempt)
        try:
            return (yield)
        except pytest.skip.Exception:
            if attempt.failed_rows:  # a skip must not hide a value out of limits
                raise MeasurementsFailed(attempt.failed_rows) from None
            raise

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        attempt = self.session.attempt
        if attempt is None:
            return (yield)
        try:
            result = yield
        except pytest.skip.Exception:
            if attempt.failed_rows:  # as in the setup
                raise MeasurementsFailed(attempt.failed_rows) from None
            raise
        if attempt.failed_rows:
            raise MeasurementsFailed(attempt.failed_rows)
        self._require_complete(item, attempt)
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        attempt = self.session.attempt
        before = len(attempt.failed_rows) if attempt is not None else 0
        try:
            result = yield
        finally:
            if (routes := self.session.__dict__.get("routes")) is not None:
                routes.open_all()
        if attempt is not None and len(attempt.failed_rows) > before:
            raise MeasurementsFailed(attempt.failed_rows)
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        is_of_no_line = call.excinfo is not None and _hide_our_lines(call.excinfo)
        report = yield
        if report.failed and is_of_no_line and not item.config.getoption("fulltrace"):
            assert call.excinfo is not None
            report.longrepr = _told_by_its_text(item, call.excinfo)
        attempt = self.session.attempt
        if attempt is not None:
            attempt.add(phase_result(report, call))
            if call.when == "call" and report.passed and _is_judge(item):
                attempt.assertion_passed()
            if call.when == "teardown":
                report.litmus = self._end()  # type: ignore[attr-defined]  # for xdist's controller
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Plugins may execute a test in a process of its own, and hand its reports over."""
        facts = getattr(report, "litmus", None)
        if facts is not None and facts["pid"] != os.getpid():
            self._ended.append((facts["node_id"], Outcome(facts["outcome"])))

    # --- what both have in common

    def _open(self) -> None:
        recording = self.recording
        recording.open()
        announce_run(recording)
        if recording.announces_plan:
            recording.emit(StepsDiscovered(items=self._collecting.all_items()))

    def _require_complete(self, item: pytest.Item, attempt: Attempt) -> None:
        context = self.session.used_context
        if context is None:
            resolved = self._collecting.resolved_of(item)
            if resolved.test.declares_connections:
                context = self.session.context
        if context is not None and (left := context.left_undone()) is not None:
            raise NotIteratedError(left)
        if attempt.untraceable and item.config.getoption("--strict-traceability"):
            raise TraceabilityError(
                f"neither specification nor pin: {', '.join(attempt.untraceable)}"
            )

    def _end(self) -> dict[str, Any] | None:
        attempt = self.session.attempt
        outcome = self.session.end()
        if attempt is None or outcome is None:
            return None
        plan = attempt.plan
        self._ended.append((plan.node_id, outcome))
        self._containers.child_ended(plan, outcome)
        return {
            "pid": os.getpid(),
            "node_id": plan.node_id,
            "outcome": str(outcome),
            "containers": [[each.path, each.vector_index] for each in plan.containers],
        }

    def _finish(self, session: pytest.Session) -> None:
        if not self.recording.is_open:
            return
        if self.session.attempt is not None:
            if self._interrupted is not None:
                self.session.attempt.add(self._interrupted)
            self._end()
        elif self._interrupted is not None:
            self.contribute(self._interrupted.outcome, _text(self._interrupted))
        self._containers.close_all()
        if (routes := self.session.__dict__.get("routes")) is not None:
            routes.make_safe()
        self.session.bench.release_all()
        steps = escalate_outcome(_core.retry_aware_rollup(self._ended), self._contributions)
        extra, reason = agree_with_exit_status(session, steps, self._failed_collection)
        outcome = escalate_outcome(steps, extra) or Outcome.DONE
        self.recording.close(outcome, self._reason or reason)
        tell_end(session.config, self.recording, outcome)
        announce_outcome(outcome)


def tell_end(config: pytest.Config, recording: Recording, outcome: Outcome) -> None:
    """The last line: what `litmus show` wants to know."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if recording.run_file and reporter is not None and config.get_verbosity() >= 0:
        reporter.write_line(f"litmus: run {str(recording.run_id)[:8]} {outcome}")


def is_pytests_own_stop(error: BaseException) -> bool:
    """What --stepwise, and -x with workers, end a session by: no operator did."""
    return isinstance(error, KeyboardInterrupt) and type(error) is not KeyboardInterrupt


def agree_with_exit_status(
    session: pytest.Session, outcome: Outcome | None, failed_collection: bool
) -> tuple[Outcome | None, str | None]:
    """A run that failed must not look like success to whoever started pytest, nor the reverse.

    Args:
        session: whose exit status is raised where it has to be.
        outcome: of the run so far.
        failed_collection: a module could not be imported.

    Returns:
        What the exit status adds to the outcome, and why.
    """
    failed = outcome is not None and outcome.severity >= _BAD
    status = int(session.exitstatus)
    if failed:
        if status in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return None, None
    if failed_collection:
        return Outcome.ERRORED, "test modules could not be collected"
    if status == pytest.ExitCode.INTERRUPTED:
        return Outcome.TERMINATED, str(session.shouldstop or "interrupted")
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return Outcome.ERRORED, f"pytest ended with exit status {status}"
    return None, None


def _hide_our_lines(excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
    """Shows an error of ours where the user's code called: it is about that line.

    Returns:
        No line of the user did: it is of a hook, or of a fixture of ours.
    """
    if not _is_ours(excinfo):
        return False
    others = []
    for entry in excinfo.traceback:
        if str(entry.path).startswith(_OUR_FOLDER):
            entry.frame.f_globals.setdefault("__tracebackhide__", _is_ours)
        else:
            others.append(entry)
    return not others or str(others[-1].path).startswith(_PYTESTS_FOLDERS)


def _is_ours(excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
    return isinstance(excinfo.value, LitmusError | pytest.UsageError)


def _told_by_its_text(
    item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException]
) -> ReprExceptionInfo:
    crash = ReprFileLocation(str(item.path), (item.location[1] or 0) + 1, str(excinfo.value))
    return ReprExceptionInfo(excinfo.getrepr(style="value").reprtraceback, crash)


def _interrupt(number: int, _frame: Any) -> None:
    """SIGTERM is an operator's stop, as Ctrl-C is: teardown runs, instruments are made safe."""
    raise KeyboardInterrupt(f"signal {number}")


def _is_judge(item: pytest.Item) -> bool:
    """Tests whose verdicts are not assert statements: unittest's and doctests."""
    return type(item).__name__ in ("TestCaseFunction", "DoctestItem")


def _text(result: PhaseResult) -> str:
    error = result.error
    if error is None:
        return ""
    return f"{error.type}: {error.message}" if error.message else str(error.type)
