# SPDX-License-Identifier: Apache-2.0
"""Questions to the daemon, answered as pandas answers them from the run files."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from litmus import _core
from litmus.analysis.measurements_query import FilterSet, MeasurementsQuery
from litmus.analysis.runs_query import RunsQuery
from litmus.analysis.steps_query import StepNode, StepRow, StepsQuery, tree
from litmus.client import LitmusClient
from litmus.data import grpc_calls
from litmus.data.models import TestRun
from litmus.errors import ConflictError, InvalidArgumentError, LitmusWarning, UnavailableError

pytestmark = [
    pytest.mark.usefixtures("daemon_allowed"),
    # Python 3.12 warns of any fork in a process with threads; that ours survive it is tested.
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


def record(client: LitmusClient, serial: str | None, volts: list[float], **more: Any) -> TestRun:
    """A run that measures each of the voltages, at rising loads."""
    given = {"dut_part_number": "PB-100", "test_phase": "production"} | more
    run = client.start_run(serial, "bench_1", **given)
    with run.step("power") as step:
        for load, value in enumerate(volts):
            with step.vector(load=float(load)) as vector:
                vector.measure("volts", value, units="V", low=3.0, high=3.6)
                vector.observe("note", f"load {load}")
    return run.finish()


@pytest.fixture
def runs(client: LitmusClient) -> list[TestRun]:
    """A little history: retests, another product and lot, a device without a serial."""
    return [
        record(client, "SN1", [3.3, 3.9], dut_lot_number="L1"),  # fails
        record(client, "SN1", [3.3, 3.31], dut_lot_number="L1"),
        record(client, "SN2", [3.25, 3.35], dut_lot_number="L2", operator="ann"),
        record(client, "SN3", [3.2, 3.4], dut_lot_number="L2", operator="bob"),
        record(client, "SN3", [3.7, 3.4], dut_part_number="PB-200"),  # fails
        record(client, None, [3.3, 3.3], test_phase="debug"),
        record(client, "SN9", [9.9], test_phase="development"),  # fails
    ]


@pytest.fixture
def rows(runs: list[TestRun], data_dir: Path) -> pd.DataFrame:
    """All rows of all run files."""
    files = sorted((data_dir / "runs").rglob("*.parquet"))
    assert len(files) == len(runs)
    return pd.concat([pd.read_parquet(file).assign(file_path=str(file)) for file in files])


def of_type(rows: pd.DataFrame, record_type: str) -> pd.DataFrame:
    return rows[rows.record_type == record_type]


def plain(value: Any) -> Any:
    """What pandas has for nothing is None."""
    return None if value is None or value is pd.NaT or value != value else value


def test_runs_are_those_of_the_run_files(data_dir: Path, rows: pd.DataFrame) -> None:
    in_files = of_type(rows, "run").sort_values("run_started_at", ascending=False)
    with RunsQuery(_data_dir=data_dir) as query:
        found = query.list_recent()
    assert [run.run_id for run in found] == list(in_files.run_id)
    same = {
        "outcome": "run_outcome",
        "started_at": "run_started_at",
        "ended_at": "run_ended_at",
    } | {
        name: name
        for name in [
            "file_path",
            "session_id",
            "slot_id",
            "dut_serial",
            "dut_part_number",
            "dut_lot_number",
            "station_id",
            "station_hostname",
            "fixture_id",
            "test_phase",
            "product_id",
            "operator_id",
            "project_name",
        ]
    }
    for run, (_, in_file) in zip(found, in_files.iterrows(), strict=True):
        expected = {name: plain(in_file[column]) for name, column in same.items()}
        expected["dut_serial"] = expected["dut_serial"] or None  # blank in the file
        assert {name: asdict(run)[name] for name in same} == expected
        mine = rows[rows.run_id == run.run_id]
        assert run.num_measurements == len(of_type(mine, "measurement"))
        assert run.num_steps == len(of_type(mine, "step"))


FILTERS: list[tuple[dict[str, Any], list[str | None]]] = [
    ({}, ["SN9", None, "SN3", "SN3", "SN2", "SN1", "SN1"]),
    ({"product": "PB-200"}, ["SN3"]),
    ({"lot": ["L1", "L2"]}, ["SN3", "SN2", "SN1", "SN1"]),
    ({"lot": "L1", "outcome": "passed"}, ["SN1"]),
    ({"serial": ("SN2", "SN9")}, ["SN9", "SN2"]),
    ({"operator": "bob", "phase": "all"}, ["SN3"]),
    ({"phase": ["debug", "development"]}, ["SN9", None]),
    ({"station": "bench_1", "outcome": "failed"}, ["SN9", "SN3", "SN1"]),
    ({"station": "bench_2"}, []),
    ({"since": date(2001, 1, 1), "product": None, "serial": "SN9"}, ["SN9"]),
    ({"until": "2001-01-01"}, []),
    ({"since": datetime(2100, 1, 1)}, []),
]


@pytest.mark.usefixtures("runs")
def test_lists_and_counts_take_the_same_filters(data_dir: Path) -> None:
    query = RunsQuery(data_dir)
    for filters, serials in FILTERS:
        found = [run.dut_serial for run in query.list_recent(None, **filters)]
        assert found == serials, filters
        assert query.count(**filters) == len(found)
        assert sum(query.count_by_outcome(**filters).values()) == len(found)
        half = len(found) // 2
        assert [run.dut_serial for run in query.list_recent(half, **filters)] == found[:half]
        last = query.list_recent(half, **filters)[-1:]
        after = last[0].run_id if last else None
        page = query.list_recent(None, after=after, **filters)
        assert [run.dut_serial for run in page] == found[half:]
        rest = query.list_recent(None, offset=half, **filters)
        assert [run.dut_serial for run in rest] == found[half:]


def test_a_run_is_found_by_the_beginning_of_its_id(data_dir: Path, runs: list[TestRun]) -> None:
    query = RunsQuery(data_dir)
    client = LitmusClient(data_dir)
    run = runs[2]
    for given in (run.id, str(run.id), str(run.id)[:13].upper()):
        found = query.get(given)
        summary = client.get_run(given)
        assert found is not None
        assert summary is not None
        assert found.run_id == summary.test_run_id == str(run.id)
    assert query.get("0" * 36) is None
    assert client.get_run("0" * 36) is None
    with pytest.raises(InvalidArgumentError, match="empty"):
        query.get("")


def test_an_id_that_fits_several_runs_lists_them(client: LitmusClient) -> None:
    ids = [str(client.start_run(f"SN{number}", "b").finish().id) for number in range(17)]
    shared = next(d for d in "0123456789abcdef" if sum(run_id[0] == d for run_id in ids) > 1)
    fitting = [run_id[:8] for run_id in ids if run_id[0] == shared]
    for ask in (RunsQuery(client.data_dir).get, client.get_run, client.get_measurements):
        with pytest.raises(ConflictError, match="give more characters") as raised:
            ask(shared)
        assert all(run_id in str(raised.value) for run_id in fitting[:9])


def test_usage_and_failures_of_runs_are_counted_as_pandas_counts(
    data_dir: Path, rows: pd.DataFrame
) -> None:
    query = RunsQuery(data_dir)
    in_files = of_type(rows, "run")
    assert query.count_by_outcome() == in_files.run_outcome.value_counts().to_dict()
    assert query.distinct_filter_values() == {
        "test_phase": ["debug", "development", "production"],
        "dut_part_number": ["PB-100", "PB-200"],
        "station_hostname": [socket.gethostname()],
        "dut_lot_number": ["L1", "L2"],
        "operator_id": ["ann", "bob"],
        "project_name": [],
        "station_id": ["bench_1"],
    }

    by_part = in_files.groupby("dut_part_number").run_outcome
    for row in query.usage_stats("dut_part_number"):
        outcomes = by_part.get_group(row["value"])
        assert row["runs"] == len(outcomes)
        assert row["pass_count"] == (outcomes == "passed").sum()
        assert row["fail_count"] == (outcomes == "failed").sum()

    pareto = query.failure_pareto(phase="all")
    failed = by_part.agg(lambda outcomes: int((outcomes == "failed").sum()))
    assert {row["bucket"]: row["failed_count"] for row in pareto} == failed.to_dict()
    assert [row["bucket"] for row in query.failure_pareto(phase="all", top_n=1)] == ["PB-100"]
    for wrong in ("dut_serial", "nonsense"):
        with pytest.raises(ValueError, match=wrong):
            query.failure_pareto(group_by=wrong)
        with pytest.raises(ValueError, match=wrong):
            query.usage_stats(wrong)


def test_steps_come_in_the_order_of_execution_with_inputs_and_outputs(
    data_dir: Path, runs: list[TestRun]
) -> None:
    steps = StepsQuery(data_dir).list_for_run(runs[0].id)
    assert [(step.step_path, step.vector_index) for step in steps] == [("power", 0), ("power", 1)]
    assert [step.outcome for step in steps] == ["passed", "failed"]
    assert [step.inputs for step in steps] == [{"load": 0.0}, {"load": 1.0}]
    assert [step.outputs for step in steps] == [{"note": "load 0"}, {"note": "load 1"}]
    assert [step.measurement_count for step in steps] == [1, 1]
    for step in steps:
        assert step.started_at is not None
        assert step.ended_at is not None
        assert step.duration_s == (step.ended_at - step.started_at).total_seconds()
    assert StepsQuery(data_dir).list_for_session(runs[0].session_id) == steps
    assert StepsQuery(data_dir).list_for_run("0" * 36) == []
    (worst,) = StepsQuery(data_dir).failure_pareto(phase="all")
    assert (worst["bucket"], worst["failed_count"]) == ("power", 3)


def paths(nodes: list[StepNode]) -> list[Any]:
    return [
        (f"{node.step.step_path}[{node.step.vector_index}]", paths(node.children)) for node in nodes
    ]


def test_the_children_of_a_step_hang_under_their_own_iteration(client: LitmusClient) -> None:
    run = client.start_run("SN1", "bench_1")
    for _ in range(2):
        with run.step("sweep"), run.step("point") as point:
            point.measure("volts", 1)
    with run.step("last"):
        pass
    run.finish()
    assert paths(StepsQuery(client.data_dir).tree_for_run(run.id)) == [
        ("sweep[0]", [("sweep/point[0]", [])]),
        ("sweep[1]", [("sweep/point[1]", [])]),
        ("last[0]", []),
    ]


NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def step_row(path: str, index: int, second: int | None) -> StepRow:
    fields = dict.fromkeys(StepRow.__dataclass_fields__)
    started = None if second is None else NOON + timedelta(seconds=second)
    return StepRow(**fields | {"step_path": path, "vector_index": index, "started_at": started})


def test_steps_that_never_ran_and_those_without_a_parent_have_a_place() -> None:
    steps = [
        step_row("A", 0, 0),
        step_row("A/x", 0, 1),
        step_row("A", 1, 5),
        step_row("A/x", 7, 6),
        step_row("lost/y", 0, 7),
        step_row("A/z", 0, None),
        step_row("A/z", 1, None),
    ]
    assert paths(tree(steps)) == [
        ("A[0]", [("A/x[0]", []), ("A/z[0]", [])]),
        ("A[1]", [("A/x[7]", []), ("A/z[1]", [])]),
        ("lost/y[0]", []),
    ]


def test_the_yield_is_that_of_the_runs(data_dir: Path, rows: pd.DataFrame) -> None:
    in_files = of_type(rows, "run").sort_values("run_started_at")
    in_files = in_files[in_files.test_phase != "development"]
    units = in_files[in_files.dut_serial.fillna("") != ""].groupby(
        ["dut_part_number", "dut_serial"]
    )
    query = MeasurementsQuery(_data_dir=data_dir)
    (row,) = query.yield_summary(group_by="none")
    assert row["total_runs"] == len(in_files)
    assert row["passed"] == (in_files.run_outcome == "passed").sum()
    assert row["failed"] == (in_files.run_outcome == "failed").sum()
    assert row["unserialized_runs"] == 1
    assert row["first_pass_total"] == row["final_total"] == units.ngroups
    assert row["first_pass_passed"] == (units.run_outcome.first() == "passed").sum()
    assert row["final_passed"] == (units.run_outcome.last() == "passed").sum()
    assert row["fpy_pct_ci_low"] < row["fpy_pct"] < row["fpy_pct_ci_high"]

    by_day = query.yield_summary(phase="all")
    assert sum(row["total_runs"] for row in by_day) == len(of_type(rows, "run"))
    (trend,) = query.trend(group_by="none")
    assert (trend["total"], trend["passed"]) == (row["total_runs"], row["passed"])
    (retest,) = query.retest(group_by="none")
    assert retest["retested_count"] == (units.size() > 1).sum()
    (time_loss,) = query.time_loss(group_by="none")
    seconds = (in_files.run_ended_at - in_files.run_started_at).dt.total_seconds()
    assert time_loss["total_time_s"] == pytest.approx(seconds.sum(), abs=0.01)
    (durations,) = query.durations()
    assert durations["count"] == len(in_files)
    assert query.assets() == []


def test_capability_and_failures_are_those_of_the_measurements(
    data_dir: Path, rows: pd.DataFrame
) -> None:
    measured = of_type(rows, "measurement")
    measured = measured[
        (measured.test_phase == "production") & (measured.dut_part_number == "PB-100")
    ]
    query = MeasurementsQuery(data_dir)
    (row,) = query.cpk(min_samples=1, phase="production", product="PB-100")
    values = measured.measurement_value
    mean, sigma = values.mean(), values.std(ddof=1)
    assert row["n"] == len(values)
    assert row["mean"] == pytest.approx(mean)
    assert row["sigma"] == pytest.approx(sigma)
    assert row["cpk"] == pytest.approx(min(3.6 - mean, mean - 3.0) / (3 * sigma), abs=5e-4)
    by_load = query.cpk(min_samples=1, conditions=["in_load"], product="PB-100", phase="production")
    assert sorted(row["n"] for row in by_load) == [4, 4]
    assert query.cpk(min_samples=1000) == []

    (worst,) = query.pareto(phase="all", product="PB-200")
    assert (worst["measurement_name"], worst["fail_count"], worst["total_count"]) == ("volts", 1, 2)


def test_charts_show_what_was_measured(data_dir: Path, rows: pd.DataFrame) -> None:
    measured = of_type(rows, "measurement")
    query = MeasurementsQuery(data_dir)
    points = query.parametric(y="measurement_value", x="in_load", group_by="dut_part_number")
    assert sorted((p["x"], p["y"], p["group"]) for p in points) == sorted(
        zip(measured.in_load, measured.measurement_value, measured.dut_part_number, strict=True)
    )
    counts, _ = np.histogram(measured.measurement_value, bins=5)
    bars = query.parametric(y="measurement_value", chart_type="histogram", bins=5)
    found = dict.fromkeys(range(5), 0) | {bar["bin"]: bar["y"] for bar in bars}
    assert list(found.values()) == list(counts)

    only = FilterSet(string_filters={"product_id": ["PB-200"], "in_load": ["1.0"]})
    (point,) = query.parametric(filters=only)
    assert point["y"] == 3.4
    assert query.summary_counts() == {
        "total_rows": len(measured),
        "distinct_runs": 7,
        "distinct_measurements": 1,
        "distinct_products": 2,
    }
    failed = FilterSet(enum_filters={"measurement_outcome": ["failed"]}, since="2001-01-01")
    assert query.summary_counts(filters=failed)["total_rows"] == 3
    values = query.distinct_values("measurement_outcome", filters=failed)
    assert {row["value"]: row["count"] for row in values} == {"passed": 10, "failed": 3}


@pytest.mark.usefixtures("runs")
def test_what_cannot_be_asked_is_named(data_dir: Path) -> None:
    query = MeasurementsQuery(data_dir)
    with pytest.raises(ValueError, match="nonsense"):
        query.parametric(y="nonsense")
    with pytest.raises(ValueError, match="name of a column"):
        query.parametric(y='a"; DROP TABLE x')
    with pytest.raises(ValueError, match="fortnight"):
        query.trend(period="fortnight")
    with pytest.raises(ValueError, match="bins"):
        query.parametric(chart_type="histogram", bins=1000)
    with pytest.raises(ValueError, match="prodct"):
        query.trend(prodct="PB-100")
    with pytest.raises(ValueError, match="since"):
        RunsQuery(data_dir).list_recent(since="yesterday")
    with pytest.raises(ValueError, match="expected one of product_id"):
        FilterSet(string_filters={"colour": ["red"]})
    with pytest.raises(ValueError, match="run_outcome"):
        FilterSet(enum_filters={"in_load": ["1"]})
    for query_with_columns in (query, RunsQuery(data_dir), StepsQuery(data_dir)):
        described = {row["name"]: row for row in query_with_columns.describe_columns()}
        assert described["run_id"]["null_share"] == 0
    with pytest.raises(InvalidArgumentError, match="expected texts, numbers or lists of them"):
        RunsQuery(data_dir).count(serial={"SN1"})  # type: ignore[arg-type]


def test_a_running_run_is_seen_as_it_will_be_sealed(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1", dut_lot_number="L1")
    with run.step("power") as step, step.vector(load=1.0) as vector:
        vector.measure("volts", 3.3, units="V", low=3.0, high=3.6)
    with run.step("open"):
        running = client.get_run(run.id)
        assert running is not None
        assert (running.outcome, running.ended_at, running.file_path) == ("running", None, None)
        assert [each.test_run_id for each in client.list_runs()] == [str(run.id)]
        assert RunsQuery(client.data_dir).list_recent() == []
        (listed,) = RunsQuery(client.data_dir).list_recent(include_incomplete=True)
        assert (listed.run_id, listed.outcome, listed.num_measurements) == (str(run.id), None, 1)
        assert RunsQuery(client.data_dir).count_by_outcome() == {"running": 1}
        (while_running,) = client.get_measurements(run.id)
        steps = StepsQuery(client.data_dir).list_for_run(run.id, include_incomplete=True)
        assert [step.step_path for step in steps] == ["power", "open"]
    run.finish()
    (sealed,) = client.get_measurements(run.id)
    changed = {name for name in sealed if sealed[name] != while_running.get(name)}
    assert changed <= {"run_ended_at", "run_outcome"}
    finished = client.get_run(run.id)
    assert finished is not None
    assert finished.outcome == "passed"
    assert finished.file_path is not None
    assert Path(finished.file_path).is_file()


def test_results_are_the_same_without_a_daemon(
    client: LitmusClient, runs: list[TestRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    summaries = client.list_runs(), [client.get_run(run.id) for run in runs]
    measurements = [client.get_measurements(run.id) for run in runs]
    monkeypatch.setenv("LITMUS_DAEMON", "off")
    assert (client.list_runs(), [client.get_run(run.id) for run in runs]) == summaries
    assert [client.get_measurements(run.id) for run in runs] == measurements


def test_without_a_daemon_queries_say_so_and_results_come_from_the_files(
    data_dir: Path, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LITMUS_EXECUTABLE", str(tmp_path / "nothing"))
        client = LitmusClient(data_dir)
        run = record(client, "SN1", [3.3])
        with pytest.raises(UnavailableError, match="LITMUS_EXECUTABLE names no program"):
            RunsQuery(data_dir).count()
        with pytest.warns(LitmusWarning, match="not finished are left out: .*names no program"):
            assert [found.test_run_id for found in client.list_runs()] == [str(run.id)]
        environment.setenv("LITMUS_DAEMON", "off")
        with pytest.raises(ConnectionError, match="LITMUS_DAEMON=off"):
            RunsQuery(data_dir).count()
        assert len(client.get_measurements(run.id)) == 1
    assert RunsQuery(data_dir).count() == 1


@pytest.mark.usefixtures("runs")
def test_a_daemon_that_died_is_replaced_between_two_questions(data_dir: Path) -> None:
    query = RunsQuery(data_dir)
    before = query.list_recent()
    for _ in range(2):
        running = _core.find_daemon(data_dir)
        assert running is not None
        os.kill(running[1], signal.SIGKILL)
        assert query.list_recent() == before
        assert _core.find_daemon(data_dir) not in (None, running)


def in_child(action: Callable[[], object]) -> int:
    """Runs the action in a fork; its exit status."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = 0 if action() else 2
        finally:
            os._exit(status)
    end = time.monotonic() + 60
    while (ended := os.waitpid(pid, os.WNOHANG))[0] == 0:
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)
    return os.waitstatus_to_exitcode(ended[1])


@pytest.mark.usefixtures("runs")
def test_parent_and_children_ask_on_after_a_fork(data_dir: Path) -> None:
    query = RunsQuery(data_dir)
    assert query.count() == 7
    for _ in range(10):
        assert in_child(lambda: query.count() == 7) == 0
        assert in_child(lambda: in_child(lambda: RunsQuery(data_dir).count() == 7) == 0) == 0
        assert query.count() == 7


@pytest.mark.usefixtures("runs")
def test_a_child_that_cannot_ask_says_so_and_reads_the_files(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = LitmusClient(data_dir)
    query = RunsQuery(data_dir)
    assert query.count() == 7
    monkeypatch.setattr(grpc_calls, "_LONGEST_WAIT_S", 0.01)
    begun, over = threading.Event(), threading.Event()

    def wait_for_an_answer() -> None:
        with grpc_calls.grpc_call():
            begun.set()
            over.wait(60)

    def cannot_ask() -> bool:
        with pytest.raises(UnavailableError, match="spawn"):
            query.count()
        with pytest.warns(LitmusWarning, match="spawn"):
            return len(client.list_runs()) == 7

    waiting = threading.Thread(target=wait_for_an_answer)
    waiting.start()
    try:
        assert begun.wait(60)
        assert in_child(lambda: cannot_ask() and in_child(cannot_ask) == 0) == 0
    finally:
        over.set()
        waiting.join()
    assert query.count() == 7


def test_whoever_records_starts_a_daemon_in_the_background(data_dir: Path) -> None:
    assert _core.find_daemon(data_dir) is None
    LitmusClient(data_dir)
    end = time.monotonic() + 60
    while _core.find_daemon(data_dir) is None:
        assert time.monotonic() < end
        time.sleep(0.005)


def test_asking_loads_what_it_needs_and_recording_does_not(run_python: Callable[..., Any]) -> None:
    ended = run_python(
        """
import sys
from litmus.analysis import measurements_query, runs_query, steps_query
from litmus.client import LitmusClient
from litmus.data import event_store
LitmusClient(sys.argv[1]).start_run("SN1", "b").finish()
assert "pyarrow" not in sys.modules
print(runs_query.RunsQuery(sys.argv[1]).count())
"""
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "1\n", "")
