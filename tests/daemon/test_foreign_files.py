# SPDX-License-Identifier: Apache-2.0
"""Run files that somebody else wrote, or an earlier version: copied into runs/, they are read."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from litmus.client import LitmusClient

pytestmark = pytest.mark.usefixtures("daemon_allowed")

OLD, FOREIGN = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
VALUES = [3.28, 3.3, 3.32]
KEPT = [
    "record_type",
    "run_id",
    "run_started_at",
    "run_outcome",
    "step_path",
    "measurement_name",
    "measurement_value",
    "limit_low",
    "limit_high",
]


@pytest.fixture
def recorded(tmp_path: Path) -> pa.Table:
    """The rows of a run of today, in a data directory of its own."""
    data_dir = tmp_path / "today"
    with LitmusClient(data_dir).start_run("SN001", "bench_1", dut_part_number="PN1") as run:
        for value in VALUES:
            with run.step("rail") as step:
                step.measure("voltage", value, units="V", low=3.1, high=3.5)
    (file,) = data_dir.glob("runs/*/*.parquet")
    return pq.read_table(file)


def with_column(table: pa.Table, name: str, values: Any) -> pa.Table:
    place = table.column_names.index(name)
    return table.set_column(place, name, values)


def constant(table: pa.Table, value: str) -> pa.Array:
    return pa.array([value] * table.num_rows)


def as_old(table: pa.Table) -> pa.Table:
    """Few columns, and no metadata that say what wrote it."""
    return (
        with_column(table, "run_id", constant(table, OLD))
        .select(KEPT)
        .replace_schema_metadata(None)
    )


def as_foreign(table: pa.Table) -> pa.Table:
    """More columns, other types, no row of the run."""
    table = table.filter(pc.not_equal(table["record_type"], "run"))
    table = with_column(table, "run_id", constant(table, FOREIGN))
    table = with_column(table, "dut_serial", pa.array([4711] * table.num_rows))
    for name in ("measurement_value", "limit_low"):
        table = with_column(table, name, table[name].cast(pa.float32()))
    table = with_column(table, "limit_high", table["limit_high"].cast(pa.string()))
    table = with_column(table, "vector_index", table["vector_index"].cast(pa.string()))
    table = with_column(
        table, "run_started_at", table["run_started_at"].cast(pa.timestamp("ns", "UTC"))
    )
    table = with_column(table, "station_id", table["station_id"].dictionary_encode())
    table = table.append_column("colour", constant(table, "blue"))
    table = table.append_column("in_load", pa.array([{"amps": 1}] * table.num_rows))
    table = table.append_column("out_raw", pa.array([b"\xff\x00"] * table.num_rows))
    return table.append_column("step_index_of_old", pa.array([[1]] * table.num_rows))


def test_files_with_fewer_and_with_other_columns_are_read(
    recorded: pa.Table,
    tmp_path: Path,
    litmus: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data_dir = tmp_path / "data"
    (data_dir / "runs/2026-03-10").mkdir(parents=True)
    pq.write_table(as_old(recorded), data_dir / "runs/2026-03-10/old.parquet")

    def rows(*words: str) -> list[dict[str, Any]]:
        answer: list[dict[str, Any]] = json.loads(litmus(*words, "--json", "--data-dir", data_dir))
        return answer

    (old,) = rows("runs")
    assert (old["run_id"], old["outcome"], old["num_measurements"]) == (OLD, "passed", 3)

    # This one comes while the daemon runs.
    pq.write_table(as_foreign(recorded), data_dir / "runs/2026-03-10/foreign.parquet")
    runs = {run["run_id"]: run for run in rows("runs")}
    assert runs.keys() == {OLD, FOREIGN}
    foreign = runs[FOREIGN]
    assert (foreign["outcome"], foreign["num_measurements"]) == ("passed", 3)
    assert (foreign["dut_serial"], foreign["station_id"]) == ("4711", "bench_1")
    assert runs[OLD]["dut_serial"] is None

    capability = rows("metrics", "cpk", "--min-samples", "3")
    found = {row["product"]: (row["n"], row["lsl"], row["usl"]) for row in capability}
    # A text is no limit: taken as missing.
    assert found == {"unknown": (3, 3.1, 3.5), "PN1": (3, pytest.approx(3.1), None)}
    for run_id in (OLD, FOREIGN):
        values = rows(
            "sql",
            f"SELECT measurement_value FROM measurements WHERE run_id = '{run_id}' "
            "ORDER BY row_seq, measurement_value",
        )
        assert [row["measurement_value"] for row in values] == pytest.approx(VALUES)
    status = json.loads(litmus("daemon", "status", "--json", "--data-dir", data_dir))
    assert status["broken_files"] == 0

    # All at once, and without a daemon.
    before = rows("runs")
    litmus("daemon", "stop", "--data-dir", data_dir)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty-cache"))
    assert rows("runs") == before
    litmus("daemon", "stop", "--data-dir", data_dir)
    monkeypatch.setenv("LITMUS_DAEMON", "off")
    assert {run["run_id"] for run in rows("runs")} == {OLD, FOREIGN}


def test_a_data_directory_that_is_made_anew_is_read_from_the_beginning(tmp_path: Path) -> None:
    client = LitmusClient(tmp_path / "data")
    for serial in ("SN001", "SN002"):
        with client.start_run(serial, "bench_1"):
            pass
        assert [run.dut_serial for run in client.list_runs()] == [serial]
        # Sooner than the daemon sees that it was gone.
        shutil.rmtree(client.data_dir)
        client.data_dir.mkdir()
