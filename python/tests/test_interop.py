# SPDX-License-Identifier: Apache-2.0
"""Other programs read our files, and other libraries live in one process with us."""

import itertools
import json
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import google_crc32c
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from litmus import _core
from litmus.client import LitmusClient


@pytest.fixture
def run_file(client: LitmusClient) -> str:
    """A run with every kind of value."""
    with client.start_run("SN001", "bench_1", operator="ada") as run:
        run.set_metadata("fixture_rev", "C")
        with run.step("sweep", description="µ") as step:
            for volts in (1, 2.5):
                with step.vector(volts=volts, mode="dc") as vector:
                    vector.observe("stable", True)
                    vector.measure("current", volts / 10, units="A", high=0.2, nominal=0.1)
        with run.step("rest") as step:
            step.measure("ready", True, nominal=True, comparator="EQ")
            step.measure("firmware", "v1.2")
            step.measure("missing", None, low=1)
            step.measure("infinite", float("inf"), low=1)
    path = client.get_run(run.id).file_path
    assert path is not None
    return path


@pytest.fixture
def event_file(run_file: str, data_dir: Path) -> Path:
    assert run_file
    (path,) = (data_dir / "events").rglob("*.arrow")
    return path


def by_pyarrow(path: str) -> pa.Table:
    return pq.read_table(path)


def by_duckdb(path: str) -> pa.Table:
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        return database.execute("SELECT * FROM read_parquet(?)", [path]).to_arrow_table()


def by_polars(path: str) -> pa.Table:
    return pl.read_parquet(path).to_arrow()


def by_pandas(path: str) -> pa.Table:
    return pa.Table.from_pandas(
        pd.read_parquet(path, dtype_backend="pyarrow"), preserve_index=False
    )


@pytest.mark.parametrize("read", [by_duckdb, by_polars, by_pandas])
def test_every_reader_of_parquet_sees_the_same_run(
    run_file: str, read: Callable[[str], pa.Table]
) -> None:
    expected = by_pyarrow(run_file)
    found = read(run_file)
    assert found.column_names == expected.column_names
    for name in expected.column_names:
        assert found[name].to_pylist() == expected[name].to_pylist(), name


def test_the_core_gives_the_rows_that_are_in_the_file(client: LitmusClient, run_file: str) -> None:
    rows = _core.SealedRuns(str(client.data_dir)).run_rows(client.list_runs()[0].test_run_id)
    for _ in range(2):  # they can be taken more than once
        assert pa.table(rows).to_pylist() == by_pyarrow(run_file).to_pylist()
    assert pl.DataFrame(rows).height == by_pyarrow(run_file).num_rows


def test_a_run_and_its_steps_and_measurements_share_one_file(run_file: str) -> None:
    kinds = by_pyarrow(run_file)["record_type"].to_pylist()
    assert {kind: kinds.count(kind) for kind in kinds} == {"run": 1, "step": 3, "measurement": 6}


def test_every_reader_of_arrow_sees_the_same_events(event_file: Path) -> None:
    with pa.ipc.open_stream(event_file.read_bytes()) as reader:
        expected = reader.read_all()
    found = pl.read_ipc_stream(event_file)
    assert found.columns == expected.column_names
    assert found.to_arrow().to_pylist() == expected.to_pylist()
    for row in expected.to_pylist():
        event = json.loads(row["json"])
        for column in ("id", "event_type", "session_id"):
            assert event[column] == row[column]
        assert event.get("run_id") == row["run_id"]
    assert expected["seq"].to_pylist() == list(range(expected.num_rows))


def row_crc(row: dict[str, Any]) -> int:
    """The checksum of a row as the format page describes it."""
    content = struct.pack("<q", row["seq"])
    for column in ("occurred_at", "received_at"):
        content += struct.pack("<q", row[column])
    for column in ("id", "event_type", "session_id", "run_id", "json"):
        text = row[column]
        if text is None:
            content += struct.pack("<I", 0xFFFFFFFF)
        else:
            content += struct.pack("<I", len(text.encode())) + text.encode()
    return google_crc32c.value(content)


def test_the_checksum_of_every_row_is_crc_32c(event_file: Path) -> None:
    with pa.ipc.open_stream(event_file.read_bytes()) as reader:
        table = reader.read_all()
    for column in ("occurred_at", "received_at"):
        index = table.column_names.index(column)
        table = table.set_column(index, column, table[column].cast(pa.int64()))
    rows = table.to_pylist()
    assert {row["run_id"] is None for row in rows} == {True, False}
    assert [row_crc(row) for row in rows] == [row["crc"] for row in rows]


USE_ALL = """
import sys
data_dir, *order = sys.argv[1:]
for module in order:
    __import__(module)
import litmus.client, duckdb, pandas, polars, pyarrow.parquet
client = litmus.client.LitmusClient(data_dir)
with client.start_run("SN001", "bench_1") as run, run.step("s") as step:
    step.measure("x", 1, low=0)
path = client.get_run(run.id).file_path
rows = {
    pyarrow.parquet.read_table(path).num_rows,
    polars.read_parquet(path).height,
    len(pandas.read_parquet(path)),
    duckdb.sql(f"SELECT count(*) FROM '{path}'").fetchone()[0],
    len(client.get_measurements(run.id)) + 2,
}
print(rows)
"""


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["litmus._core", "pyarrow", "duckdb"]))
)
def test_pyarrow_and_duckdb_live_beside_us_in_any_order(
    run_python: Callable[..., subprocess.CompletedProcess[str]], order: tuple[str, ...]
) -> None:
    done = run_python(USE_ALL, *order)
    assert (done.returncode, done.stdout, done.stderr) == (0, "{3}\n", "")


def test_recording_imports_neither_pyarrow_nor_numpy(
    run_python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = run_python(
        "import sys, litmus.client\n"
        "client = litmus.client.LitmusClient(sys.argv[1])\n"
        "with client.start_run('SN001', 'b') as run, run.step('s') as step:\n"
        "    step.measure('x', 1)\n"
        "print(client.get_run(run.id).outcome, {'numpy', 'pyarrow'} & set(sys.modules))\n"
    )
    assert (done.stdout, done.stderr) == ("done set()\n", "")
