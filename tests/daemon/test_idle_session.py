# SPDX-License-Identifier: Apache-2.0
"""A sequencer keeps one session open for days: the daemon comes and goes, runs are hours apart."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pytest
from litmus import _core
from litmus.client import LitmusClient

from tests.daemon.subscribers import PATIENCE_S, wait_until

pytestmark = pytest.mark.usefixtures("daemon_allowed")

# Says after each batch of runs how many file handles and how much memory it holds.
SEQUENCER = """
import os, re, sys
from pathlib import Path
from litmus.client import LitmusClient

def look():
    memory = re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
    threads = len(os.listdir("/proc/self/task"))
    print(len(os.listdir("/proc/self/fd")), memory, threads, flush=True)

with LitmusClient(sys.argv[1]).session("bench_1") as session:
    for count in (100, 400):
        for _ in range(count):
            with session.start_run("SN001") as run, run.step("rail") as step:
                step.measure("voltage", 3.31, units="V", low=3.1, high=3.5)
        look()
"""


def end_daemon(data_dir: Path, how: signal.Signals) -> None:
    found = _core.find_daemon(data_dir)
    assert found is not None
    process = os.pidfd_open(found[1])
    os.kill(found[1], how)
    # Until then a connection that is open already may get answers, though nobody finds the daemon.
    assert select.select([process], [], [], PATIENCE_S)[0], "the daemon does not end"
    os.close(process)


def events(data_dir: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(data_dir.glob("events/*/*.arrow")):
        with pa.memory_map(str(file)) as source, pa.ipc.open_stream(source) as stream:
            yield from (event for batch in stream for event in batch.to_pylist())


def test_a_session_and_its_open_run_survive_daemons_that_come_and_go(tmp_path: Path) -> None:
    client = LitmusClient(tmp_path / "data")
    session = client.session("bench_1", operator="op7")
    with session.start_run("SN001") as run, run.step("rail") as step:
        step.measure("voltage", 3.31, low=3.1, high=3.5)
    waiting = session.start_run("SN002")
    for how in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
        known = {run.dut_serial: run.outcome for run in client.list_runs()}
        assert known == {"SN001": "passed", "SN002": "running"}
        end_daemon(client.data_dir, how)
    with waiting, waiting.step("rail") as step:
        step.measure("voltage", 3.32, low=3.1, high=3.5)
    with session.start_run("SN003"):
        pass
    session.end()
    known = {run.dut_serial: run.outcome for run in client.list_runs()}
    assert known == {"SN001": "passed", "SN002": "passed", "SN003": "done"}
    told = list(events(client.data_dir))
    assert [event["event_type"] for event in told].count("session.ended") == 1
    assert not any('"synthetic":true' in event["json"] for event in told)
    assert {event["session_id"] for event in told} == {str(session.id)}
    files = {file.name.split("_")[0] for file in client.data_dir.glob("events/*/*.arrow")}
    assert files == {f"{session.id}-{os.getpid()}.arrow"}


def test_a_session_whose_process_dies_while_it_is_idle_is_ended_for_it(tmp_path: Path) -> None:
    program = """
import os, sys
from litmus.client import LitmusClient
session = LitmusClient(sys.argv[1]).session("bench_1")
session.start_run("SN001").finish()
open_run = session.start_run("SN002")
os.kill(os.getpid(), 9)
"""
    data_dir = tmp_path / "data"
    done = subprocess.run([sys.executable, "-c", program, data_dir], timeout=60)
    assert done.returncode == -signal.SIGKILL
    client = LitmusClient(data_dir)
    wait_until(
        lambda: (
            {run.dut_serial: run.outcome for run in client.list_runs()}
            == {"SN001": "done", "SN002": "aborted"}
        ),
        "the open run is not aborted",
    )


def test_handles_threads_and_memory_do_not_grow_with_the_runs_of_a_session(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SEQUENCER, tmp_path / "data"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    first, second = (line.split() for line in done.stdout.splitlines())
    assert second[0] == first[0], "file handles"
    assert int(second[2]) <= int(first[2]), "threads"
    # 400 runs: whatever would be kept of each is more than 5 KB.
    assert int(second[1]) - int(first[1]) < 2000, "KB of memory"
