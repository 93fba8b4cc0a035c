# SPDX-License-Identifier: Apache-2.0
"""`TestRunLogger`: the runs of a framework that Litmus does not know."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from litmus.client import LitmusClient
from litmus.data.event_log import EventLog
from litmus.data.events import SessionEnded, SessionStarted
from litmus.data.models import Limit
from litmus.data.outcomes import Outcome
from litmus.errors import InvalidArgumentError
from litmus.execution.logger import TestRunLogger
from litmus.execution.verify import DuplicateMeasurementError


@pytest.fixture
def log(data_dir: Path) -> Iterator[EventLog]:
    with EventLog(data_dir) as log:
        log.emit(SessionStarted())
        yield log
        log.emit(SessionEnded())


@pytest.fixture
def logger(log: EventLog) -> TestRunLogger:
    logger = TestRunLogger(
        " SN001 ", "bench_1", operator_id="op7", product_id="fan", test_phase="production"
    )
    logger.event_log = log
    return logger


def rows(data_dir: Path, logger: TestRunLogger, record_type: str) -> list[dict[str, Any]]:
    found = LitmusClient(data_dir).get_run(logger.test_run.id)
    assert found is not None
    table = pq.read_table(str(found.file_path)).to_pylist()
    return [row for row in table if row["record_type"] == record_type]


def test_a_run_is_sealed_with_its_steps_and_measurements(
    logger: TestRunLogger, data_dir: Path
) -> None:
    logger.run_context.set("fixture_serial", "F7")
    logger.start_step("rails")
    logger.start_step("rail_3v3", inputs={"load": 0.5})
    limit = {"low": 3.1, "high": 3.5, "units": "V"}
    assert logger.measure("voltage", 3.31, limit=limit).outcome is Outcome.PASSED
    high = Limit(high=0.1, units="V", comparator="LE")
    assert logger.measure("ripple", 0.2, limit=high).outcome is Outcome.FAILED
    assert logger.measure("note", "warm").outcome is Outcome.DONE
    logger.end_step()
    logger.end_step()
    run = logger.finalize()
    assert run.outcome is Outcome.FAILED
    [stored] = rows(data_dir, logger, "run")
    assert (stored["dut_serial"], stored["station_id"]) == ("SN001", "bench_1")
    assert (stored["product_id"], stored["operator_id"]) == ("fan", "op7")
    assert stored["test_phase"] == "production"
    assert stored["custom_fixture_serial"] == "F7"
    assert stored["run_outcome"] == "failed"
    steps = {row["step_path"]: row for row in rows(data_dir, logger, "step")}
    assert {path: row["step_outcome"] for path, row in steps.items()} == {
        "rails": "failed",
        "rails/rail_3v3": "failed",
    }
    assert steps["rails/rail_3v3"]["in_load"] == 0.5
    ripple = rows(data_dir, logger, "measurement")[1]
    assert (ripple["measurement_name"], ripple["limit_comparator"]) == ("ripple", "LE")


def test_a_vector_that_comes_again_is_a_retry_whose_last_attempt_counts(
    logger: TestRunLogger, data_dir: Path
) -> None:
    for voltage in (4.3, 3.3):
        logger.start_step("rail", node_id="suite::rail")
        logger.measure("voltage", voltage, limit={"high": 3.5, "units": "V"})
        logger.end_step()
    logger.start_step("rail", node_id="suite::rail[2]")
    logger.end_step()
    assert logger.finalize().outcome is Outcome.PASSED
    steps = [
        (row["vector_index"], row["step_attempts"], row["step_outcome"])
        for row in rows(data_dir, logger, "step")
    ]
    assert steps == [(0, 2, "passed"), (1, 1, "done")]


def test_a_container_forgets_what_a_retry_inside_it_has_mended(logger: TestRunLogger) -> None:
    logger.start_step("suite")
    for outcome in ("errored", "passed"):
        logger.start_step("flaky", vector_index=0)
        logger.end_step(outcome, error_message="no answer" if outcome == "errored" else None)
    assert logger.end_step().outcome is Outcome.PASSED


def test_what_the_framework_says_is_the_least_that_a_step_is(
    logger: TestRunLogger, data_dir: Path
) -> None:
    logger.start_step("asserts")
    logger.end_step("failed", error_message="1 != 2")
    logger.start_step("measured")
    logger.measure("voltage", None, limit={"high": 3.5, "units": "V"})
    logger.end_step("passed")
    assert logger.finalize().outcome is Outcome.ERRORED
    first, second = rows(data_dir, logger, "step")
    assert (first["step_outcome"], first["error_message"]) == ("failed", "1 != 2")
    assert second["step_outcome"] == "errored"


def test_a_name_may_come_again_only_if_each_of_them_says_so(logger: TestRunLogger) -> None:
    logger.start_step("stream")
    logger.measure("sample", 1.0, allow_repeat=True)
    logger.measure("sample", 2.0, allow_repeat=True)
    with pytest.raises(DuplicateMeasurementError):
        logger.measure("sample", 3.0)
    logger.measure("once", 1.0)
    with pytest.raises(DuplicateMeasurementError):
        logger.measure("once", 2.0, allow_repeat=True)
    logger.end_step()
    logger.start_step("stream")
    logger.measure("once", 2.0)


def test_open_steps_end_with_the_run_and_nothing_can_be_added_then(
    logger: TestRunLogger,
) -> None:
    logger.start_step("outer")
    logger.start_step("inner")
    logger.measure("voltage", 4.3, limit={"high": 3.5, "units": "V"})
    run = logger.finalize()
    assert run is logger.finalize()
    assert [step.name for step in run.steps] == ["inner", "outer"]
    assert run.outcome is Outcome.FAILED
    with pytest.raises(InvalidArgumentError, match="has ended"):
        logger.start_step("late")


def test_mistakes_say_what_to_do(logger: TestRunLogger) -> None:
    with pytest.raises(InvalidArgumentError, match="start_step before"):
        logger.measure("voltage", 1.0)
    logger.start_step("rail")
    with pytest.raises(InvalidArgumentError, match="units"):
        logger.measure("voltage", 1.0, limit={"high": 3.5})
    with pytest.raises(InvalidArgumentError, match="expected a number"):
        logger.measure("voltage", [1.0])
    with pytest.raises(InvalidArgumentError, match="begun already"):
        logger.event_log = logger.event_log
    for end in (logger.end_step, logger.finalize):
        with pytest.raises(InvalidArgumentError, match=r"passed.*found 'pased'"):
            end("pased")
    assert logger.end_step("passed").outcome is Outcome.PASSED  # it was still open


def test_without_a_log_nothing_is_stored(data_dir: Path) -> None:
    logger = TestRunLogger("SN001")
    logger.start_step("rail")
    logger.measure("voltage", 3.31, limit={"high": 3.5, "units": "V"})
    run = logger.finalize()
    assert run.outcome is Outcome.PASSED
    assert run.steps[0].vectors[0].measurements[0].value == 3.31
    assert not (data_dir / "runs").exists()


def test_git_is_asked_where_nobody_says(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run([*git, "init", "-q", "-b", "trunk"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    assert TestRunLogger("SN001", project_dir=tmp_path).test_run.git_branch == "trunk"
    given = TestRunLogger("SN001", project_dir=tmp_path, git_commit="abc").test_run
    assert (given.git_commit, given.git_branch) == ("abc", None)
