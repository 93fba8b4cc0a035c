# SPDX-License-Identifier: Apache-2.0
"""The example of a bench runs, notebook included."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from litmus.data.event_log import read_event_file

EXAMPLE = Path(__file__).parents[3] / "examples/bench"


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the example, as the working directory."""
    folder = tmp_path / "bench"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("data"))
    monkeypatch.chdir(folder)
    return folder


def test_the_notebook_runs(bench: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notebook = json.loads((bench / "bench.ipynb").read_text())
    names: dict[str, Any] = {}
    try:
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), names)
    finally:
        for module in [name for name in sys.modules if name.partition(".")[0] == "drivers"]:
            del sys.modules[module]
    assert capsys.readouterr().out.splitlines()[-1] == "3 500"
    (file,) = (bench / "data").glob(f"events/*/{names['station'].session_id}-*.arrow")
    tags = [event.event_type for event in read_event_file(file).events]
    assert tags.count("instrument.set") == 3
    assert tags.count("instrument.read") == 7
    assert tags[-1] == "session.ended"


def test_the_notebook_has_no_outputs() -> None:
    notebook = json.loads((EXAMPLE / "bench.ipynb").read_text())
    assert all(not cell.get("outputs") for cell in notebook["cells"])
