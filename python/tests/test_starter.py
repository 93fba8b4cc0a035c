# SPDX-License-Identifier: Apache-2.0
"""From an empty folder to figures, as a new user does it: the commands of the README, verbatim."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.usefixtures("daemon_allowed"),
    pytest.mark.skipif(
        not entry_points(group="pytest11", name="litmus"), reason="needs the pytest plugin"
    ),
]

BIN = Path(sys.executable).parent


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def answer(command: str, folder: Path) -> Any:
    done = shell(command, folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def readme_commands(folder: Path) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)
    return [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]


@pytest.fixture
def starter(tmp_path: Path) -> Path:
    made = shell("litmus init my_project --starter && cd my_project && pytest", tmp_path)
    assert made.returncode == 0, made.stdout + made.stderr
    return tmp_path / "my_project"


def test_a_fresh_starter_passes_and_is_recorded(starter: Path) -> None:
    [run] = answer("litmus runs --json", starter)
    assert run["dut_serial"] == "STARTER001"
    assert run["outcome"] == "passed"
    assert run["project_name"] == "my_project"
    assert run["num_measurements"] == 3
    shown = shell(f"litmus show {run['run_id'][:8]}", starter)
    assert shown.returncode == 0
    assert "output_voltage" in shown.stdout
    assert "4.85" in shown.stdout


def test_every_file_of_a_fresh_starter_is_valid(starter: Path) -> None:
    checked = shell("litmus validate", starter)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_second_command_of_the_readme_fails_and_is_retested(starter: Path) -> None:
    [second] = [line for line in readme_commands(starter) if "STARTER002" in line]
    assert shell(second, starter).returncode == 0, "the last pytest of it passes"
    runs = answer("litmus runs --json", starter)
    outcomes = [(run["dut_serial"], run["outcome"]) for run in runs]
    assert outcomes == [
        ("STARTER002", "passed"),
        ("STARTER002", "failed"),
        ("STARTER001", "passed"),
    ]
    [summary] = answer("litmus metrics summary --phase all --json", starter)
    assert summary["total_runs"] == 3
    assert summary["fpy_pct"] == 50
    assert summary["final_yield_pct"] == 100
    pareto = answer("litmus metrics pareto --phase all --group-by measurement --json", starter)
    assert pareto[0]["measurement_name"] == "output_voltage"
    assert pareto[0]["failed_count"] == 3
    [retest] = answer("litmus metrics retest --phase all --json", starter)
    assert retest["retested_count"] == 1


def test_every_command_of_the_readme_works(starter: Path) -> None:
    [run, *_] = answer("litmus runs --json", starter)
    for command in readme_commands(starter):
        done = shell(command.replace("<run id>", run["run_id"][:8]), starter)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


@pytest.mark.parametrize("tier", ["bringup", "bench", "factory"])
def test_every_tier_passes_and_is_valid(tmp_path: Path, tier: str) -> None:
    made = shell(f"litmus init p --tier {tier} && cd p && pytest", tmp_path)
    assert made.returncode == 0, made.stdout + made.stderr
    checked = shell("litmus validate", tmp_path / "p")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_tests_stay_as_they_are_when_a_project_moves_up_a_tier(tmp_path: Path) -> None:
    assert shell("litmus init p --tier bringup && cd p && pytest", tmp_path).returncode == 0
    project = tmp_path / "p"
    assert shell("litmus init --tier bench", project).returncode == 0
    with (project / "litmus.yaml").open("a") as file:
        file.write("default_station: starter_station\ndefault_fixture: example_fixture\n")
        file.write("mock_instruments: true\n")
    (project / "tests" / "conftest.py").unlink()
    # The supply of the station simulates 12 V whatever it is set to: that is what is tested here.
    done = shell("pytest", project)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_new_test_passes_on_the_simulated_bench(starter: Path) -> None:
    made = shell("litmus new-test ripple && pytest tests/test_ripple.py", starter)
    assert made.returncode == 0, made.stdout + made.stderr
