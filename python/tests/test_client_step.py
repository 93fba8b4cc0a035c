# SPDX-License-Identifier: Apache-2.0
"""Steps and vectors: paths, indices, outcomes, messages."""

from collections.abc import Callable

import pyarrow.parquet as pq
import pytest
from litmus.client import LitmusClient, RunBuilder, StepBuilder
from litmus.data.models import Outcome, TestStep
from litmus.errors import InvalidArgumentError


def step_rows(client: LitmusClient, run: RunBuilder) -> list[dict[str, object]]:
    rows = pq.read_table(client.get_run(run.id).file_path).to_pylist()
    return [row for row in rows if row["record_type"] == "step"]


def one_step(client: LitmusClient, body: Callable[[StepBuilder], object]) -> TestStep:
    run = client.start_run("SN001", "bench_1")
    with run.step("step") as step:
        body(step)
    (done,) = run.finish().steps
    assert client.get_run(run.id).outcome == done.outcome
    return done


def test_a_step_is_appended_when_its_block_ends(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    with run.step("rail", description="3.3 V rail") as step:
        step.measure("voltage", 3.3, low=3, high=4)
    done = run.finish()
    (found,) = done.steps
    assert (found.name, found.step_path, found.parent_path) == ("rail", "rail", "")
    assert found.description == "3.3 V rail"
    assert found.outcome is Outcome.PASSED
    assert [m.name for m in found.vectors[0].measurements] == ["voltage"]
    assert step_rows(client, run)[0]["step_description"] == "3.3 V rail"


def test_a_name_used_again_is_the_next_vector_and_hides_no_failure(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    for value in (9.9, 3.3):
        with run.step("rail") as step:
            step.measure("voltage", value, low=3, high=4)
    assert run.finish().outcome is Outcome.FAILED
    rows = step_rows(client, run)
    assert [(row["step_path"], row["vector_index"]) for row in rows] == [("rail", 0), ("rail", 1)]
    assert [row["step_outcome"] for row in rows] == ["failed", "passed"]
    assert {row["vector_retry"] for row in client.get_measurements(run.id)} == {0}


def test_a_step_inside_an_open_step_is_its_child(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    with run.step("power"):
        with run.step("rail") as rail:
            rail.measure("voltage", 9, low=3, high=4)
        with run.step("rail") as rail:
            rail.measure("voltage", 3.3, low=3, high=4)
    done = run.finish()
    assert [(s.step_path, s.parent_path) for s in done.steps] == [
        ("power/rail", "power"),
        ("power/rail", "power"),
        ("power", ""),
    ]
    assert [s.outcome for s in done.steps] == [Outcome.FAILED, Outcome.PASSED, Outcome.FAILED]
    assert done.outcome is Outcome.FAILED


def test_vectors_count_up_and_their_parameters_become_columns(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    with run.step("sweep") as step:
        for volts in (1.0, 2.0, 3.0):
            with step.vector(volts=volts, mode="dc") as vector:
                vector.measure("current", volts / 10, units="A", high=0.25)
                vector.observe("temperature", 23.0 + volts)
    (done,) = run.finish().steps
    assert done.total_vectors == 3
    assert (done.passed_vectors, done.failed_vectors) == (2, 1)
    assert [v.index for v in done.vectors] == [0, 1, 2]
    assert done.vectors[1].params == {"volts": 2.0, "mode": "dc"}
    assert done.vectors[1].observations == {"temperature": 25.0}
    assert done.outcome is Outcome.FAILED
    rows = client.get_measurements(run.id)
    assert [(r["vector_index"], r["in_volts"], r["in_mode"]) for r in rows] == [
        (0, 1.0, "dc"),
        (1, 2.0, "dc"),
        (2, 3.0, "dc"),
    ]
    steps = step_rows(client, run)
    assert [row["vector_outcome"] for row in steps] == ["passed", "passed", "failed"]
    assert [row["out_temperature"] for row in steps] == [24.0, 25.0, 26.0]


def test_a_parameter_may_be_called_self(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    with run.step("s") as step, step.vector(self=1) as vector:
        vector.measure("m", 1)
    run.finish()
    assert client.get_measurements(run.id)[0]["in_self"] == 1.0


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ([3.3], Outcome.PASSED),
        ([3.3, 9.9], Outcome.FAILED),
        ([9.9, None, 3.3], Outcome.ERRORED),
    ],
)
def test_measurements_roll_up_by_severity(
    client: LitmusClient, values: list[float | None], outcome: Outcome
) -> None:
    def body(step: StepBuilder) -> None:
        for value in values:
            step.measure("voltage", value, low=3, high=4)

    done = one_step(client, body)
    assert done.outcome is outcome
    assert done.vectors[0].outcome is outcome


def test_a_step_in_which_nothing_was_judged_is_done(client: LitmusClient) -> None:
    assert one_step(client, lambda step: step.measure("x", 1)).outcome is Outcome.DONE
    assert one_step(client, lambda _: None).outcome is Outcome.DONE


def test_fail_makes_a_step_at_least_failed_and_keeps_the_messages(client: LitmusClient) -> None:
    def body(step: StepBuilder) -> None:
        step.measure("voltage", 3.3, low=3, high=4)
        step.fail("first")
        step.fail()
        step.fail("second")

    run = client.start_run("SN001", "bench_1")
    with run.step("step") as step:
        body(step)
    (done,) = run.finish().steps
    assert (done.outcome, done.error_message) == (Outcome.FAILED, "first\nsecond")
    (row,) = step_rows(client, run)
    assert (row["step_outcome"], row["error_message"]) == ("failed", "first\nsecond")


def test_fail_and_skip_never_lower_a_worse_outcome(client: LitmusClient) -> None:
    def errored_then_failed(step: StepBuilder) -> None:
        step.measure("voltage", None, low=3, high=4)
        step.fail("message")
        step.skip("message")

    def passed_then_skipped(step: StepBuilder) -> None:
        step.measure("voltage", 3.3, low=3, high=4)
        step.skip("message")

    assert one_step(client, errored_then_failed).outcome is Outcome.ERRORED
    assert one_step(client, passed_then_skipped).outcome is Outcome.PASSED
    assert one_step(client, lambda step: step.skip("no fixture")).outcome is Outcome.SKIPPED


def test_a_vector_fails_and_skips_by_itself(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    with run.step("sweep") as step:
        with step.vector(x=1) as vector:
            vector.fail("smoke")
        with step.vector(x=2) as vector:
            vector.skip("too hot")
    (done,) = run.finish().steps
    assert [(v.outcome, v.error_message) for v in done.vectors] == [
        (Outcome.FAILED, "smoke"),
        (Outcome.SKIPPED, "too hot"),
    ]
    assert done.outcome is Outcome.FAILED
    assert [row["error_message"] for row in step_rows(client, run)] == ["smoke", "too hot"]


@pytest.mark.parametrize("in_vector", [False, True])
@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (RuntimeError("it broke"), Outcome.ERRORED),
        (AssertionError("it is wrong"), Outcome.FAILED),
        (KeyboardInterrupt("stop"), Outcome.TERMINATED),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_exception_decides_the_outcome_and_goes_on(
    client: LitmusClient, error: BaseException, outcome: Outcome, in_vector: bool
) -> None:
    run = client.start_run("SN001", "bench_1")

    def body() -> None:
        with run.step("step") as step:
            step.measure("before", 1, low=0, high=2)
            if in_vector:
                with step.vector(x=1):
                    raise error
            raise error

    with pytest.raises(type(error)) as raised:
        body()
    assert raised.value is error
    done = run.finish()
    assert done.steps[0].outcome is outcome
    assert done.steps[0].error_message == str(error)
    assert done.outcome is outcome
    row = step_rows(client, run)[-1]
    assert row["step_outcome"] == outcome
    assert row["error_type"] == type(error).__name__
    assert row["error_message"] == str(error)
    assert "raise error" in row["error_traceback"]


def test_a_step_is_used_in_a_with_block_once(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    step = run.step("rail")
    with pytest.raises(
        InvalidArgumentError, match=r"step 'rail' has not begun: use it in a `with`"
    ):
        step.measure("voltage", 1)
    with step:
        step.measure("voltage", 1)
    with pytest.raises(InvalidArgumentError, match="used already"), step:
        pass
    with pytest.raises(InvalidArgumentError, match="'rail' has ended"):
        step.measure("late", 1)
    run.finish()


@pytest.mark.parametrize("name", ["", "  ", None, 5])
def test_a_step_needs_a_name(client: LitmusClient, name: object) -> None:
    with (
        client.start_run("SN001", "bench_1") as run,
        pytest.raises(ValueError, match="step: expected a name"),
        run.step(name),
    ):
        pass
