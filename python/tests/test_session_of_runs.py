# SPDX-License-Identifier: Apache-2.0
"""Many runs in one session, as a sequencer has them."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from litmus.client import LitmusClient
from litmus.data.event_log import read_event_file
from litmus.data.events import EventBase, RunStarted, SessionEnded, SessionStarted
from litmus.data.outcomes import Outcome
from litmus.errors import InvalidArgumentError


def events_of(data_dir: Path, kind: type[EventBase]) -> list[Any]:
    """Those of one type, oldest first."""
    return [
        event
        for file in sorted((data_dir / "events").glob("*/*.arrow"))
        for event in read_event_file(file).events
        if isinstance(event, kind)
    ]


def session_outcome(data_dir: Path) -> Outcome | None:
    [ended] = events_of(data_dir, SessionEnded)
    outcome: Outcome | None = ended.outcome
    return outcome


def test_runs_have_the_session_and_what_it_says_about_the_bench(
    client: LitmusClient, data_dir: Path
) -> None:
    with client.session("bench_1", station_type="fan_bench", operator="op7") as session:
        with session.start_run("SN001", dut_part_number="PB-100", test_phase="production") as run:
            pass
        with session.start_run("SN002", operator="op8"):
            pass
    [started] = events_of(data_dir, SessionStarted)
    assert started.session_id == session.id
    first, second = events_of(data_dir, RunStarted)
    assert run.id == first.run_id
    assert {first.session_id, second.session_id} == {session.id}
    assert (first.station_id, first.station_type, first.operator_id) == (
        *("bench_1", "fan_bench"),
        "op7",
    )
    assert (first.dut_part_number, first.test_phase) == ("PB-100", "production")
    assert second.operator_id == "op8"
    assert [known.session_id for known in client.list_runs()] == [str(session.id)] * 2


def test_a_run_is_sealed_when_it_ends_not_when_its_session_does(client: LitmusClient) -> None:
    with client.session("bench_1") as session:
        with session.start_run("SN001") as run, run.step("rail") as step:
            step.measure("voltage", 3.31, low=3.1, high=3.5)
        found = client.get_run(run.id)
        assert found is not None
        assert found.outcome == "passed"
        assert client.get_measurements(run.id)[0]["measurement_value"] == 3.31


def test_a_session_is_as_bad_as_its_worst_run(client: LitmusClient, data_dir: Path) -> None:
    with client.session("bench_1") as session:
        for voltage in (3.3, 4.3, 3.3):
            with session.start_run("SN001") as run, run.step("rail") as step:
                step.measure("voltage", voltage, high=3.5)
    assert session_outcome(data_dir) is Outcome.FAILED


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(ValueError, Outcome.ERRORED), (KeyboardInterrupt, Outcome.TERMINATED)],
)
def test_an_exception_that_leaves_the_session_is_its_outcome(
    client: LitmusClient, data_dir: Path, error: type[BaseException], outcome: Outcome
) -> None:
    def use(session_of: LitmusClient) -> None:
        with session_of.session("bench_1") as session:
            session.start_run("SN001").finish()
            raise error

    with pytest.raises(error):
        use(client)
    assert session_outcome(data_dir) is outcome


def test_runs_may_go_on_side_by_side(client: LitmusClient) -> None:
    with client.session("bench_1") as session:
        left, right = session.start_run("LEFT"), session.start_run("RIGHT")
        with left.step("rail") as step, right.step("rail") as other:
            step.measure("voltage", 4.3, high=3.5)
            other.measure("voltage", 3.3, high=3.5)
        assert left.finish().outcome is Outcome.FAILED
        assert right.finish().outcome is Outcome.PASSED


def test_a_run_that_is_open_when_its_session_ends_is_aborted(client: LitmusClient) -> None:
    session = client.session("bench_1")
    run = session.start_run("SN001")
    session.end()
    session.end()
    assert run.finish().outcome is Outcome.ABORTED
    with pytest.raises(InvalidArgumentError, match="has ended"):
        session.start_run("SN002")


def test_attachments_are_found_from_any_run_of_a_session(client: LitmusClient) -> None:
    with client.session("bench_1") as session:
        session.start_run("SN001").finish()
        with session.start_run("SN002") as run, run.step("boot") as step:
            reference = step.attach("log", b"boot ok")
    found = client.get_run(run.id)
    assert found is not None
    file = Path(str(found.file_path)).with_suffix("")
    name = reference.removeprefix("file://_ref/")
    assert (file.with_name(file.name + "_ref") / name).read_bytes() == b"boot ok"
    rows = pq.read_table(str(found.file_path)).to_pylist()
    assert reference in [row["out_log"] for row in rows]


def test_a_session_that_is_forgotten_ends_with_the_interpreter(
    run_python: Callable[..., subprocess.CompletedProcess[str]], data_dir: Path
) -> None:
    program = """
import sys
from litmus.client import LitmusClient
session = LitmusClient(sys.argv[1]).session("bench_1")
session.start_run("SN001").finish()
"""
    assert run_python(program).returncode == 0
    assert session_outcome(data_dir) is Outcome.DONE


def test_a_forked_child_ends_neither_the_session_nor_its_runs(
    run_python: Callable[..., subprocess.CompletedProcess[str]], data_dir: Path
) -> None:
    program = """
import os, sys
from litmus.client import LitmusClient
session = LitmusClient(sys.argv[1]).session("bench_1")
run = session.start_run("SN001")
child = os.fork()
if child == 0:
    sys.exit(0)
os.waitpid(child, 0)
with run, run.step("rail") as step:
    step.measure("voltage", 3.3, high=3.5)
session.end()
"""
    done = run_python(program)
    assert done.returncode == 0, done.stderr
    assert session_outcome(data_dir) is Outcome.PASSED
