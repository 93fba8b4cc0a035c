# SPDX-License-Identifier: Apache-2.0
"""A full disk never fails a test, loses nothing silently and leaves readable files."""

import re
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
WRITER = ROOT / "build/bin/full_disk_writer"
LITMUS = ROOT / "build/bin/litmus"

# Runs a command on a disk of its own, which is gone with the command, and keeps what it wrote.
ON_SMALL_DISK = """
mount -t tmpfs -o size=1m tmpfs "$1" || exit 77
head -c 300k /dev/zero >"$1/ballast"
kept=$2
disk=$1
shift 2
"$@"
status=$?
cp -r "$disk/data" "$kept"
exit $status
"""


@pytest.fixture(scope="module")
def own_mounts() -> list[str]:
    """The start of a command that may mount: as root, or as root of a user namespace."""
    refusals = []
    for command in (["unshare", "--mount"], ["unshare", "--mount", "--map-root-user"]):
        probe = [*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
        result = subprocess.run(probe, capture_output=True, text=True, check=False)
        if result.returncode == 0:
            return command
        refusals.append(result.stderr.strip())
    pytest.skip(f"no small disk without the right to mount one: {'; '.join(refusals)}")


class SmallDisk:
    """Runs programs on a disk of 1 MiB; afterwards `data` holds their data directory."""

    def __init__(self, own_mounts: list[str], folder: Path) -> None:
        self.disk = folder / "disk"
        self.disk.mkdir()
        self.data = folder / "kept"
        self._prefix = [*own_mounts, "sh", "-c", ON_SMALL_DISK, "sh", self.disk, self.data]

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(
            [*self._prefix, *command], capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result


def litmus(*arguments: str, data_dir: Path) -> str:
    command = [LITMUS, *arguments, "--data-dir", data_dir]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


@pytest.fixture
def small_disk(own_mounts: list[str], tmp_path: Path) -> SmallDisk:
    return SmallDisk(own_mounts, tmp_path)


def test_full_disk_counts_what_is_lost_and_still_writes_the_ends(
    small_disk: SmallDisk, stored_events: Callable[[Path], list[list[dict[str, Any]]]]
) -> None:
    result = small_disk.run(WRITER, small_disk.disk / "data", small_disk.disk / "ballast")
    written, lost, *problems = result.stdout.splitlines()
    # It was full, had space again when the ballast went, and was full again.
    outages = sum(before + after == "10" for before, after in pairwise(written))
    assert outages == 2
    assert len(problems) == outages + 1  # and the sum at the end
    assert int(lost) == written.count("0")
    assert lost in problems[-1]

    (stored,) = stored_events(small_disk.data)
    assert [event["seq"] for event in stored] == list(range(len(stored)))  # no gap: none is taken
    types = [event["event_type"] for event in stored]
    assert types[:2] == ["session.started", "run.started"]
    assert types[-2:] == ["run.ended", "session.ended"]
    assert stored[-2]["events_lost"] == int(lost)
    expected = [number for number, mark in enumerate(written) if mark == "1"]
    assert [int(event["measurement_name"]) for event in stored[2:-2]] == expected

    assert litmus("events", "verify", data_dir=small_disk.data).startswith("1 file ")


def test_python_client_goes_on_when_the_disk_is_full_and_its_run_says_what_is_missing(
    small_disk: SmallDisk,
    tmp_path: Path,
    stored_events: Callable[[Path], list[list[dict[str, Any]]]],
) -> None:
    (counter := tmp_path / "counter").write_bytes(bytes(8))
    client = Path(__file__).with_name("client_runs.py")
    result = small_disk.run(sys.executable, client, small_disk.disk / "data", counter, "3000")
    run_id, outcome = result.stdout.split()
    assert outcome == "passed"
    assert int.from_bytes(counter.read_bytes(), "little") == 3000

    (stored,) = stored_events(small_disk.data)
    measured = [event for event in stored if event["event_type"] == "test.measurement"]
    assert 0 < len(measured) < 3000
    (ended,) = [event for event in stored if event["event_type"] == "run.ended"]
    assert f"LitmusWarning: {ended['events_lost']} events" in result.stderr
    shown = litmus("show", run_id, data_dir=small_disk.data)
    assert re.search(rf"^Measurements: +{len(measured)} ", shown, re.MULTILINE)
    assert re.search(rf"^Events lost: +{ended['events_lost']}:", shown, re.MULTILINE)
