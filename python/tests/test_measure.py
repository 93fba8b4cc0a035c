# SPDX-License-Identifier: Apache-2.0
"""What measure() takes, how it judges, and what it refuses."""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from litmus.client import LitmusClient, StepBuilder
from litmus.data.models import Comparator, Measurement, Outcome
from litmus.errors import InvalidArgumentError


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (3, 3.0),
        (3.3, 3.3),
        (np.float32(0.5), 0.5),
        (np.float64(3.3), 3.3),
        (np.int16(-7), -7.0),
        (np.array(2.5), 2.5),
        (Decimal("3.30"), 3.3),
        (Fraction(1, 4), 0.25),
        ("3.3", 3.3),
        (" -1e-3 ", -0.001),
        (10**20, 1e20),
    ],
)
def test_numbers_and_texts_of_numbers_become_floats(
    step: StepBuilder, value: Any, stored: float
) -> None:
    done = step.measure("x", value, units="V", low=-1000, high=1e21)
    assert (done.value, type(done.value)) == (stored, float)
    assert done.outcome is Outcome.PASSED
    assert (done.units, done.value_text, done.value_bool) == ("V", None, None)


@pytest.mark.parametrize(
    ("comparator", "inside", "outside"),
    [
        ("GELE", [1, 2, 3], [0.999, 3.001]),
        ("GELT", [1, 2], [0.999, 3]),
        ("GTLE", [2, 3], [1, 3.001]),
        ("GTLT", [2], [1, 3]),
        ("GE", [1, 99], [0.999]),
        ("GT", [1.001, 99], [1]),
        ("LE", [3, -99], [3.001]),
        ("LT", [2.999, -99], [3]),
        ("EQ", [2], [1.999]),
        ("NE", [1.999], [2]),
    ],
)
def test_each_comparator_judges_by_its_rule(
    step: StepBuilder, comparator: str, inside: list[float], outside: list[float]
) -> None:
    def outcome(value: float) -> Outcome | None:
        return step.measure("x", value, low=1, high=3, nominal=2, comparator=comparator).outcome

    assert {outcome(value) for value in inside} == {Outcome.PASSED}
    assert {outcome(value) for value in outside} == {Outcome.FAILED}


def test_a_missing_bound_is_open(step: StepBuilder) -> None:
    assert step.measure("x", 1e9, low=1).outcome is Outcome.PASSED
    assert step.measure("x", -1e9, high=1).outcome is Outcome.PASSED
    assert step.measure("x", 2, high=1).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    "limits", [{}, {"nominal": 5}, {"low": 9, "comparator": "EQ"}, {"high": 0, "comparator": "GE"}]
)
def test_without_a_bound_that_the_comparator_uses_nothing_is_judged(
    step: StepBuilder, limits: dict[str, Any]
) -> None:
    assert step.measure("x", 1, **limits).outcome is Outcome.DONE


def test_a_comparator_stands_with_limits_only(step: StepBuilder) -> None:
    assert step.measure("x", 1).limit_comparator is None
    assert step.measure("x", 1, low=0).limit_comparator is Comparator.GELE
    assert step.measure("x", 1, low=0, comparator=Comparator.GT).limit_comparator is Comparator.GT


@pytest.mark.parametrize("comparator", ["GELE", "GELT", "GE", "LE", "EQ", "NE"])
@pytest.mark.parametrize("value", [None, math.nan, "nan", np.float32("nan")])
def test_no_value_and_nan_are_errored_where_they_are_judged(
    step: StepBuilder, comparator: str, value: Any
) -> None:
    limits: dict[str, Any] = {"low": 0, "high": 1, "nominal": 1, "comparator": comparator}
    assert step.measure("x", value, **limits).outcome is Outcome.ERRORED


def test_no_value_and_nan_without_limits_are_done(client: LitmusClient) -> None:
    with client.start_run("SN001", "bench_1") as run, run.step("s") as step:
        assert step.measure("none", None).outcome is Outcome.DONE
        assert step.measure("nan", math.nan).outcome is Outcome.DONE
    none, nan = client.get_measurements(run.id)
    assert none["measurement_value"] is None
    assert math.isnan(nan["measurement_value"])


def test_infinities_compare_and_are_stored(client: LitmusClient) -> None:
    with client.start_run("SN001", "bench_1") as run, run.step("s") as step:
        assert step.measure("x", math.inf, low=0).outcome is Outcome.PASSED
        assert step.measure("x", -math.inf, low=0).outcome is Outcome.FAILED
    values = [row["measurement_value"] for row in client.get_measurements(run.id)]
    assert values == [math.inf, -math.inf]


@pytest.mark.parametrize("value", [True, False, np.True_])
def test_booleans_are_measurements_of_their_own(client: LitmusClient, value: Any) -> None:
    with client.start_run("SN001", "bench_1") as run, run.step("s") as step:
        plain = step.measure("plain", value)
        judged = step.measure("judged", value, nominal=True, comparator="EQ")
    assert (plain.value, plain.value_bool, plain.outcome) == (
        float(value),
        bool(value),
        Outcome.DONE,
    )
    assert judged.outcome is (Outcome.PASSED if value else Outcome.FAILED)
    assert judged.limit_nominal_bool is True
    row = client.get_measurements(run.id)[1]
    assert row["measurement_bool"] is bool(value)
    assert row["measurement_value"] == float(value)
    assert row["limit_nominal_bool"] is True


def test_texts_are_compared_with_texts(client: LitmusClient) -> None:
    with client.start_run("SN001", "bench_1") as run, run.step("s") as step:
        plain = step.measure("firmware", "v1.2-rc")
        equal = step.measure("firmware", "v1.2", nominal="v1.2", comparator="EQ")
        other = step.measure("firmware", "v1.3", nominal="v1.2", comparator="EQ")
        not_equal = step.measure("firmware", "v1.3", nominal="v1.2", comparator="NE")
    assert (plain.value, plain.value_text, plain.outcome) == (None, "v1.2-rc", Outcome.DONE)
    assert [m.outcome for m in (equal, other, not_equal)] == [
        Outcome.PASSED,
        Outcome.FAILED,
        Outcome.PASSED,
    ]
    rows = client.get_measurements(run.id)
    assert [row["measurement_text"] for row in rows] == ["v1.2-rc", "v1.2", "v1.3", "v1.3"]
    assert rows[1]["limit_nominal_text"] == "v1.2"
    assert rows[1]["measurement_value"] is None


def test_a_text_beside_a_text_stays_one_even_if_it_looks_like_a_number(step: StepBuilder) -> None:
    done = step.measure("revision", "1.10", nominal="1.1", comparator="EQ")
    assert (done.value, done.value_text, done.outcome) == (None, "1.10", Outcome.FAILED)


def test_digits_grouped_by_underscores_are_a_text(step: StepBuilder) -> None:
    assert step.measure("slot", "1_0").value_text == "1_0"


@pytest.mark.parametrize("limits", [{}, {"low": 1, "high": 2}])
@pytest.mark.parametrize("comparator", ["gele", "BETWEEN", "", None, 5])
def test_an_unknown_comparator_is_refused_with_the_valid_ones(
    step: StepBuilder, comparator: Any, limits: dict[str, float]
) -> None:
    with pytest.raises(ValueError, match="omparator") as raised:
        step.measure("x", 1, comparator=comparator, **limits)
    if isinstance(comparator, str):
        assert all(code in str(raised.value) for code in Comparator)


@pytest.mark.parametrize(
    ("value", "arguments", "expected"),
    [
        ("high", {"low": 1}, ["'x'", "a number", "'high'"]),
        ("high", {"nominal": 1, "comparator": "EQ"}, ["'x'", "a number", "'high'"]),
        ("", {"high": 1}, ["'x'", "a number"]),
        ([1, 2], {}, ["'x'", "a number", "list [1, 2]"]),
        (b"3.3", {}, ["'x'", "a number", "bytes"]),
        (1 + 2j, {}, ["'x'", "a number", "complex"]),
        (object(), {}, ["'x'", "a number", "object"]),
        (10**400, {}, ["'x'", "a number"]),
        (np.array([1.0, 2.0]), {}, ["'x'", "a number", "ndarray"]),
        (1, {"low": "1"}, ["'x'", "low", "a number", "'1'"]),
        (1, {"high": True}, ["'x'", "high", "a number", "True"]),
        (1, {"nominal": [1], "comparator": "EQ"}, ["'x'", "nominal", "list"]),
        (True, {"low": 0, "high": 1}, ["'x'", "boolean"]),
        ("a", {"nominal": "b", "comparator": "GELE"}, ["'x'", "text", "EQ or NE"]),
        (1, {"units": 5}, ["units", "a text", "int 5"]),
        (1, {"spec_ref": b"7"}, ["spec_ref", "a text", "bytes"]),
    ],
)
def test_what_cannot_be_used_is_refused_by_name_with_what_was_expected_and_found(
    client: LitmusClient, value: Any, arguments: dict[str, Any], expected: list[str]
) -> None:
    with client.start_run("SN001", "bench_1") as run, run.step("s") as step:
        with pytest.raises(InvalidArgumentError) as raised:
            step.measure("x", value, **arguments)
        step.measure("after", 1)
    assert all(part in str(raised.value) for part in expected), str(raised.value)
    assert [row["measurement_name"] for row in client.get_measurements(run.id)] == ["after"]


@pytest.mark.parametrize("name", ["", None, 5])
def test_a_measurement_needs_a_name(step: StepBuilder, name: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="name"):
        step.measure(name, 1)


def test_the_measurement_returned_is_what_is_stored(client: LitmusClient) -> None:
    with client.start_run("SN001", "bench_1") as run, run.step("s") as step:
        done = step.measure(
            "x", 2, units="V", low=1, high=3, nominal=2, comparator="GELT", spec_ref="4.2"
        )
    assert isinstance(done, Measurement)
    assert done is run.finish().steps[0].vectors[0].measurements[0]
    (row,) = client.get_measurements(run.id)
    stored = Measurement(
        name=row["measurement_name"],
        step_path=row["step_path"],
        value=row["measurement_value"],
        units=row["measurement_units"],
        limit_low=row["limit_low"],
        limit_high=row["limit_high"],
        limit_nominal=row["limit_nominal"],
        outcome=Outcome(row["measurement_outcome"]),
        spec_ref=row["spec_ref"],
        limit_comparator=Comparator(row["limit_comparator"]),
        timestamp=row["measurement_timestamp"],
    )
    assert done == stored


@pytest.mark.parametrize("text", ["", "µΩ", "日本", "a\x00b", "\ud800"])
def test_any_text_is_stored(client: LitmusClient, text: str) -> None:
    with client.start_run("SN001", "bench_1") as run, run.step("s") as step:
        step.measure("x" + text, 1, units=text)
    (row,) = client.get_measurements(run.id)
    assert row["measurement_units"] == text.replace("\ud800", "?")
