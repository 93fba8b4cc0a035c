# SPDX-License-Identifier: Apache-2.0
"""Run files in other readers: those of small runs, which Litmus encodes itself, and of large ones."""

from pathlib import Path
from typing import Any

import duckdb
import pandas  # type: ignore[import-untyped]
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from litmus.client import LitmusClient


def record(data_dir: Path, steps: int) -> Path:
    """A run with values, nulls and names of all kinds; returns its file."""
    client = LitmusClient(data_dir)
    run = client.start_run(dut_serial=f"SN{steps:04}", station_id="bänk_1")
    run.set_metadata("work_order", "WO-7 🔌")
    for number in range(steps):
        with run.step(f"step_{number}") as step:
            step.observe("note", None if number % 3 else f"電圧 {number}")
            step.measure("voltage", 3.3 + number / 7, units="V", low=3.1, high=3.5)
            step.measure("ready", number % 2 == 0)
            step.measure("firmware", f"1.{number}")
            step.measure("infinite", float("inf"))
    run.finish()
    return next(data_dir.glob(f"runs/*/*_SN{steps:04}.parquet"))


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    return {"small": record(tmp_path / "data", 9), "large": record(tmp_path / "data", 400)}


@pytest.fixture(params=["small", "large"])
def file(request: pytest.FixtureRequest, files: dict[str, Path]) -> Path:
    path: Path = files[request.param]
    return path


def rows_of(file: Path) -> list[dict[str, Any]]:
    rows = pq.ParquetFile(file, page_checksum_verification=True).read().to_pylist()
    assert isinstance(rows, list)
    return rows


def leaf(row: dict[str, Any], path: str) -> list[Any]:
    cell = row[path.split(".")[0]]
    return cell if isinstance(cell, list) else [cell]


def test_both_writers_are_looked_at(files: dict[str, Path]) -> None:
    written_by = {kind: pq.read_metadata(file).created_by for kind, file in files.items()}
    assert written_by["small"].startswith("litmus version ")
    assert written_by["large"].startswith("parquet-cpp-arrow version ")


def test_duckdb_polars_and_pandas_read_the_same_cells(file: Path) -> None:
    expected = pq.read_table(file)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    found = connection.execute("SELECT * FROM read_parquet(?)", [str(file)]).to_arrow_table()
    assert found.cast(expected.schema).to_pylist() == expected.to_pylist()
    frame = polars.read_parquet(file).to_arrow()
    assert frame.cast(expected.schema).to_pylist() == expected.to_pylist()
    pandas_rows = pandas.read_parquet(file, dtype_backend="pyarrow")
    again = pa.Table.from_pandas(pandas_rows, schema=expected.schema, preserve_index=False)
    assert again.to_pylist() == expected.to_pylist()


def test_statistics_tell_the_least_and_the_largest_value(file: Path) -> None:
    rows = rows_of(file)
    group = pq.read_metadata(file).row_group(0)
    for number in range(group.num_columns):
        column = group.column(number)
        values = [cell for row in rows for cell in leaf(row, column.path_in_schema)]
        present = [cell for cell in values if cell is not None]
        assert column.statistics.has_min_max == bool(present), column.path_in_schema
        if present:
            assert column.statistics.min == min(present), column.path_in_schema
            assert column.statistics.max == max(present), column.path_in_schema


def test_duckdb_finds_rows_by_the_statistics(file: Path) -> None:
    name = pq.read_table(file, columns=["measurement_name"])["measurement_name"].drop_null()[0]
    count = "SELECT count(*) FROM read_parquet(?) WHERE measurement_name = ?"
    expected = sum(row["measurement_name"] == name.as_py() for row in rows_of(file))
    assert duckdb.execute(count, [str(file), name.as_py()]).fetchall() == [(expected,)]
    assert duckdb.execute(count, [str(file), "zzz"]).fetchall() == [(0,)]


def test_files_of_all_writers_are_one_table(files: dict[str, Path], tmp_path: Path) -> None:
    for kind, file in files.items():
        pq.write_table(pq.read_table(file), tmp_path / f"{kind}.parquet")
    ours = [str(file) for file in files.values()]
    arrows = [str(path) for path in tmp_path.glob("*.parquet")]
    rows = "SELECT * FROM read_parquet(?, union_by_name = true)"
    for left, right in ((ours, arrows), (arrows, ours), (ours + arrows, arrows + ours)):
        only_left = f"SELECT count(*) FROM (({rows}) EXCEPT ALL ({rows}))"
        assert duckdb.execute(only_left, [left, right]).fetchall() == [(0,)]
    union = polars.concat([polars.read_parquet(path) for path in ours], how="diagonal")
    assert len(union) == sum(len(rows_of(file)) for file in files.values())
