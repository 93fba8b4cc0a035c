# SPDX-License-Identifier: Apache-2.0
"""Attempts at a test: all are on record, the last one counts."""

import re

import pytest

from .conftest import Project, Recorded

FLAKY = """
attempts = []
LIMIT = {"low": 1, "high": 2, "units": "V"}
%s
def test_it(verify):
    attempts.append(1)
    verify("v", 3 - 0.7 * len(attempts), LIMIT)
"""


def attempts(recorded: Recorded) -> list[tuple[int, str]]:
    return [(event.retry, str(event.outcome)) for event in recorded.events("test.step_ended")]


@pytest.mark.parametrize(
    ("marker", "plugins"),
    [
        ("@pytest.mark.litmus_retry(max_retries=3)", []),
        ("@pytest.mark.flaky(reruns=3)", ["-p", "rerunfailures"]),
        ("@pytest.mark.litmus_retry(max_retries=3)", ["-p", "rerunfailures"]),
    ],
    ids=["litmus_retry", "flaky", "litmus_retry beside pytest-rerunfailures"],
)
def test_each_attempt_is_a_step_execution_of_its_own(
    project: Project, marker: str, plugins: list[str]
) -> None:
    project.test(FLAKY % marker)
    recorded = project.run(*plugins)
    assert (recorded.outcome, recorded.status) == ("passed", 0)
    assert attempts(recorded) == [(0, "failed"), (1, "passed")]
    assert [
        (row["vector_retry"], row["attempt_outcome"], row["step_outcome"], row["vector_index"])
        for row in recorded.measurements
    ] == [(0, "failed", "passed", 0), (1, "passed", "passed", 0)]
    step = recorded.step("test_it")
    assert (step["step_outcome"], step["step_attempts"]) == ("passed", 2)
    assert re.search("1 passed.* 1 rerun", recorded.output)


def test_attempts_end_when_they_are_used_up(project: Project) -> None:
    project.test("@pytest.mark.litmus_retry(2)\ndef test_it(): assert 0")
    recorded = project.run()
    assert attempts(recorded) == [(0, "failed"), (1, "failed"), (2, "failed")]
    assert (recorded.outcome, recorded.status) == ("failed", 1)
    assert re.search("1 failed.* 2 rerun", recorded.output)


def test_a_retry_without_measurements_is_counted(project: Project) -> None:
    project.test(
        """
        seen = []
        @pytest.mark.litmus_retry(1)
        def test_it():
            seen.append(1)
            assert len(seen) == 2
        """
    )
    assert project.run().step("test_it")["step_attempts"] == 2


def test_only_the_named_exceptions_are_tried_again(project: Project) -> None:
    project.test(
        """
        @pytest.mark.litmus_retry(1, on=[TimeoutError])
        def test_other(): raise ValueError
        @pytest.mark.litmus_retry(1, on=["OSError"])
        def test_base(): raise TimeoutError
        """
    )
    recorded = project.run()
    assert recorded.step("test_other")["step_attempts"] == 1
    assert recorded.step("test_base")["step_attempts"] == 2


def test_a_setup_that_fails_is_tried_again(project: Project) -> None:
    project.test(
        """
        seen = []
        @pytest.fixture(scope="module")
        def it():
            seen.append(1)
            if len(seen) == 1: raise ConnectionError("not yet")
            return len(seen)
        @pytest.mark.litmus_retry(1)
        def test_it(it): assert it == 2
        """
    )
    recorded = project.run()
    assert attempts(recorded) == [(0, "errored"), (1, "passed")]
    assert recorded.outcome == "passed"


def test_each_attempt_has_fresh_fixtures_and_a_fresh_instance(project: Project) -> None:
    project.test(
        """
        @pytest.fixture
        def it(): return []
        seen = []
        class TestX:
            value = 0
            @pytest.mark.litmus_retry(1)
            def test_it(self, it):
                assert it == [] and self.value == 0
                it.append(1); self.value = 1; seen.append(1)
                assert len(seen) == 2
        """
    )
    recorded = project.run()
    assert (recorded.steps["TestX/test_it"], recorded.steps["TestX"]) == ("passed", "passed")


def test_changed_compares_with_the_attempt_before(project: Project) -> None:
    project.test(
        """
        seen = []
        @pytest.mark.parametrize("v", [1, 2])
        @pytest.mark.litmus_retry(1)
        def test_it(v, context):
            seen.append(context.changed("v"))
            assert len(seen) != 2
        def test_seen(): assert seen == [True, True, False]
        """
    )
    assert project.run().outcome == "passed"


def test_a_row_out_of_limits_in_an_earlier_attempt_does_not_stay(project: Project) -> None:
    project.test(
        """
        seen = []
        LIMIT = {"low": 1, "high": 2, "units": "V"}
        @pytest.mark.litmus_retry(1)
        def test_it(logger):
            seen.append(1)
            logger.measure("v", 3 - len(seen), limit=LIMIT)
            logger.measure("w", 4 - len(seen), limit=LIMIT)
        """
    )
    recorded = project.run()
    assert attempts(recorded) == [(0, "failed"), (1, "passed")]


def test_a_passed_attempt_makes_the_container_pass(project: Project) -> None:
    project.test(
        """
        seen = []
        class TestX:
            @pytest.mark.litmus_retry(1)
            def test_it(self):
                seen.append(1)
                assert len(seen) == 2
            def test_other(self): assert True
        """
    )
    assert project.run().steps["TestX"] == "passed"


def test_times_of_a_row_are_those_of_its_own_attempt(project: Project) -> None:
    project.test(FLAKY % "@pytest.mark.litmus_retry(1)")
    recorded = project.run()
    first, second = recorded.measurements
    assert first["step_ended_at"] <= second["step_started_at"]
    assert recorded.step("test_it")["step_started_at"] == second["step_started_at"]
