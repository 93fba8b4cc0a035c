# SPDX-License-Identifier: Apache-2.0
"""Projects with tests of their own, run by a pytest of their own, and what is on record afterwards."""

import os
import pty
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import litmus.data.channels.store  # pytester forgets what sessions import: compiled modules stay
import litmus.instruments.pool
import litmus.pytest_plugin.explain
import litmus.pytest_plugin.pins
import litmus.pytest_plugin.prompting
import litmus.pytest_plugin.retries
import litmus.pytest_plugin.slot_session
import litmus.pytest_plugin.start
import litmus.pytest_plugin.xdist  # noqa: F401
import pyarrow.parquet as pq
import pytest
from litmus.data.event_log import read_event_file
from litmus.data.events import EventBase

from tests.terminal import output_of


@dataclass
class Recorded:
    """A session that has ended, and its records."""

    status: int
    output: str
    data_dir: Path
    _rows: list[dict[str, Any]] | None = field(default=None, repr=False)

    @property
    def run_files(self) -> list[Path]:
        return sorted((self.data_dir / "runs").glob("*/*.parquet"))

    def rows(self, kind: str) -> list[dict[str, Any]]:
        if self._rows is None:
            self._rows = [row for file in self.run_files for row in pq.read_table(file).to_pylist()]
        return [row for row in self._rows if row["record_type"] == kind]

    @property
    def run(self) -> dict[str, Any]:
        runs = self.rows("run")
        assert len(runs) == 1, f"{len(runs)} runs on record\n{self.output}"
        return runs[0]

    @property
    def outcome(self) -> str | None:
        outcome: str | None = self.run["run_outcome"]
        return outcome

    @property
    def steps(self) -> dict[str, Any]:
        """Outcome by path; of a step with several vectors the outcomes in their order."""
        found: dict[str, list[Any]] = {}
        for row in sorted(self.rows("step"), key=lambda row: row["vector_index"]):
            found.setdefault(row["step_path"], []).append(row["step_outcome"])
        return {path: each[0] if len(each) == 1 else each for path, each in found.items()}

    def step(self, path: str, vector_index: int = 0) -> dict[str, Any]:
        return next(
            row
            for row in self.rows("step")
            if (row["step_path"], row["vector_index"]) == (path, vector_index)
        )

    @property
    def measurements(self) -> list[dict[str, Any]]:
        return self.rows("measurement")

    def measured(self, name: str) -> list[dict[str, Any]]:
        return [row for row in self.measurements if row["measurement_name"] == name]

    def events(self, *types: str) -> list[Any]:
        """All of the session's processes, in the order of their times."""
        files = (self.data_dir / "events").glob("*/*.arrow")
        events: list[EventBase] = [each for file in files for each in read_event_file(file).events]
        events.sort(key=lambda event: str(event.occurred_at))
        return [each for each in events if not types or each.event_type in types]


class Project:
    """A folder with tests and YAML files."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.folder = pytester.path
        self.data_dir = self.folder / "records"
        self.environment: dict[str, str] = {}

    def write(self, path: str, text: str) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return file

    def test(self, text: str) -> Path:
        """The module test_it.py."""
        return self.write("test_it.py", "import pytest\n" + textwrap.dedent(text))

    def run(self, *arguments: str) -> Recorded:
        """In this process, which is fast."""
        result = self.pytester.runpytest_inprocess(
            "-p", "litmus", "-W", "always", "--data-dir", str(self.data_dir), *arguments
        )
        return self._recorded(int(result.ret), result.stdout.str() + result.stderr.str())

    def command(self, *arguments: str) -> list[str]:
        plugin = ["-p", "litmus", "--data-dir", str(self.data_dir)]
        return [sys.executable, "-m", "pytest", *plugin, *arguments]

    def spawn(self, *arguments: str, **environment: str) -> Recorded:
        """In a process of its own, for what a process does not survive."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(self.folder)} | self.environment | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return self._recorded(done.returncode, done.stdout + done.stderr)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """In a process of its own that is still running."""
        return subprocess.Popen(
            self.command(*arguments, "-s"),
            cwd=self.folder,
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def recorded(self, status: int = 0, output: str = "") -> Recorded:
        """What is on record now."""
        return self._recorded(status, output)

    def _recorded(self, status: int, output: str) -> Recorded:
        return Recorded(status, output, self.data_dir)


def on_terminal(
    project: Project,
    *typed: bytes,
    after: bytes = b"",
    arguments: Sequence[str] = (),
) -> Recorded:
    """A session whose standard streams are a terminal.

    Args:
        typed: what stands in the terminal from the beginning, and what is typed when `after` has
            been shown.
    """
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        project.command(*arguments),
        cwd=project.folder,
        env=dict(os.environ),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        first, *later = typed
        os.write(ours, first)
        shown = b""
        for part in output_of(ours):
            shown += part
            if later and after in shown:
                os.write(ours, later.pop())
        status = process.wait(60)
    os.close(ours)
    return project.recorded(status, shown.decode(errors="replace"))


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    for name in list(os.environ):
        if name.startswith("LITMUS_DUT") or name in ("LITMUS_AUTO_CONFIRM", "LITMUS_RELEASE"):
            monkeypatch.delenv(name)
    # Only the plugin itself, by `-p litmus`: loading all others costs half a second and more.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return Project(pytester)
