# SPDX-License-Identifier: Apache-2.0
"""`TestHarness`: vectors, limits, retries and mocks of tests that pytest does not run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import Mock as AnyMock

import pyarrow.parquet as pq
import pytest
from litmus.client import LitmusClient
from litmus.data.event_log import read_event_file
from litmus.data.events import DialogOpened, DialogResponded, EventBase
from litmus.data.models import Limit
from litmus.data.outcomes import Outcome
from litmus.errors import InvalidArgumentError, MissingLimitError
from litmus.execution.harness import TestHarness, Vector, expand_vectors
from litmus.execution.logger import TestRunLogger
from litmus.execution.verify import DuplicateMeasurementError, LimitFailure, MissingValueError
from litmus.products.context import ProductContext

VOLTS = {"low": 3.1, "high": 3.5, "units": "V"}


class Dmm:
    """Stands for the driver of an instrument."""

    def measure_voltage(self) -> float:
        return 9.9


@pytest.fixture(autouse=True)
def _in_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@contextmanager
def recorded(data_dir: Path, **arguments: Any) -> Iterator[TestHarness]:
    with TestHarness.open("SN001", "bench_1", data_dir, **arguments) as harness:
        yield harness


def rows(data_dir: Path, record_type: str) -> list[dict[str, Any]]:
    [found] = LitmusClient(data_dir).list_runs()
    table = pq.read_table(str(found.file_path)).to_pylist()
    return [row for row in table if row["record_type"] == record_type]


def events(data_dir: Path) -> list[EventBase]:
    [path] = (data_dir / "events").rglob("*.arrow")
    return read_event_file(path).events


def test_one_call_does_session_run_events_and_closing(data_dir: Path) -> None:
    with recorded(data_dir, operator_id="op7") as harness, harness.step("rail", "The 3.3 V rail"):
        harness.measure("voltage", 3.3, "V", VOLTS, "VOUT", "1", "vout")
    [run] = rows(data_dir, "run")
    assert (run["dut_serial"], run["station_id"], run["operator_id"]) == ("SN001", "bench_1", "op7")
    assert run["run_outcome"] == "passed"
    [step] = rows(data_dir, "step")
    assert (step["step_path"], step["step_description"]) == ("rail", "The 3.3 V rail")
    [voltage] = rows(data_dir, "measurement")
    assert (voltage["measurement_value"], voltage["measurement_units"]) == (3.3, "V")
    place = (voltage["dut_pin"], voltage["instrument_channel"], voltage["fixture_connection"])
    assert place == ("VOUT", "1", "vout")
    types = [event.event_type for event in events(data_dir)]
    assert types[0] == "session.started"
    assert {"session.ended", "run.started", "run.ended"} <= set(types)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (AssertionError("no"), "failed"),
        (OSError("gone"), "errored"),
        (KeyboardInterrupt(), "terminated"),
    ],
)
def test_what_leaves_the_block_is_the_outcome_of_the_run(
    data_dir: Path, error: BaseException, outcome: str
) -> None:
    with pytest.raises(type(error)), recorded(data_dir):
        raise error
    assert rows(data_dir, "run")[0]["run_outcome"] == outcome


def test_each_vector_is_a_row_with_its_parameters_and_the_step_is_as_bad_as_the_worst(
    data_dir: Path,
) -> None:
    config = {"vectors": {"load": [0.1, 1.0]}, "limits": {"voltage": VOLTS}}
    with recorded(data_dir, config=config, step_name="rail") as harness:
        step = harness.run_all(lambda vector: 3.3 if vector["load"] < 0.5 else 3.0)
    assert step.outcome is Outcome.FAILED
    assert [vector.outcome for vector in step.vectors] == [Outcome.PASSED, Outcome.FAILED]
    stored = [(r["vector_index"], r["in_load"], r["step_outcome"]) for r in rows(data_dir, "step")]
    assert stored == [(0, 0.1, "passed"), (1, 1.0, "failed")]
    assert [row["in_load"] for row in rows(data_dir, "measurement")] == [0.1, 1.0]


def test_what_raises_makes_the_vector_failed_or_errored_and_the_others_run(data_dir: Path) -> None:
    def measure(vector: Vector) -> None:
        if vector["n"] == 0:
            raise AssertionError("not seated")
        if vector["n"] == 1:
            raise OSError("no answer")

    with recorded(data_dir, config={"vectors": {"n": [0, 1, 2]}}) as harness:
        harness.run_all(measure)
    stored = [(row["step_outcome"], row["error_message"]) for row in rows(data_dir, "step")]
    assert stored == [
        ("failed", "AssertionError: not seated"),
        ("errored", "OSError: no answer"),
        ("done", None),
    ]
    assert rows(data_dir, "run")[0]["run_outcome"] == "errored"


def measure_and_raise(harness: TestHarness) -> None:
    with harness.run_vector({"n": 1}):
        harness.measure("v", 1.0)
    raise OSError("late")


def test_run_vector_raises_again_what_left_it_and_tells_it_once(data_dir: Path) -> None:
    with recorded(data_dir) as harness:
        with pytest.raises(OSError, match="gone"), harness.step("s"), harness.run_vector({"n": 1}):
            raise OSError("gone")
        with pytest.raises(OSError, match="late"), harness.step("t"):
            measure_and_raise(harness)
    stored = [
        (row["step_path"], row["vector_index"], row["step_outcome"])
        for row in rows(data_dir, "step")
    ]
    assert stored == [("s", 0, "errored"), ("t", 0, "done"), ("t", 1, "errored")]


def test_a_vector_is_tried_again_and_the_last_attempt_counts(data_dir: Path) -> None:
    answers = iter([3.0, 3.3])
    config = {"limits": {"voltage": VOLTS}, "retry": {"max_retries": 2}}
    with recorded(data_dir, config=config, step_name="rail") as harness:
        last = harness.run_with_retry({"load": 1}, lambda _: next(answers))
    assert (last.outcome, last.retry, last.max_retries) == (Outcome.PASSED, 1, 2)
    [step] = rows(data_dir, "step")
    assert (step["step_outcome"], step["step_attempts"]) == ("passed", 2)
    attempts = [(r["vector_retry"], r["measurement_value"]) for r in rows(data_dir, "measurement")]
    assert attempts == [(0, 3.0), (1, 3.3)]


def test_only_the_named_exceptions_are_worth_another_attempt() -> None:
    tried: list[str] = []

    def measure(_: Vector) -> None:
        tried.append("x")
        raise OSError("gone")

    on_timeout = {"max_retries": 3, "on": ["TimeoutError"]}
    TestHarness({"retry": on_timeout}).run_with_retry({}, measure)
    assert len(tried) == 1
    TestHarness({"retry": on_timeout}, retry={"max_retries": 1, "on": ["OSError"]}).run_all(measure)
    assert len(tried) == 3  # the argument replaces the entry of `config`


def test_a_function_may_return_or_yield_what_it_measured() -> None:
    def names(result: Any) -> list[tuple[str, float | None]]:
        limits = {"low_rail": {"high": 9, "units": "V"}, "high_rail": {"high": 9, "units": "V"}}
        harness = TestHarness(limits=limits)
        vector = harness.run_with_retry({}, lambda _: result() if callable(result) else result)
        return [(each.name, each.value) for each in vector.measurements]

    def yielding() -> Iterator[Any]:
        yield 1.0
        yield "ripple", 0.1
        yield {"noise": 0.2}
        yield 2.0

    assert names({"a": 1, "b": 2}) == [("a", 1.0), ("b", 2.0)]
    assert names(("a", 1)) == [("a", 1.0)]
    assert names(1.5) == [("low_rail", 1.5)]
    assert names([1, 2]) == [("low_rail", 1.0), ("high_rail", 2.0)]
    assert names(yielding) == [
        ("low_rail", 1.0),
        ("ripple", 0.1),
        ("noise", 0.2),
        ("high_rail", 2.0),
    ]
    too_many = TestHarness(step_name="rail").run_with_retry({}, lambda _: [1, 2])
    assert too_many.outcome is Outcome.ERRORED
    assert "return (name, value)" in str(too_many.error_message)


def test_a_limit_is_that_of_the_call_then_the_vector_then_the_harness_then_the_product(
    tmp_path: Path,
) -> None:
    (tmp_path / "fan.yaml").write_text(
        "pins: {VOUT: {name: TP4}}\n"
        "characteristics:\n"
        "  v5: {function: dc_voltage, direction: output, units: V, pin: VOUT,"
        " bands: [{value: 5.0, accuracy: {pct_reading: 3}}]}\n"
    )
    product = ProductContext.from_file(tmp_path / "fan.yaml")
    harness = TestHarness(limits={"v": {"high": 3, "units": "V"}}, product_context=product)
    with harness.run_vector({"_limits": {"v": {"high": 2, "units": "V"}}}):
        assert harness.measure("v", 1, limit=Limit(high=1, units="V")).limit_high == 1
        assert harness.context.get_limit("v") == Limit(high=2, units="V")
        assert harness.measure("v2", 1).outcome is Outcome.DONE
    with harness.run_vector({}):
        assert harness.measure("v", 1).limit_high == 3
        measured = harness.measure("v5", 5.0)
    assert (measured.limit_low, measured.limit_high) == (4.85, 5.15)
    assert measured.characteristic_id == "v5"


def test_verify_raises_what_the_fixture_raises() -> None:
    harness = TestHarness(limits={"v": VOLTS})
    with harness.step("s"):
        assert harness.verify("v", 3.3).outcome is Outcome.PASSED
        with pytest.raises(MissingLimitError, match="limits: w"):
            harness.verify("w", 1)
        with pytest.raises(LimitFailure) as failure:
            harness.verify("x", 4, VOLTS)
        assert (failure.value.name, failure.value.value) == ("x", 4)
        with pytest.raises(MissingValueError):
            harness.verify("y", None, VOLTS)
        with pytest.raises(DuplicateMeasurementError):
            harness.verify("v", 3.3)


def test_a_value_in_another_unit_than_its_limit_is_refused() -> None:
    harness = TestHarness(limits={"v": VOLTS})
    with harness.step("s"), pytest.raises(InvalidArgumentError, match="mV, its limit in V"):
        harness.measure("v", 3300, "mV")


def test_context_is_the_innermost_and_what_it_is_told_reaches_the_rows(data_dir: Path) -> None:
    with recorded(data_dir) as harness:
        run = harness.context
        run.configure("chamber", 23)
        with harness.step("rail"):
            step = harness.context
            step.observe("humidity", 41.5)
            with harness.run_vector({"load": 1}):
                assert harness.context not in (run, step)
                assert dict(harness.context.params) == {"load": 1}
                harness.context.configure("vin", 12)
                harness.context.observe("trace", [1.0, 2.0])
                harness.context.measure("v", 1.0)
            assert harness.context is step
        assert harness.context is run
        harness.run_context.set("jig", "J7")
    [row] = rows(data_dir, "measurement")
    assert (row["in_chamber"], row["in_load"], row["in_vin"]) == (23, 1, 12)
    assert row["out_humidity"] == 41.5
    assert row["out_trace"].startswith("channel://trace")
    assert row["custom_jig"] == "J7"


def test_changed_and_last_look_at_the_case_before() -> None:
    seen = []
    harness = TestHarness({"vectors": {"temp": [25, 60], "load": [1, 2]}})

    def measure(vector: Vector) -> None:
        context = harness.context
        seen.append((context.changed("temp"), vector.changed("temp"), context.last("soak")))
        context.configure("soak", vector["temp"])

    harness.run_all(measure)
    assert seen == [
        (True, True, None),
        (False, False, 25),
        (True, True, 25),
        (False, False, 60),
    ]


def test_mocks_patch_instruments_and_are_undone() -> None:
    dmm = Dmm()
    config = {"mocks": [{"target": "dmm.measure_voltage", "return_value": 3.3}]}
    harness = TestHarness(config, instruments={"dmm": dmm})
    special = AnyMock(return_value=1.5)
    with harness.run_vector({}):
        assert dmm.measure_voltage() == 3.3
    with harness.run_vector({"_mocks": [{"target": "dmm.measure_voltage", "new": special}]}):
        assert dmm.measure_voltage() == 1.5
    assert dmm.measure_voltage() == 9.9
    stand_in = TestHarness(instruments={"dmm": dmm}, mock_instruments=True).instruments["dmm"]
    assert isinstance(stand_in, Dmm)
    assert stand_in.measure_voltage() is None


def test_a_prompt_is_on_record_with_the_parameters_in_its_message(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LITMUS_AUTO_CONFIRM", "1")
    with recorded(data_dir) as harness, harness.run_vector({"load": 2}):
        assert harness.prompt("Set the load to {load} A.") is True
        harness.record("note", "warm")
    stored = events(data_dir)
    [opened] = [event for event in stored if isinstance(event, DialogOpened)]
    assert opened.message == "Set the load to 2 A."
    [answered] = [event for event in stored if isinstance(event, DialogResponded)]
    assert answered.response_type == "answered"
    assert [event.event_type for event in stored].count("test.record") == 1


def test_steps_stand_inside_each_other(data_dir: Path) -> None:
    with (
        recorded(data_dir) as harness,
        harness.step("board"),
        harness.step("rail"),
        harness.run_vector({"load": 1}),
    ):
        harness.measure("v", 4.0, limit=VOLTS)
    stored = {row["step_path"]: row["step_outcome"] for row in rows(data_dir, "step")}
    assert stored == {"board": "failed", "board/rail": "failed"}


def test_mistakes_say_what_to_do() -> None:
    with pytest.raises(InvalidArgumentError, match="expected vectors, limits, mocks, retry, found"):
        TestHarness({"limit": {}})
    with pytest.raises(InvalidArgumentError, match="no step is open"):
        TestHarness().measure("v", 1)
    with pytest.raises(InvalidArgumentError, match="high"):
        TestHarness(limits={"v": {"hihg": 1, "units": "V"}})


def test_vectors_are_listed_multiplied_or_put_side_by_side() -> None:
    assert expand_vectors([{"a": 1}, {"a": 2}]) == [{"a": 1}, {"a": 2}]
    assert expand_vectors({"expand": "product", "a": [1, 2], "vectors": {"b": ["x", "y"]}}) == [
        {"a": 1, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "x"},
        {"a": 2, "b": "y"},
    ]
    assert expand_vectors({"expand": "zip", "a": "0:0.3:0.1", "b": {"linspace": [1, 4, 4]}}) == [
        {"a": 0.0, "b": 1.0},
        {"a": 0.1, "b": 2.0},
        {"a": 0.2, "b": 3.0},
        {"a": 0.3, "b": 4.0},
    ]
    assert [each["a"] for each in expand_vectors({"a": "5:1:-2"})] == [5, 3, 1]
    assert expand_vectors([{"a": 1, "_limits": {}}])[0].params() == {"a": 1}
    with pytest.raises(InvalidArgumentError, match="a has 1, b has 2"):
        expand_vectors({"expand": "zip", "a": [1], "b": [1, 2]})
    with pytest.raises(InvalidArgumentError, match="does not lead"):
        expand_vectors({"a": "1:5:-1"})
    with pytest.raises(InvalidArgumentError, match="product or zip"):
        expand_vectors({"expand": "all", "a": [1]})


def test_a_logger_without_records_needs_a_place_for_arrays_only(tmp_path: Path) -> None:
    logger = TestRunLogger()
    logger.start_step("s")
    logger.observe("humidity", 41)
    with pytest.raises(InvalidArgumentError, match="give data_dir"):
        logger.observe("trace", [1.0, 2.0])
    logger = TestRunLogger(data_dir=tmp_path / "data")
    logger.start_step("s")
    logger.observe("trace", [1.0, 2.0])
    run = logger.finalize()
    assert run.steps[0].vectors[0].observations["trace"] == [1.0, 2.0]
    assert list((tmp_path / "data" / "channels").rglob("trace_*"))


def test_the_instruments_of_a_run_are_on_record(data_dir: Path) -> None:
    facts = {
        "driver": "drivers.Dmm",
        "resource": "TCPIP::dmm",
        "identity": {"manufacturer": "Generic", "serial": "D-1"},
        "calibration": {"due_date": "2030-01-01"},
    }
    with recorded(data_dir, instruments={"dmm": Dmm()}, instrument_records={"dmm": facts}):
        pass
    [run] = rows(data_dir, "run")
    assert run["step_instruments_name"] == ["dmm"]
    assert run["step_instruments_serial"] == ["D-1"]
    assert run["step_instruments_cal_due"] == ["2030-01-01"]
