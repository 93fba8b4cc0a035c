# SPDX-License-Identifier: Apache-2.0
"""What emit() has acknowledged survives `kill -9`, whatever the process was doing."""

import json
import mmap
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
WRITER = ROOT / "build/bin/crash_writer"
LITMUS = ROOT / "build/bin/litmus"
PYTHON_CLIENT = [sys.executable, Path(__file__).with_name("client_runs.py")]
SEED = 20260310
EVENTS_PER_SESSION = 400
ENDLESS = 10**9
ROWS_PER_SEGMENT = 10_000  # kRowsPerSegment of src/store/event_file_header.h


class Writers:
    """A running program with its children, and the counters that outlive them.

    The program takes a data directory, a file of counters and `arguments`.
    """

    def __init__(
        self, folder: Path, program: list[str | Path], *arguments: int, children: int = 0
    ) -> None:
        folder.mkdir()
        self.data_dir = folder / "data"
        counters = folder / "counters"
        counters.write_bytes(bytes(8 * (1 + children)))
        with counters.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), 0)
        command = [*program, self.data_dir, counters, *map(str, arguments)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)

    def kill_when(self, reached: Callable[[list[int]], bool]) -> list[int]:
        """Returns the number of acknowledged events of each process."""
        while not (self.data_dir.exists() and reached(self._acknowledged())):
            assert self._process.poll() is None, "the writer ended by itself"
        os.killpg(self._process.pid, signal.SIGKILL)
        # The children are not ours to wait for; the pipe ends when the last of them has.
        self._process.communicate()
        assert self._process.returncode == -signal.SIGKILL
        return self._acknowledged()

    def _acknowledged(self) -> list[int]:
        return [
            int.from_bytes(self._page[i : i + 8], "little") for i in range(0, len(self._page), 8)
        ]


def litmus(*arguments: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    command = [LITMUS, *arguments, "--data-dir", data_dir]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def contents(data_dir: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in data_dir.rglob("*") if file.is_file()}


class Checker:
    def __init__(self, stored_events: Callable[[Path], list[list[dict[str, Any]]]]) -> None:
        self._stored_events = stored_events

    def nothing_is_lost(self, acknowledged: list[int], data_dir: Path) -> None:
        found: dict[str, list[int]] = {}
        for events in self._stored_events(data_dir):
            assert all(b["seq"] == a["seq"] + 1 for a, b in pairwise(events)), "a gap in seq"
            for event in events:
                number = int(event["measurement_name"])
                assert event["value"] == number * 0.1
                assert event["spec_ref"] == "x" * (number * 7919 % 997)
                found.setdefault(event["step_name"], []).append(number)
        for writer, count in enumerate(acknowledged):
            numbers = found.get(f"writer_{writer}", [])
            # One event may be stored whose acknowledgement the writer did not live to count.
            assert count <= len(numbers) <= count + 1
            assert sorted(numbers) == list(range(len(numbers)))

    def repair_is_clean_and_idempotent(self, acknowledged: list[int], data_dir: Path) -> None:
        repaired = litmus("events", "repair", data_dir=data_dir)
        assert repaired.returncode == 0, repaired.stderr
        after = contents(data_dir)
        self.nothing_is_lost(acknowledged, data_dir)
        verified = litmus("events", "verify", data_dir=data_dir)
        assert verified.returncode == 0, verified.stdout + verified.stderr
        assert litmus("events", "repair", data_dir=data_dir).returncode == 0
        assert contents(data_dir) == after


@pytest.fixture
def check(stored_events: Callable[[Path], list[list[dict[str, Any]]]]) -> Checker:
    return Checker(stored_events)


@pytest.fixture
def dice() -> random.Random:
    print(f"seed {SEED}")
    return random.Random(SEED)


def moments(dice: random.Random, kills: int, longest: int) -> Iterator[int]:
    """Numbers of events after which to kill: as many below 10 as between 100 and 1000."""
    for _ in range(kills):
        yield int(longest ** dice.random()) - 1


def test_every_acknowledged_event_survives_kill(
    tmp_path: Path, dice: random.Random, check: Checker
) -> None:
    for kill, moment in enumerate(moments(dice, kills=200, longest=5000)):
        writers = Writers(tmp_path / str(kill), [WRITER], EVENTS_PER_SESSION, 0)
        acknowledged = writers.kill_when(lambda counts, moment=moment: counts[0] >= moment)
        check.nothing_is_lost(acknowledged, writers.data_dir)
        if kill % 4 == 0:
            check.repair_is_clean_and_idempotent(acknowledged, writers.data_dir)
        shutil.rmtree(writers.data_dir)


def test_kill_while_the_next_segment_is_opened_loses_nothing(
    tmp_path: Path, dice: random.Random, check: Checker
) -> None:
    for kill in range(10):
        moment = ROWS_PER_SEGMENT + dice.randint(-3, 3)
        writers = Writers(tmp_path / str(kill), [WRITER], ENDLESS, 0)
        acknowledged = writers.kill_when(lambda counts, moment=moment: counts[0] >= moment)
        check.nothing_is_lost(acknowledged, writers.data_dir)
        check.repair_is_clean_and_idempotent(acknowledged, writers.data_dir)
        shutil.rmtree(writers.data_dir)


def test_every_acknowledged_event_of_forked_children_survives_kill(
    tmp_path: Path, dice: random.Random, check: Checker
) -> None:
    for kill, moment in enumerate(moments(dice, kills=40, longest=2000)):
        writers = Writers(tmp_path / str(kill), [WRITER], ENDLESS, 3, children=3)
        acknowledged = writers.kill_when(lambda counts, moment=moment: min(counts) >= moment)
        check.nothing_is_lost(acknowledged, writers.data_dir)
        if kill % 4 == 0:
            check.repair_is_clean_and_idempotent(acknowledged, writers.data_dir)
        shutil.rmtree(writers.data_dir)


def test_every_measurement_of_a_killed_python_client_is_readable(
    tmp_path: Path, dice: random.Random
) -> None:
    for kill, moment in enumerate(moments(dice, kills=10, longest=3000)):
        client = Writers(tmp_path / str(kill), PYTHON_CLIENT, ENDLESS)
        (acknowledged,) = client.kill_when(lambda counts, moment=moment: counts[0] > moment)
        cat = ["events", "cat", "--jsonl", "--type", "test.measurement"]
        lines = litmus(*cat, data_dir=client.data_dir).stdout.splitlines()
        assert acknowledged <= len(lines) <= acknowledged + 1
        for number, line in enumerate(lines):
            event = json.loads(line)
            assert event["measurement_name"] == f"current_{number}"
            assert event["value"] == number * 0.5
            assert event["inputs"] == {"volts": number * 0.1}
        # A kill in the middle of a write leaves a torn tail, which repair cuts off.
        assert litmus("events", "repair", data_dir=client.data_dir).returncode == 0
        assert litmus("events", "verify", data_dir=client.data_dir).returncode == 0

        # A run without an end is not taken for a finished one.
        rebuilt = litmus("data", "rebuild", "--all", "--write", data_dir=client.data_dir)
        assert rebuilt.returncode == 0, rebuilt.stderr
        assert "not sealed" in rebuilt.stdout
        assert litmus("runs", "--json", data_dir=client.data_dir).stdout.strip() == "[]"
