# SPDX-License-Identifier: Apache-2.0
"""Each test has a home, a working directory and a data directory of its own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from litmus.client import LitmusClient, StepBuilder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """$LITMUS_HOME; what has no data directory of its own goes to `data` in it."""
    folder = tmp_path / "home"
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setenv("LITMUS_HOME", str(folder))
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.chdir(work)
    return folder


@pytest.fixture
def data_dir(home: Path) -> Path:
    return home / "data"


@pytest.fixture
def client(data_dir: Path) -> LitmusClient:
    return LitmusClient(data_dir)


@pytest.fixture
def run_python(data_dir: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a program in a process of its own, with the data directory as its argument."""

    def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", program, str(data_dir), *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def step(client: LitmusClient) -> StepBuilder:
    """An open step of an open run, for tests of what happens inside one."""
    run = client.start_run("SN001", "bench_1")
    with run, run.step("step") as step:
        yield step
