# SPDX-License-Identifier: Apache-2.0
"""Runs that do not come to their end by themselves."""

import signal
import subprocess
import threading

import pytest
from litmus.data.event_store import EventStore

from .conftest import Project, Recorded

WAITS = """
import time
LIMIT = {"low": 1, "high": 2, "units": "V"}
@pytest.fixture
def powered(logger):
    yield
    logger.record("made safe", True)
def test_before(verify): verify("v", 1.5, LIMIT)
class TestX:
    def test_it(self, verify, powered):
        verify("w", 1.6, LIMIT)
        print("ready", flush=True)
        while True: time.sleep(0.02)
def test_after(): pass
"""


def stopped(project: Project, number: signal.Signals) -> Recorded:
    """In the middle of a test."""
    project.test(WAITS)
    with project.start() as process:
        wait_for(process, "ready")
        process.send_signal(number)
        output, _ = process.communicate(timeout=60)
    return project.recorded(process.returncode, output)


def wait_for(process: "subprocess.Popen[str]", word: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if word in line:
            return
    raise AssertionError(f"the session ended without {word}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_by_the_operator_terminates_step_and_run_and_runs_the_teardown(
    project: Project, number: signal.Signals
) -> None:
    recorded = stopped(project, number)
    assert recorded.steps == {
        "test_before": "passed",
        "TestX": "terminated",
        "TestX/test_it": "terminated",
        "test_after": None,
    }
    assert (recorded.outcome, recorded.status) == ("terminated", 2)
    assert [event.key for event in recorded.events("test.record")] == ["made safe"]
    (row,) = recorded.measured("w")
    assert (row["measurement_outcome"], row["attempt_outcome"]) == ("passed", "terminated")


def test_pytest_exit_terminates_the_run(project: Project) -> None:
    project.test("def test_it(): pytest.exit('enough', 3)\ndef test_after(): pass")
    recorded = project.run()
    assert recorded.steps == {"test_it": "terminated", "test_after": None}
    assert (recorded.outcome, recorded.status) == ("terminated", 3)


def test_an_interrupt_between_tests_terminates_the_run(project: Project) -> None:
    project.test("def test_it(): assert True\ndef test_after(): pass")
    project.write(
        "conftest.py",
        """
        def pytest_runtest_logfinish():
            raise KeyboardInterrupt
        """,
    )
    recorded = project.spawn()
    assert recorded.steps == {"test_it": "passed", "test_after": None}
    assert (recorded.outcome, recorded.status) == ("terminated", 2)


def test_the_first_failure_stops_the_run_and_cleans_up(project: Project) -> None:
    project.test(
        """
        @pytest.fixture(scope="session", autouse=True)
        def bench(logger):
            yield
            logger.record("made safe", True)
        def test_a(): assert 0
        def test_b(): pass
        """
    )
    recorded = project.run("-x")
    assert recorded.steps == {"test_a": "failed", "test_b": None}
    assert [event.key for event in recorded.events("test.record")] == ["made safe"]
    assert (recorded.outcome, recorded.status) == ("failed", 1)


def test_an_error_inside_pytest_makes_the_run_errored(project: Project) -> None:
    project.test("def test_it(): assert True\ndef test_after(): pass")
    project.write(
        "conftest.py", "def pytest_runtest_logfinish(): raise ValueError('a plugin broke')"
    )
    recorded = project.run()
    assert (recorded.outcome, recorded.status) == ("errored", 3)


DIES = {
    "kill -9": "os.kill(os.getpid(), 9)",
    "os._exit": "os._exit(0)",
}


@pytest.mark.parametrize("death", DIES.values(), ids=DIES)
@pytest.mark.usefixtures("daemon_allowed")
def test_a_process_that_dies_leaves_an_aborted_run_with_all_that_it_recorded(
    project: Project, death: str
) -> None:
    project.test(
        f"""
        import os
        LIMIT = {{"low": 1, "high": 2, "units": "V"}}
        def test_before(verify): verify("v", 1.5, LIMIT)
        def test_it(verify):
            verify("w", 1.6, LIMIT)
            {death}
        def test_after(): pass
        """
    )
    project.spawn()
    # The daemon does what the dead process cannot do any more.
    wait_for_seal(project)
    recorded = project.recorded()
    assert recorded.steps == {"test_before": "passed", "test_it": None, "test_after": None}
    assert recorded.outcome == "aborted"
    assert [row["measurement_value"] for row in recorded.measurements] == [1.5, 1.6]
    cut_off = recorded.step("test_it")
    assert cut_off["step_started_at"] is not None
    assert cut_off["step_ended_at"] is None

    project.test("def test_it(): assert True")  # the next run starts clean
    again = project.spawn()
    assert [row["run_outcome"] for row in again.rows("run")] == ["aborted", "passed"]


def wait_for_seal(project: Project) -> None:
    """Until the run file is there; the daemon tells of it."""
    with EventStore(_data_dir=project.data_dir) as store:
        sealed = threading.Event()
        unsubscribe = store.on_event(
            lambda _: sealed.set(), event_type="run.materialized", replay="matching"
        )
        assert sealed.wait(60)
        unsubscribe()
