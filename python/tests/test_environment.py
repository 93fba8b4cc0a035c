# SPDX-License-Identifier: Apache-2.0
"""The snapshot of the software that a run is recorded with."""

import hashlib
import json
import platform
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import litmus
import pyarrow.parquet as pq
import pytest
from litmus.client import LitmusClient
from litmus.environment import environment_json


@pytest.fixture
def snapshot() -> Iterator[Callable[[], dict[str, Any]]]:
    environment_json.cache_clear()
    yield lambda: json.loads(environment_json())
    environment_json.cache_clear()


def test_the_machine_and_the_versions_are_told(snapshot: Callable[[], dict[str, Any]]) -> None:
    found = snapshot()
    assert found["python_version"] == platform.python_version()
    assert found["os_name"] == platform.system()
    assert found["os_version"] == platform.release()
    assert found["platform_machine"] == platform.machine()
    assert found["litmus_version"] == litmus.__version__
    assert found["dependencies"] == {}
    assert found["lockfile_hash"] is None


def test_the_direct_dependencies_of_the_nearest_project_are_told(
    snapshot: Callable[[], dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["numpy>=1", "no-such-package[extra]; python_version > \'3\'"]\n'
    )
    (tmp_path / "requirements.txt").write_text("ignored\n")
    (tmp_path / "uv.lock").write_text("locked\n")
    inside = tmp_path / "tests"
    inside.mkdir()
    monkeypatch.chdir(inside)
    found = snapshot()
    assert found["dependencies"] == {"no-such-package": None, "numpy": version("numpy")}
    assert found["lockfile_hash"] == hashlib.sha256(b"locked\n").hexdigest()[:16]


@pytest.mark.parametrize(
    "content", ["", "not = [toml", "project = 5\n", "[project]\ndependencies = 5\n"]
)
def test_a_project_file_that_cannot_be_used_declares_nothing(
    snapshot: Callable[[], dict[str, Any]], content: str
) -> None:
    Path("pyproject.toml").write_text(content)
    assert snapshot()["dependencies"] == {}


@pytest.mark.usefixtures("snapshot")
def test_the_run_file_carries_the_snapshot(client: LitmusClient) -> None:
    Path("requirements.txt").write_text("numpy\n")
    with client.start_run("SN001", "bench_1") as run, run.step("s") as step:
        step.measure("x", 1)
    (row,) = client.get_measurements(run.id)
    assert row["python_version"] == platform.python_version()
    assert row["litmus_version"] == litmus.__version__
    assert row["env_fingerprint"] == hashlib.sha256(b"numpy\n").hexdigest()[:16]
    metadata = pq.read_metadata(client.get_run(run.id).file_path).metadata
    stored = json.loads(metadata[b"environment_json"])
    assert stored == json.loads(run.finish().environment_json)
