# SPDX-License-Identifier: Apache-2.0
"""pytest-xdist: one invocation is one run, whoever executes the tests."""

import pytest

from .conftest import Project, Recorded

pytestmark = pytest.mark.usefixtures("loaded")
TESTS = """
LIMIT = {"low": 0, "high": 2, "units": "V"}
@pytest.mark.parametrize("a", range(4))
def test_it(a, verify): verify("v", a, LIMIT)
class TestX:
    def test_m(self): assert True
    def test_n(self): pass
"""


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers, too, load only the two plugins."""
    monkeypatch.setenv("PYTEST_PLUGINS", "xdist")


def distributed(project: Project, *arguments: str) -> Recorded:
    return project.run("-n", "2", *arguments)


def test_workers_record_into_one_run_with_the_indices_of_the_one_collection(
    project: Project,
) -> None:
    project.test(TESTS)
    recorded = distributed(project)
    assert (recorded.outcome, recorded.status) == ("failed", 1)
    assert recorded.steps == {
        "test_it": ["passed", "passed", "passed", "failed"],
        "TestX": "passed",
        "TestX/test_m": "passed",
        "TestX/test_n": "done",
    }
    values = {row["vector_index"]: row["measurement_value"] for row in recorded.measured("v")}
    assert values == {0: 0.0, 1: 1.0, 2: 2.0, 3: 3.0}
    assert len(recorded.events("run.started")) == len(recorded.events("session.started")) == 1
    assert len(recorded.events("test.steps_discovered")) == 1
    writers = {path.stem.rpartition("-")[2] for path in recorded.data_dir.glob("events/*/*.arrow")}
    assert len(writers) == 3  # controller and two workers


def test_a_class_whose_tests_ran_in_several_workers_is_as_bad_as_the_worst(
    project: Project,
) -> None:
    project.test(
        """
        class TestX:
            @pytest.mark.parametrize("a", range(6))
            def test_m(self, a): assert a != 1
        """
    )
    recorded = distributed(project)
    assert recorded.steps["TestX"] == "failed"


def test_a_worker_that_dies_leaves_an_aborted_step_and_the_run_goes_on(project: Project) -> None:
    project.test(
        """
        import os
        LIMIT = {"low": 0, "high": 2, "units": "V"}
        def test_dies(verify):
            verify("v", 1, LIMIT)
            os._exit(1)
        @pytest.mark.parametrize("a", range(6))
        def test_it(a): assert True
        """
    )
    recorded = distributed(project)
    assert recorded.steps == {"test_dies": "aborted", "test_it": ["passed"] * 6}
    assert (recorded.outcome, recorded.status) == ("aborted", 1)
    assert recorded.measured("v")[0]["measurement_value"] == 1.0


def test_retries_in_workers_count_by_their_last_attempt(project: Project) -> None:
    project.test(
        """
        seen = []
        @pytest.mark.litmus_retry(1)
        def test_it():
            seen.append(1)
            assert len(seen) == 2
        """
    )
    recorded = distributed(project)
    assert (recorded.outcome, recorded.status) == ("passed", 0)
    assert recorded.step("test_it")["step_attempts"] == 2


def test_the_first_failure_leaves_the_rest_as_never_run(project: Project) -> None:
    project.test("@pytest.mark.parametrize('a', range(40))\ndef test_it(a): assert a")
    recorded = distributed(project, "-x")
    outcomes = recorded.steps["test_it"]
    assert (recorded.outcome, len(outcomes), outcomes[0]) == ("failed", 40, "failed")
    assert None in outcomes


def test_no_test_no_run(project: Project) -> None:
    project.test(TESTS)
    recorded = distributed(project, "-k", "nothing")
    assert (recorded.run_files, recorded.events()) == ([], [])


def test_tests_with_real_instruments_share_a_worker(project: Project) -> None:
    project.write("litmus.yaml", "name: it\ndefault_station: bench\n")
    project.write(
        "stations/bench.yaml",
        "instruments:\n  dmm: {type: dmm, driver: driver.Dmm, resource: 'GPIB0::1::INSTR'}\n",
    )
    project.write(
        "driver.py",
        """
        import os
        class Dmm:
            def __init__(self, resource): pass
            def measure_pid(self): return os.getpid()
        """,
    )
    project.test(
        """
        @pytest.mark.parametrize("a", range(6))
        def test_bench(a, dmm, logger): logger.measure("pid", dmm.measure_pid())
        @pytest.mark.parametrize("a", range(6))
        def test_other(a): pass
        """
    )
    recorded = distributed(project)
    assert recorded.outcome == "done"
    assert len({row["measurement_value"] for row in recorded.measured("pid")}) == 1
    assert recorded.step("test_bench")["step_node_id"] == "test_it.py::test_bench[0]"
    assert len(recorded.events("fixture.instrument_connected")) == 1
