# SPDX-License-Identifier: Apache-2.0
"""`litmus doctor` and `litmus data prune`, with LITMUS_DAEMON=off: what the files alone tell."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from litmus.client import LitmusClient

Litmus = Callable[..., CompletedProcess[str]]


def record(client: LitmusClient, serial: str) -> Path:
    with client.start_run(serial, "bench_1") as run, run.step("rail") as step:
        step.measure("voltage", 3.3, low=3.0, high=3.6)
    return Path(client.get_run(run.id).file_path)


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for i in range(300, 364):  # among the pages of a run file, which have checksums
        content[i] ^= 0x5A
    path.write_bytes(content)


def test_healthy_data_directory(litmus: Litmus, client: LitmusClient) -> None:
    record(client, "SN001")
    result = litmus("doctor")
    assert result.returncode == 0
    assert "nothing is lost" in result.stdout


def test_mistyped_data_directory_is_told(litmus: Litmus, tmp_path: Path) -> None:
    missing = str(tmp_path / "dtaa")
    for words in (["doctor"], ["events", "cat"]):
        warning = f"Warning: there is no folder {missing} yet\n"
        assert litmus(*words, "--data-dir", missing).stderr == warning


def test_what_can_be_put_right_is_offered_and_done(litmus: Litmus, client: LitmusClient) -> None:
    run_file = record(client, "SN001")
    damage(run_file)
    found = litmus("doctor")
    assert found.returncode == 0
    assert str(run_file) in found.stdout
    assert "litmus doctor --fix" in found.stdout
    fixed = json.loads(litmus("doctor", "--fix", "--json").stdout)
    assert fixed["open_problems"] == 0
    assert not fixed["lost"]
    assert run_file.exists()
    assert litmus("data", "rebuild", "--all").returncode == 0


def test_lost_run_gives_exit_status_1(litmus: Litmus, data_dir: Path) -> None:
    # In a process of its own, which compresses its events before it ends.
    recorder = "from litmus.client import LitmusClient as C; C().start_run('SN1', 'b1').finish()"
    subprocess.run([sys.executable, "-c", recorder], check=True)
    (run_file,) = data_dir.glob("runs/*/*.parquet")
    for events in data_dir.glob("events/*/*.arrow"):
        events.unlink()
    damage(run_file)
    result = litmus("doctor")
    assert result.returncode == 1
    assert f"lost    {run_file}" in result.stdout


@pytest.fixture
def project() -> Path:
    """A project in the working directory with old, sealed events in its own data directory."""
    Path("litmus.yaml").write_text("name: line_3\ndata_dir: data\n")
    own = LitmusClient()
    record(own, "SN001")
    (today,) = Path("data/events").iterdir()
    return today.rename(today.with_name("2020-01-02"))


def test_prune_removes_old_days_only_when_told(litmus: Litmus, project: Path) -> None:
    dry = litmus("data", "prune", "--older-than", "90d", "--dry-run")
    assert dry.returncode == 0
    assert "Would remove events/2020-01-02" in dry.stdout
    assert project.exists()
    assert "Removed events/2020-01-02" in litmus("data", "prune", "--older-than", "90d").stdout
    assert not project.exists()
    assert len(list(Path("data/runs").glob("*/*.parquet"))) == 1


def test_prune_refuses_what_is_not_the_projects_own(
    litmus: Litmus, project: Path, data_dir: Path
) -> None:
    result = litmus("data", "prune", "--older-than", "90d", "--data-dir", data_dir)
    assert result.returncode == 1
    assert "does not belong to the project" in result.stderr
    assert project.exists()


@pytest.mark.parametrize("duration", ["90", "d", "-1d", "1w", "1.5d"])
def test_prune_understands_days_only(litmus: Litmus, project: Path, duration: str) -> None:
    result = litmus("data", "prune", f"--older-than={duration}")
    assert result.returncode == 2
    assert "expected days like 90d" in result.stderr
    assert project.exists()
