# SPDX-License-Identifier: Apache-2.0
"""Limits, outcomes and the other types without a run."""

import math
from decimal import Decimal
from typing import Any

import litmus
import numpy as np
import pytest
from litmus import Limit, arange, geomspace, linspace, logspace, repeat
from litmus.data.models import (
    Measurement,
    Outcome,
    TestStep,
    TestVector,
    Waveform,
    escalate_outcome,
    retry_aware_rollup,
)
from litmus.errors import InvalidArgumentError
from pydantic import ValidationError


def test_the_version_is_that_of_the_package_and_of_the_core() -> None:
    from litmus import _core

    assert litmus.__version__ == _core.version


@pytest.mark.parametrize("value", [3.1, 3.3, 3.5, 3, np.float32(3.25), Decimal("3.3")])
def test_a_value_between_the_bounds_is_in_the_limit(value: Any) -> None:
    assert (value in Limit(low=3.1, high=3.5, units="V")) == (3.1 <= value <= 3.5)


@pytest.mark.parametrize("value", [True, np.True_, "3.3", None, [3.3], math.nan, 1j])
@pytest.mark.parametrize(
    "limit", [Limit(), Limit(low=0, high=9), Limit(nominal=1, comparator="NE")]
)
def test_booleans_nan_and_what_is_no_number_are_never_inside(limit: Limit, value: Any) -> None:
    assert value not in limit


def test_open_bounds_take_everything_but_equality_needs_a_nominal() -> None:
    assert 5 in Limit()
    assert 5 in Limit(high=1, comparator="GE")
    assert 5 not in Limit(comparator="EQ")
    assert 5 not in Limit(comparator="NE")
    assert 5 in Limit(nominal=5, comparator="EQ")
    assert math.inf in Limit(low=0)


@pytest.mark.parametrize("wrong", [{"lo": 1}, {"comparator": "BETWEEN"}, {"low": "high"}])
def test_a_limit_refuses_unknown_keywords_and_values(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Limit(**wrong)
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Limit(**wrong)


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"value": None}, Outcome.ERRORED),
        ({"value": None, "limit_low": 1}, Outcome.ERRORED),
        ({"value": 1}, Outcome.DONE),
        ({"value": 1, "limit_nominal": 5}, Outcome.DONE),
        ({"value": 1, "limit_low": 1}, Outcome.PASSED),
        ({"value": 1, "limit_low": 1, "limit_comparator": "GT"}, Outcome.FAILED),
        ({"value": math.nan, "limit_low": 1}, Outcome.ERRORED),
        (
            {"value_text": "a", "limit_nominal_text": "a", "limit_comparator": "EQ"},
            Outcome.PASSED,
        ),
        (
            {"value": 0, "value_bool": False, "limit_nominal_bool": True, "limit_comparator": "EQ"},
            Outcome.FAILED,
        ),
    ],
)
def test_check_limit_judges_a_measurement(fields: dict[str, Any], outcome: Outcome) -> None:
    assert Measurement(name="x", **fields).check_limit() is outcome


def test_check_limit_refuses_what_cannot_be_compared() -> None:
    with pytest.raises(InvalidArgumentError, match="text"):
        Measurement(name="x", value_text="a", limit_low=1).check_limit()


def test_the_worse_outcome_wins_and_none_is_below_all() -> None:
    ladder = ["skipped", "done", "passed", "failed", "errored", "terminated", "aborted"]
    outcomes: list[Outcome | None] = [None, *(Outcome(name) for name in ladder)]
    for i, a in enumerate(outcomes):
        for j, b in enumerate(outcomes):
            assert escalate_outcome(a, b) is outcomes[max(i, j)]


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ([], None),
        ([("a", "failed"), ("a", "passed")], "passed"),
        ([("a", "passed"), ("a", "failed")], "failed"),
        ([("a", "failed"), ("a", None)], "failed"),
        ([("a", "failed"), ("b", "passed")], "failed"),
        ([(None, "failed"), (None, "passed")], "failed"),
        ([("a", "errored"), ("a", "passed"), ("b", "done")], "passed"),
    ],
)
def test_of_several_attempts_the_last_one_counts(
    steps: list[tuple[str | None, str | None]], outcome: str | None
) -> None:
    attempts = [
        TestStep(name="s", node_id=node_id, outcome=Outcome(found) if found else None)
        for node_id, found in steps
    ]
    assert retry_aware_rollup(attempts) == outcome


def test_a_step_counts_its_vectors_and_is_at_least_one_itself() -> None:
    step = TestStep(name="s")
    assert (step.total_vectors, step.passed_vectors, step.failed_vectors) == (1, 0, 0)
    step.vectors = [TestVector(outcome=o) for o in (Outcome.PASSED, Outcome.FAILED, Outcome.DONE)]
    assert (step.total_vectors, step.passed_vectors, step.failed_vectors) == (3, 1, 1)


@pytest.mark.parametrize("samples", [[1.0, 2.0, 3.0], np.array([1.0, 2.0, 3.0])])
def test_a_waveform_knows_its_times(samples: Any) -> None:
    waveform = Waveform(t0=1.0, dt=0.5, Y=samples, attrs={"units": "V"})
    assert waveform.num_samples == 3
    assert waveform.duration == 1.5
    assert waveform.time_axis() == [1.0, 1.5, 2.0]


@pytest.mark.parametrize("num", [0, 1, 2, 7])
def test_linspace_and_its_kin_are_those_of_numpy(num: int) -> None:
    assert linspace(-1, 3, num) == pytest.approx(np.linspace(-1, 3, num).tolist())
    assert logspace(-2, 3, num) == pytest.approx(np.logspace(-2, 3, num).tolist())
    assert geomspace(0.1, 250, num) == pytest.approx(np.geomspace(0.1, 250, num).tolist())
    assert geomspace(-8, -1, num) == pytest.approx(np.geomspace(-8, -1, num).tolist())
    if num > 1:
        assert linspace(0.1, 0.7, num)[-1] == 0.7
        assert geomspace(0.1, 0.7, num)[-1] == 0.7


@pytest.mark.parametrize(
    ("arguments", "values"),
    [
        ((0, 3), [0, 1, 2]),
        ((0, 1, 0.1), [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
        ((1, 1.3, 0.1), [1, 1.1, 1.2]),
        ((3, 0, -1.5), [3, 1.5]),
        ((1, 0), []),
    ],
)
def test_arange_leaves_the_stop_out(arguments: tuple[float, ...], values: list[float]) -> None:
    assert arange(*arguments) == pytest.approx(values)


def test_sweeps_refuse_what_has_no_answer() -> None:
    with pytest.raises(ValueError, match="step other than 0"):
        arange(0, 1, 0)
    for ends in [(0, 1), (-1, 1)]:
        with pytest.raises(ValueError, match="one sign"):
            geomspace(*ends, 3)


def test_repeat_gives_the_value_n_times() -> None:
    assert repeat("a", 3) == ["a", "a", "a"]
    assert repeat(1.5, 0) == []
