# SPDX-License-Identifier: Apache-2.0
"""What emit() has acknowledged survives `kill -9`, whatever the process was doing."""

import mmap
import os
import random
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
WRITER = ROOT / "build/bin/crash_writer"
LITMUS = ROOT / "build/bin/litmus"
SEED = 20260310
EVENTS_PER_SESSION = 400
ROWS_PER_SEGMENT = 10_000  # kRowsPerSegment of src/store/event_file_header.h


class Writers:
    """A running crash_writer and the counters that outlive it."""

    def __init__(self, folder: Path, events_per_session: int, children: int) -> None:
        folder.mkdir()
        self.data_dir = folder / "data"
        counters = folder / "counters"
        counters.write_bytes(bytes(8 * (1 + children)))
        with counters.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), 0)
        command = [WRITER, self.data_dir, counters, str(events_per_session), str(children)]
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
        writers = Writers(tmp_path / str(kill), EVENTS_PER_SESSION, children=0)
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
        writers = Writers(tmp_path / str(kill), events_per_session=10**9, children=0)
        acknowledged = writers.kill_when(lambda counts, moment=moment: counts[0] >= moment)
        check.nothing_is_lost(acknowledged, writers.data_dir)
        check.repair_is_clean_and_idempotent(acknowledged, writers.data_dir)
        shutil.rmtree(writers.data_dir)


def test_every_acknowledged_event_of_forked_children_survives_kill(
    tmp_path: Path, dice: random.Random, check: Checker
) -> None:
    for kill, moment in enumerate(moments(dice, kills=40, longest=2000)):
        writers = Writers(tmp_path / str(kill), events_per_session=10**9, children=3)
        acknowledged = writers.kill_when(lambda counts, moment=moment: min(counts) >= moment)
        check.nothing_is_lost(acknowledged, writers.data_dir)
        if kill % 4 == 0:
            check.repair_is_clean_and_idempotent(acknowledged, writers.data_dir)
        shutil.rmtree(writers.data_dir)
