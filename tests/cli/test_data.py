# SPDX-License-Identifier: Apache-2.0
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

Litmus = Callable[..., subprocess.CompletedProcess[str]]


def test_path_follows_the_rules_in_their_order(
    litmus: Litmus, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Path.cwd()
    assert litmus("data", "path").stdout == f"{home}/data\n"
    monkeypatch.delenv("LITMUS_HOME")
    assert litmus("data", "path").stdout == f"{home}/.local/share/litmus/data\n"
    Path("litmus.yaml").write_text("name: a\ndata_dir: results\n")
    Path("deep/er").mkdir(parents=True)
    monkeypatch.chdir("deep/er")
    assert litmus("data", "path").stdout == f"{work}/results\n"
    assert litmus("data", "path", "--data-dir", "x/").stdout == f"{work}/deep/er/x\n"


def test_path_names_the_rule_on_a_terminal_only(
    litmus: Litmus, litmus_on_terminal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert litmus_on_terminal("data", "path").endswith("/data\nby LITMUS_HOME\n")
    assert litmus("data", "path").stdout.count("\n") == 1


class TestRebuild:
    @pytest.fixture
    def run_file(self, failed_run: str, data_dir: Path) -> Path:
        assert failed_run
        return next(data_dir.glob("runs/*/*.parquet"))

    @pytest.fixture
    def changed_file(self, run_file: Path) -> Path:
        """As if somebody had corrected a measurement by hand."""
        table = pq.read_table(run_file)
        names = table.column_names
        values = [None if v is None else v + 1 for v in table["measurement_value"].to_pylist()]
        index = names.index("measurement_value")
        pq.write_table(table.set_column(index, table.field(index), pa.array(values)), run_file)
        return run_file

    def test_file_that_is_right_is_left_alone(
        self, litmus: Litmus, failed_run: str, run_file: Path
    ) -> None:
        before = run_file.read_bytes()
        result = litmus("data", "rebuild", failed_run[:8])
        assert (result.returncode, result.stderr) == (0, "")
        assert (
            f"{failed_run[:8]}  the file holds what the events say  {run_file}\n" in result.stdout
        )
        assert run_file.read_bytes() == before

    def test_missing_file_is_written_as_it_was(self, litmus: Litmus, run_file: Path) -> None:
        before = run_file.read_bytes()
        run_file.unlink()
        result = litmus("data", "rebuild", "--all")
        assert (result.returncode, result.stderr) == (0, "")
        assert "the file was missing and was written" in result.stdout
        assert run_file.read_bytes() == before

    def test_difference_is_told_and_status_1(self, litmus: Litmus, changed_file: Path) -> None:
        before = changed_file.read_bytes()
        result = litmus("data", "rebuild", "--all")
        assert result.returncode == 1
        assert "measurement_value: 5 in the file, 4 by the events\n" in result.stdout
        (run,) = json.loads(litmus("data", "rebuild", "--all", "--json").stdout)
        assert run["status"] == "differs"
        assert run["difference_count"] == len(run["differences"])
        assert changed_file.read_bytes() == before

    def test_write_replaces_what_differs(
        self, litmus: Litmus, failed_run: str, changed_file: Path
    ) -> None:
        result = litmus("data", "rebuild", failed_run, "--write")
        assert (result.returncode, result.stderr) == (0, "")
        assert "the file differed from the events and was replaced" in result.stdout
        assert "the file holds what" in litmus("data", "rebuild", failed_run).stdout
        assert [path.name for path in changed_file.parent.iterdir()] == [changed_file.name]

    def test_since_leaves_older_runs_out(self, litmus: Litmus, run_file: Path) -> None:
        run_file.unlink()
        assert litmus("data", "rebuild", "--since", "9999-01-01").stdout == "0 runs\n"
        assert not run_file.exists()
        assert litmus("data", "rebuild", "--since", "2000-01-01").returncode == 0
        assert run_file.exists()

    def test_which_runs_must_be_said_in_one_way(self, litmus: Litmus) -> None:
        for words in ([], ["abc", "--all"], ["--since", "2026-03-10", "--all"]):
            result = litmus("data", "rebuild", *words)
            assert result.returncode == 2
            assert "Give a run id, --since or --all" in result.stderr

    def test_unknown_run_is_status_1(self, litmus: Litmus) -> None:
        result = litmus("data", "rebuild", "ffff")
        assert result.returncode == 1
        assert result.stderr.startswith("Error: no run ffff in ")
