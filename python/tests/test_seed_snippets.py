# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: W293  (the snippets are theirs, down to the blanks)
"""The snippets of the integration guide, word for word."""

import contextlib
import io
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from litmus.client import LitmusClient
from litmus.data.models import Outcome, TestRun
from litmus.integrations.logging import LitmusHandler
from moto import mock_aws

LOGGING_BRIDGE = '''
import logging
from litmus.client import LitmusClient
 
class LitmusHandler(logging.Handler):
    """Forward warnings/errors to the active run as step failures."""
 
    def __init__(self, run):
        super().__init__()
        self.run = run
        self.step = None  # set by caller before emitting failing records
 
    def emit(self, record):
        if record.levelno >= logging.WARNING and self.step is not None:
            self.step.fail(record.getMessage())
'''

LOGGING_WIRING = """
client = LitmusClient()
run = client.start_run(dut_serial="SN001", station_id="bench_1")
handler = LitmusHandler(run)
logging.getLogger("my_test").addHandler(handler)
"""

DATABASE_SYNC = '''
from litmus.client import LitmusClient
 
def sync_to_database(run_id: str, db_connection):
    """Mirror one Litmus run's summary + measurements into an external DB."""
    client = LitmusClient()
    run = client.get_run(run_id)              # RunSummary (Pydantic model)
    measurements = client.get_measurements(run_id)  # list[dict] keyed by parquet columns
 
    db_connection.execute(
        "INSERT INTO test_runs (id, serial, outcome) VALUES (?, ?, ?)",
        (run_id, run.dut_serial, run.outcome)
    )
 
    for m in measurements:
        db_connection.execute(
            "INSERT INTO measurements (run_id, name, value) VALUES (?, ?, ?)",
            (run_id, m["measurement_name"], m["measurement_value"])
        )
'''

UPLOAD = '''
import boto3
from litmus.client import LitmusClient
 
def upload_results(run_id: str, bucket: str):
    """Upload the sealed run parquet to S3."""
    s3 = boto3.client("s3")
    client = LitmusClient()
    run = client.get_run(run_id)
 
    local_path = run.file_path                  # attribute on RunSummary
    s3_key = f"test_results/{run.dut_serial}/{run_id}.parquet"
    s3.upload_file(local_path, bucket, s3_key)
'''

QUERY = '''
import duckdb
 
# Cross-run query — DuckDB reads the parquet directly
duckdb.sql("""
    SELECT dut_serial, step_name, measurement_outcome, COUNT(*)
    FROM '<data_dir>/runs/**/*.parquet'
    GROUP BY dut_serial, step_name, measurement_outcome
""").show()
'''


def execute(*snippets: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for snippet in snippets:
        exec(snippet, names)
    return names


@pytest.fixture(autouse=True)
def _no_handlers_left() -> Iterator[None]:
    yield
    logging.getLogger("my_test").handlers.clear()


def record(serial: str = "SN001") -> TestRun:
    run = LitmusClient().start_run(dut_serial=serial, station_id="bench_1")
    with run.step("rail_3v3") as step:
        step.measure("voltage", 3.31, units="V", low=3.1, high=3.5)
        step.measure("ripple", 0.2, units="V", high=0.05)
    return run.finish()


def log_into_a_step(run: Any, handler: Any) -> TestRun:
    logger = logging.getLogger("my_test")
    with run.step("quiet") as step:
        logger.warning("nobody listens yet")
        handler.step = step
        logger.info("all is well")
    with run.step("noisy") as step:
        handler.step = step
        logger.warning("supply at %s V", 2.9)
        logger.error("relay stuck")
    handler.step = None
    logger.error("after the test")
    done = run.finish()
    assert isinstance(done, TestRun)
    return done


def assert_only_the_noisy_step_failed(done: TestRun) -> None:
    assert [(step.name, step.outcome) for step in done.steps] == [
        ("quiet", Outcome.DONE),
        ("noisy", Outcome.FAILED),
    ]
    assert done.steps[1].error_message == "supply at 2.9 V\nrelay stuck"
    assert LitmusClient().get_run(str(done.id)).outcome == "failed"


def test_the_logging_bridge_turns_warnings_into_failures() -> None:
    names = execute(LOGGING_BRIDGE, LOGGING_WIRING)
    assert_only_the_noisy_step_failed(log_into_a_step(names["run"], names["handler"]))


def test_the_shipped_handler_does_the_same() -> None:
    run = LitmusClient().start_run(dut_serial="SN001", station_id="bench_1")
    handler = LitmusHandler(run)
    logging.getLogger("my_test").addHandler(handler)
    assert handler.run is run
    assert_only_the_noisy_step_failed(log_into_a_step(run, handler))


@pytest.mark.parametrize("level", [logging.ERROR, "ERROR"])
def test_the_shipped_handler_has_a_level(level: int | str) -> None:
    run = LitmusClient().start_run(dut_serial="SN001", station_id="bench_1")
    handler = LitmusHandler(run, level=level)
    logging.getLogger("my_test").addHandler(handler)
    done = log_into_a_step(run, handler)
    assert done.steps[1].error_message == "relay stuck"


def test_a_record_after_the_step_is_reported_by_logging_and_not_raised(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = LitmusClient().start_run(dut_serial="SN001", station_id="bench_1")
    handler = LitmusHandler(run)
    logging.getLogger("my_test").addHandler(handler)
    with run.step("short") as step:
        handler.step = step
    logging.getLogger("my_test").error("too late")
    assert "'short' has ended" in capsys.readouterr().err
    run.finish()


def test_a_run_is_mirrored_into_a_database() -> None:
    run_id = str(record().id)
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE test_runs (id, serial, outcome)")
        database.execute("CREATE TABLE measurements (run_id, name, value)")
        execute(DATABASE_SYNC)["sync_to_database"](run_id, database)
        runs = database.execute("SELECT * FROM test_runs").fetchall()
        measurements = database.execute("SELECT * FROM measurements").fetchall()
    assert runs == [(run_id, "SN001", "failed")]
    assert measurements == [(run_id, "voltage", 3.31), (run_id, "ripple", 0.2)]


def test_a_sealed_run_is_uploaded_as_one_object(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    done = record()
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="results")
        execute(UPLOAD)["upload_results"](str(done.id), "results")
        stored = s3.get_object(Bucket="results", Key=f"test_results/SN001/{done.id}.parquet")
        content = stored["Body"].read()
    assert content == Path(LitmusClient().get_run(str(done.id)).file_path).read_bytes()


def test_duckdb_reads_all_runs_where_they_lie(home: Path) -> None:
    for serial in ("SN001", "SN001", "SN002"):
        record(serial)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        execute(QUERY.replace("<data_dir>", str(home / "data")))
    cells = {
        tuple(cell.strip() for cell in line.split("│")[1:-1])
        for line in printed.getvalue().splitlines()
        if "│" in line
    }
    assert ("SN001", "rail_3v3", "passed", "2") in cells
    assert ("SN001", "rail_3v3", "failed", "2") in cells
    assert ("SN002", "rail_3v3", "passed", "1") in cells
