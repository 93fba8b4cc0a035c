# SPDX-License-Identifier: Apache-2.0
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from litmus.client import LitmusClient

Litmus = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.usefixtures("daemon_allowed")

# RunRow of the HTTP interface, without file_path.
FIELDS = [
    *("run_id", "session_id", "slot_id", "dut_serial", "dut_part_number", "dut_lot_number"),
    *("station_id", "station_name", "station_hostname", "fixture_id", "outcome", "started_at"),
    *("ended_at", "num_measurements", "num_steps", "test_phase", "product_id", "operator_id"),
    "project_name",
]


def test_empty_store_has_no_runs(litmus: Litmus) -> None:
    result = litmus("runs")
    assert (result.returncode, result.stdout, result.stderr) == (0, "No test runs found.\n", "")
    assert litmus("runs", "--json").stdout == "[]\n"


def test_table_has_the_newest_run_first(litmus: Litmus, client: LitmusClient) -> None:
    for serial in ("SN001", "SN002"):
        client.start_run(serial, "bench_1").finish()
    title, *rows = litmus("runs").stdout.splitlines()
    assert title.split("  ")[0] == "Run ID"
    for column in ("Started", "DUT Serial", "Project", "Station", "Outcome", "Steps", "Meas"):
        assert column in title
    assert ["SN002" in rows[0], "SN001" in rows[1], len(rows)] == [True, True, 2]
    assert rows[0][8] == " ", "eight characters of the id"


def test_json_is_one_list_of_run_rows(litmus: Litmus, failed_run: str) -> None:
    (run,) = json.loads(litmus("runs", "--json").stdout)
    assert list(run) == FIELDS
    assert run["run_id"] == failed_run
    assert run["dut_serial"] == "SN001"
    assert run["outcome"] == "errored"
    assert run["num_measurements"] == 3
    assert run["product_id"] is None
    assert run["started_at"].endswith("+00:00")


def test_limit_keeps_the_newest(litmus: Litmus, client: LitmusClient) -> None:
    for number in range(3):
        client.start_run(f"SN{number}", "bench_1").finish()
    runs = json.loads(litmus("runs", "--limit", "2", "--json").stdout)
    assert [run["dut_serial"] for run in runs] == ["SN2", "SN1"]


def test_damaged_file_is_left_out_with_a_warning_on_stderr(
    litmus: Litmus, failed_run: str, data_dir: Path
) -> None:
    broken = next(data_dir.glob("runs/*")) / "99991231T000000Z.parquet"
    broken.write_bytes(b"PAR1 no more")
    result = litmus("runs", "--json")
    assert result.returncode == 0
    assert [run["run_id"] for run in json.loads(result.stdout)] == [failed_run]
    assert result.stderr.startswith("Warning: 1 file cannot be read")
    assert result.stderr.count("\n") == 1


@pytest.mark.usefixtures("failed_run")
def test_without_the_daemon_the_damaged_file_is_named(
    litmus: Litmus, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LITMUS_DAEMON", "off")
    broken = next(data_dir.glob("runs/*")) / "99991231T000000Z.parquet"
    broken.write_bytes(b"PAR1 no more")
    assert f"Warning: left out {broken}: not a readable Parquet file" in litmus("runs").stderr


@pytest.mark.usefixtures("failed_run")
def test_data_dir_option_wins_over_the_environment(
    litmus: Litmus, data_dir: Path, tmp_path: Path
) -> None:
    assert litmus("runs", "--data-dir", tmp_path / "elsewhere").stdout == "No test runs found.\n"
    assert "SN001" in litmus("runs", "--data-dir", data_dir).stdout
