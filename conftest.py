# SPDX-License-Identifier: Apache-2.0
"""For all tests: none starts a daemon unless it asks for one, and none leaves one behind."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def runtime_dir(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """$XDG_RUNTIME_DIR, where the sockets and locks of daemons are."""
    folder = tmp_path_factory.mktemp("run")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("LITMUS_LOCK_DIR", str(folder / "locks"))
    monkeypatch.setenv("LITMUS_DAEMON", "off")
    yield folder
    for lock in folder.glob("litmus/*.lock"):
        if lock.stat().st_size > 0:
            data_dir = json.loads(lock.read_text())["data_dir"]
            executable = os.environ.get("LITMUS_EXECUTABLE") or Path(sys.executable).with_name(
                "litmus"
            )
            command = [executable, "daemon", "stop", "--data-dir", data_dir]
            subprocess.run(command, check=True, capture_output=True, timeout=60)


@pytest.fixture
def daemon_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs may start daemons. They are gone when the test has ended."""
    monkeypatch.setenv("LITMUS_DAEMON", "on")
    monkeypatch.setenv("LITMUS_DAEMON_IDLE_S", "60")
