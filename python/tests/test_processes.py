# SPDX-License-Identifier: Apache-2.0
"""Forks, threads, other processes, and the end of the interpreter."""

import multiprocessing
import os
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from litmus.client import LitmusClient
from litmus.data.event_log import EventLog, read_event_file
from litmus.data.events import TestRecord as Note
from litmus.data.models import TestRun

RunPython = Callable[..., subprocess.CompletedProcess[str]]
# Python 3.12 warns of any fork in a process with threads; that ours survive it is what is tested.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


def record(client: LitmusClient, serial: str, count: int = 100) -> TestRun:
    run = client.start_run(serial, "bench_1")
    with run.step("step") as step:
        for number in range(count):
            step.measure(f"m{number}", number, low=0)
    return run.finish()


def record_in_child(data_dir: str, serial: str) -> None:
    record(LitmusClient(data_dir), serial)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_worker_processes_record_runs_of_their_own(client: LitmusClient, method: str) -> None:
    record(client, "PARENT")
    context = multiprocessing.get_context(method)
    workers = [
        context.Process(target=record_in_child, args=(str(client.data_dir), f"SN{number}"))
        for number in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    runs = client.list_runs()
    assert {run.dut_serial for run in runs} == {"PARENT", "SN0", "SN1", "SN2"}
    assert {len(client.get_measurements(run.test_run_id)) for run in runs} == {100}


def in_child(action: Callable[[], object]) -> int:
    """Runs the action in a fork that ends as the interpreter does; its exit status."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            action()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_a_fork_in_the_middle_of_a_run_leaves_the_run_to_the_parent(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    with run.step("step") as step:
        step.measure("before", 1)
        assert in_child(lambda: record(client, "CHILD")) == 0
        step.measure("after", 2)
    assert run.finish().outcome == "done"
    names = [row["measurement_name"] for row in client.get_measurements(run.id)]
    assert names == ["before", "after"]
    assert {found.dut_serial for found in client.list_runs()} == {"SN001", "CHILD"}


def test_what_a_fork_measures_in_its_parents_run_is_part_of_it(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    with run.step("step") as step:
        step.measure("parent", 1)
        assert in_child(lambda: step.measure("child", 2)) == 0
    run.finish()
    names = {row["measurement_name"] for row in client.get_measurements(run.id)}
    assert names == {"parent", "child"}


def test_a_fork_writes_an_event_file_of_its_own(data_dir: Path) -> None:
    log = EventLog(data_dir)
    log.emit(Note(step_name="s", step_index=0, key="parent", value=os.getpid()))
    assert (
        in_child(
            lambda: log.emit(Note(step_name="s", step_index=0, key="child", value=os.getpid()))
        )
        == 0
    )
    log.close()
    files = [read_event_file(path) for path in (data_dir / "events").rglob("*.arrow")]
    keys = [[event.key for event in file.events] for file in files]
    assert sorted(keys) == [["child"], ["parent"]]
    assert not any(file.damages for file in files)


def test_threads_record_a_run_each(client: LitmusClient) -> None:
    serials = [f"SN{number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda serial: record(client, serial), serials))
    assert [run.dut.serial for run in runs] == serials
    assert {len(client.get_measurements(run.id)) for run in runs} == {100}
    assert {found.dut_serial for found in client.list_runs()} == set(serials)


def test_threads_share_an_event_log(data_dir: Path) -> None:
    with EventLog(data_dir) as log:

        def emit(thread: int) -> None:
            for number in range(200):
                log.emit(Note(step_name="s", step_index=0, key=f"{thread}", value=number))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(emit, range(8)))
    (path,) = (data_dir / "events").rglob("*.arrow")
    events = read_event_file(path).events
    for thread in range(8):
        values = [event.value for event in events if event.key == f"{thread}"]
        assert values == list(range(200))


def test_threads_may_measure_in_one_step(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    with run.step("step") as step, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: step.measure("x", n), range(400)))
    (done,) = run.finish().steps
    assert len(done.vectors) == 1
    assert sorted(m.value for m in done.vectors[0].measurements) == list(range(400))
    assert len(client.get_measurements(run.id)) == 400


def test_another_thread_goes_on_while_events_are_written(client: LitmusClient) -> None:
    """The interpreter lock is free during finish(), which waits for the disk."""
    run = client.start_run("SN001", "bench_1")
    with run.step("step") as step:
        for number in range(20_000):
            step.measure("x", number)
    with ThreadPoolExecutor(1) as pool:
        sealing = pool.submit(run.finish)
        turns = 0
        while not sealing.done():
            turns += 1
            time.sleep(0)
    assert turns > 20  # one or two if finish() kept the lock


READ = """
import sys
from litmus.client import LitmusClient
client = LitmusClient(sys.argv[1])
print(client.get_run(sys.argv[2]).outcome, len(client.get_measurements(sys.argv[2])))
"""


def test_another_process_reads_the_run_as_soon_as_it_is_finished(
    client: LitmusClient, run_python: RunPython
) -> None:
    done = record(client, "SN001")
    found = run_python(READ, str(done.id))
    assert (found.stdout, found.stderr) == ("passed 100\n", "")


LEAVE_OPEN = """
import os, sys
from litmus.client import LitmusClient
run = LitmusClient(sys.argv[1]).start_run("SN001", "bench_1")
with run.step("step") as step:
    step.measure("x", 1, low=0)
if sys.argv[2] == "fork" and os.fork() == 0:
    sys.exit()
if sys.argv[2] == "fork":
    os.wait()
    step_after = run.step("after the child")
    with step_after as step:
        step.measure("y", 1, low=0)
if sys.argv[2] == "raise":
    raise RuntimeError("the test program broke")
print(run.id)
"""


@pytest.mark.parametrize("how", ["return", "fork", "raise"])
def test_a_run_still_open_when_the_interpreter_ends_is_aborted_with_a_message(
    client: LitmusClient, run_python: RunPython, how: str
) -> None:
    done = run_python(LEAVE_OPEN, how)
    (found,) = client.list_runs()
    assert found.outcome == "aborted"
    assert found.test_run_id in done.stderr
    assert done.stderr.count("neither finished nor aborted") == 1
    assert found.total_measurements == (2 if how == "fork" else 1)


def test_a_program_that_finishes_its_runs_ends_in_silence(run_python: RunPython) -> None:
    done = run_python(
        "import sys\n"
        "from litmus.client import LitmusClient\n"
        "client = LitmusClient(sys.argv[1])\n"
        "run = client.start_run('SN001', 'bench_1')\n"
        "with run.step('s') as step:\n"
        "    step.measure('x', 1)\n"
        "kept = run.finish(), client\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
