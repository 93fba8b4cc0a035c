# SPDX-License-Identifier: Apache-2.0
"""pytest-xdist: the controller has the session and the run, each worker records its own tests."""

from typing import Any

import pytest
from _pytest.nodeid import coerce_node_id

from litmus import _core
from litmus.data.event_log import read_event_file
from litmus.data.events import StepEnded, StepStarted
from litmus.data.outcomes import Outcome, escalate_outcome
from litmus.pytest_plugin.outcomes import interruption
from litmus.pytest_plugin.plan import STATION_GROUP
from litmus.pytest_plugin.running import agree_with_exit_status, is_pytests_own_stop, tell_end
from litmus.pytest_plugin.session import TestSession
from litmus.pytest_plugin.slots import announce_outcome, announce_run


class Worker:
    """Sends what the controller needs for the run as a whole."""

    def __init__(self, config: pytest.Config, session: TestSession, facts: dict[str, Any]) -> None:
        if facts["groups"]:  # workers read the command line, which does not say so
            config.option.loadgroup = True
        self._session = session
        session.recording.announces_plan = facts["announces_plan"]
        session.recording.phase = facts["phase"]
        self._uses_station = session.bench.roles and not session.active.is_mocked()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Real instruments are used by one worker: their locks would keep the others out."""
        if not self._uses_station:
            return
        roles = {*self._session.bench.roles, "instruments", "instrument", "pins", "connections"}
        for item in items:
            if not roles.isdisjoint(getattr(item, "fixturenames", ())):
                # As xdist marks groups for its scheduler; its own way does not reach pytest 9's ids.
                item._id = coerce_node_id(item.nodeid + STATION_GROUP)


class Controller:
    """Begins the run when there is something to test, and ends it after the last worker."""

    def __init__(self, config: pytest.Config, session: TestSession) -> None:
        self._groups = bool(session.bench.roles) and config.option.dist == "load"
        if self._groups:
            config.option.dist = "loadgroup"
        self._session = session
        self._recording = session.recording
        self._announced = False
        self._ended: list[tuple[str | None, Outcome | None]] = []
        self._containers: dict[tuple[str, int], list[tuple[str | None, Outcome | None]]] = {}
        self._contributions: Outcome | None = None
        self._reason: str | None = None
        self._interrupted: BaseException | None = None
        self._failed_collection = False

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        recording = self._recording
        node.workerinput["litmus"] = {
            "session_id": str(recording.session_id),
            "run_id": str(recording.run_id),
            "started_at": recording.started_at.isoformat(),
            "announces_plan": not self._announced,
            "groups": self._groups,
            "phase": self._session.active.test_phase(self._session.active.git.answer()),
            "inputs": self._session.active.inputs,
        }
        self._announced = True

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        if ids and not self._recording.is_open:
            self._recording.open()
            announce_run(self._recording)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._failed_collection = self._failed_collection or report.failed

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        facts = getattr(report, "litmus", None)
        if facts is None:
            return
        outcome = Outcome(facts["outcome"])
        self._ended.append((facts["node_id"], outcome))
        for container in facts["containers"]:
            self._containers.setdefault(tuple(container), []).append((facts["node_id"], outcome))

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport) -> None:
        """A worker died in a test: the step that it left open is ended for it."""
        step = self._open_step(crashitem.removesuffix(STATION_GROUP))
        if step is None:
            return
        self._ended.append((step.node_id, Outcome.ABORTED))
        path, _, _ = step.step_path.rpartition("/")
        if path:
            self._containers.setdefault((path, 0), []).append((step.node_id, Outcome.ABORTED))
        self._recording.emit(
            StepEnded(
                step_name=step.step_name,
                step_index=step.step_index,
                step_path=step.step_path,
                parent_path=step.parent_path,
                vector_index=step.vector_index,
                node_id=step.node_id,
                retry=step.retry,
                outcome=Outcome.ABORTED,
                vector_outcome=Outcome.ABORTED,
                error_type="WorkerCrash",
                error_message=report.longreprtext or "the worker died in this test",
            )
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        if not is_pytests_own_stop(excinfo.value):
            self._interrupted = excinfo.value

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Any:
        try:
            return (yield)  # the workers end here
        finally:
            self._finish(session)

    def _finish(self, session: pytest.Session) -> None:
        if not self._recording.is_open:
            return
        if self._interrupted is not None:
            result = interruption(self._interrupted)
            self._contributions = escalate_outcome(self._contributions, result.outcome)
            self._reason = type(self._interrupted).__name__
        steps = escalate_outcome(_core.retry_aware_rollup(self._ended), self._contributions)
        extra, reason = agree_with_exit_status(session, steps, self._failed_collection)
        self._end_containers()
        outcome = escalate_outcome(steps, extra) or Outcome.DONE
        self._recording.close(outcome, self._reason or reason)
        tell_end(session.config, self._recording, outcome)
        announce_outcome(outcome)

    def _end_containers(self) -> None:
        """Classes whose tests ran in several workers: only here all of their children are known."""
        started = self._started()
        for (path, index), children in self._containers.items():
            start = started.get((path, index))
            if start is None:
                continue
            outcome = _core.retry_aware_rollup(children)
            self._recording.emit(
                StepEnded(
                    step_name=start.step_name,
                    step_index=start.step_index,
                    step_path=path,
                    parent_path=start.parent_path,
                    vector_index=index,
                    outcome=outcome,
                    vector_outcome=outcome,
                    inputs=start.inputs,
                )
            )

    def _started(self) -> dict[tuple[str, int], StepStarted]:
        return {
            (event.step_path, event.vector_index): event
            for event in self._worker_events()
            if isinstance(event, StepStarted) and event.node_id is None
        }

    def _open_step(self, node_id: str) -> StepStarted | None:
        """The step of a dead worker, from what it has left on disk."""
        opened: StepStarted | None = None
        for event in self._worker_events():
            if getattr(event, "node_id", None) != node_id:
                continue
            if isinstance(event, StepStarted):
                opened = event
            elif isinstance(event, StepEnded):
                opened = None
        return opened

    def _worker_events(self) -> list[Any]:
        session_id = self._recording.session_id
        files = sorted((self._session.active.data_dir / "events").glob(f"*/{session_id}-*.arrow"))
        return [event for file in files for event in read_event_file(file).events]
