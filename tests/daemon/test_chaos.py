# SPDX-License-Identifier: Apache-2.0
"""Eight writers, three subscribers, and a daemon that is killed every second.

$LITMUS_CHAOS_S seconds long; a few in the suite.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyarrow import flight

from tests.daemon.subscribers import (
    FlightSubscriber,
    Subscriber,
    address_of_daemon,
    by_writer,
    recorded_events,
    wait_until,
)

SECONDS = float(os.environ.get("LITMUS_CHAOS_S", "6"))
WRITER = Path(__file__).with_name("chaos_writer.py")
WRITERS = 8
VANISHING = 2  # leave a run behind that they have not ended


def kill_daemon(runtime_dir: Path) -> bool:
    """By the pid in the lock file, if that is a daemon."""
    for lock in runtime_dir.glob("litmus/*.lock"):
        try:
            pid = int(json.loads(lock.read_text())["pid"])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (json.JSONDecodeError, OSError):
            continue  # none has announced itself, or it is dead
        if b"\0daemon\0" in command:
            os.kill(pid, signal.SIGKILL)
            return True
    return False


def ask(runtime_dir: Path, sql: str) -> pa.Table:
    address = address_of_daemon(runtime_dir)
    assert address is not None
    with flight.FlightClient(address) as client:
        return client.do_get(flight.Ticket(sql)).read_all()


def status(runtime_dir: Path) -> dict[str, Any]:
    address = address_of_daemon(runtime_dir)
    assert address is not None
    with flight.FlightClient(address) as client:
        (answer,) = client.do_action("status")
        found: dict[str, Any] = json.loads(answer.body.to_pybytes())
        return found


@pytest.mark.usefixtures("daemon_allowed")
def test_every_subscriber_has_every_event_once_and_every_run_is_sealed(
    tmp_path: Path,
    runtime_dir: Path,
    litmus: Callable[..., str],
    subscribe: Callable[..., Subscriber],
    subscribe_by_flight: Callable[..., FlightSubscriber],
) -> None:
    data_dir = tmp_path / "data"
    endings = ["vanish"] * VANISHING + ["finish"] * (WRITERS - VANISHING)
    everything = subscribe(data_dir)
    of_tests = subscribe(data_dir, "test.*")
    plain = subscribe_by_flight()
    writers = [
        subprocess.Popen([sys.executable, WRITER, data_dir, ending], stdin=subprocess.PIPE)
        for ending in endings
    ]
    kills = 0
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        kills += kill_daemon(runtime_dir)
        time.sleep(1)
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    assert kills >= SECONDS / 3, "the daemon did not come back"

    with duckdb.connect() as files:

        def sealed_runs() -> list[tuple[str, str]]:
            if not list(data_dir.glob("runs/*/*.parquet")):
                return []
            query = (
                f"SELECT DISTINCT run_id::VARCHAR, run_outcome FROM read_parquet("
                f"'{data_dir}/runs/*/*.parquet', union_by_name=true) ORDER BY 1"
            )
            return files.execute(query).fetchall()

        started = sum(map(len, recorded_events(data_dir, "run.started").values()))
        assert started >= WRITERS
        wait_until(lambda: len(sealed_runs()) == started, "runs are not sealed")
        outcomes = [outcome for _, outcome in sealed_runs()]
        assert outcomes.count("aborted") == VANISHING
        assert outcomes.count("passed") == started - VANISHING

        # The daemon itself records the end of runs that were left behind.
        def all_received() -> bool:
            expected = recorded_events(data_dir)
            return all(
                len(subscriber.received) >= sum(map(len, expected.values()))
                for subscriber in (everything, plain)
            )

        wait_until(all_received, "events are missing")
        expected = recorded_events(data_dir)
        of_tests_expected = recorded_events(data_dir, "test.")
        wait_until(
            lambda: len(of_tests.received) >= sum(map(len, of_tests_expected.values())),
            "events of tests are missing",
        )
        assert by_writer(everything.received) == expected
        assert by_writer(plain.received) == expected
        assert by_writer(of_tests.received) == of_tests_expected

        wait_until(lambda: bool(status(runtime_dir)["caught_up"]), "the index is not complete")
        in_index = ask(runtime_dir, "SELECT run_id, outcome FROM runs ORDER BY 1").to_pydict()
        assert list(zip(*in_index.values(), strict=True)) == sealed_runs()
        (count,) = ask(runtime_dir, "SELECT count(*) AS n FROM events")["n"].to_pylist()
        assert count == sum(map(len, expected.values()))

        # The daemon may still be putting right what the vanished writers left.
        def healthy() -> bool:
            diagnosis = json.loads(litmus("doctor", "--json", "--data-dir", data_dir))
            return diagnosis["open_problems"] == 0 and not diagnosis["lost"]

        wait_until(healthy, "doctor finds something")
