# SPDX-License-Identifier: Apache-2.0
"""Ways in which a naive version is known to fail, where no other file has them."""

import re
from pathlib import Path

import pytest

from .conftest import Project

ROOT = Path(__file__).resolve().parents[3]
LIMIT = '{"low": 1, "high": 2, "units": "V"}'


def test_several_products_without_a_choice_are_one_usage_error_at_the_start(
    project: Project,
) -> None:
    for name in ("board", "fan"):
        project.write(f"products/{name}.yaml", "part_number: X\n")
    project.test("def test_a(): pass\ndef test_b(): pass")
    recorded = project.run()
    assert (recorded.status, recorded.events()) == (4, [])
    assert recorded.output.count("ERROR") == 1
    assert project.run("--product", "fan").run["product_id"] == "fan"


def test_a_missing_value_is_recorded_as_errored_and_the_test_fails(project: Project) -> None:
    project.test(f"def test_it(verify): verify('v', None, {LIMIT})")
    recorded = project.run()
    (row,) = recorded.measurements
    assert (row["measurement_value"], row["measurement_outcome"]) == (None, "errored")
    assert (row["limit_low"], recorded.status) == (1.0, 1)


@pytest.mark.parametrize("comparator", ["GELE", "NE", "EQ", "GT"])
def test_nan_passes_under_no_comparator(project: Project, comparator: str) -> None:
    limit = f'{{"low": 1, "high": 2, "nominal": 1, "units": "V", "comparator": "{comparator}"}}'
    project.test(f"def test_it(logger): logger.measure('v', float('nan'), limit={limit})")
    recorded = project.run()
    assert recorded.measurements[0]["measurement_outcome"] == "errored"
    assert (recorded.outcome, recorded.status) == ("errored", 1)


def test_inherited_mocks_can_be_cleared(project: Project) -> None:
    project.test(
        """
        @pytest.fixture
        def it():
            class It: value = 1
            return It
        @pytest.mark.litmus_mocks([{"target": "it.value", "new": 2}])
        class TestX:
            def test_inherits(self, it): assert it.value == 2
            @pytest.mark.litmus_mocks([])
            def test_an_empty_list_adds_nothing(self, it): assert it.value == 2
            @pytest.mark.litmus_mocks([{"target": "it.value", "clear": True}])
            def test_clears(self, it): assert it.value == 1
        """
    )
    assert project.run().outcome == "passed"


def test_mocks_of_a_test_outside_development_are_a_warning_with_test_and_target(
    project: Project,
) -> None:
    project.write("litmus.yaml", "name: it\nrelease: '1'\n")
    project.test(
        """
        @pytest.fixture
        def it():
            class It: value = 1
            return It
        @pytest.mark.litmus_mocks([{"target": "it.value", "new": 2}])
        def test_it(it): assert it.value == 2
        """
    )
    arguments = ["--test-phase", "production", "--dut-serial", "SN1"]
    output = project.run(*arguments).output
    assert "test_it.py::test_it: phase production, but mocked: it.value" in output
    assert "but mocked" not in project.run().output


def test_identity_and_calibration_are_really_told(project: Project) -> None:
    project.write("litmus.yaml", "name: it\ndefault_station: bench\n")
    project.write(
        "stations/bench.yaml",
        "instruments: {dmm: {type: dmm, driver: own_driver.Dmm, resource: X, asset: dmm_7}}\n",
    )
    project.write(
        "instruments/dmm_7.yaml",
        "info: {manufacturer: Acme, serial: '7'}\ncalibration: {due_date: 2020-01-01}\n",
    )
    project.write(
        "own_driver.py",
        """
        class Dmm:
            manufacturer, model, serial, firmware = "Acme", "D1", "8", "1.0"
            def __init__(self, resource): pass
            def measure_voltage(self): return 1.5
        """,
    )
    project.pytester.syspathinsert(project.folder)
    project.test(
        "def test_it(dmm, instruments): assert instruments['dmm'].measure_voltage() == 1.5"
    )
    recorded = project.run()
    (identity,) = recorded.events("fixture.identity_verified")
    assert (identity.matches, identity.role) == (False, "dmm")
    assert "8" in str(identity.mismatches)
    (calibration,) = recorded.events("fixture.calibration_warning")
    assert calibration.days_until_due < 0
    (connected,) = recorded.events("fixture.instrument_connected")  # once, with the true identity
    assert (connected.instrument_id, connected.serial) == ("dmm_7", "8")
    assert recorded.step("test_it")["step_instruments_serial"] == ["8"]


def test_a_teardown_that_breaks_corrects_the_row_of_a_step_that_had_passed(
    project: Project,
) -> None:
    project.test(
        """
        @pytest.fixture
        def it():
            yield
            raise ConnectionError("the load is gone")
        def test_it(it): assert True
        def test_after(): assert True
        """
    )
    recorded = project.run()
    step = recorded.step("test_it")
    assert (step["step_outcome"], step["error_type"]) == ("errored", "ConnectionError")
    assert recorded.steps["test_after"] == "passed"


def test_a_teardown_of_the_session_that_breaks_makes_the_last_step_errored(
    project: Project,
) -> None:
    project.test(
        """
        @pytest.fixture(scope="session", autouse=True)
        def bench():
            yield
            raise ConnectionError("the load is gone")
        def test_it(): assert True
        """
    )
    recorded = project.run()
    assert (recorded.outcome, recorded.status) == ("errored", 1)


def test_a_run_in_which_nothing_is_judged_is_done_not_aborted(project: Project) -> None:
    project.test("def test_it(): pass")
    assert project.run().outcome == "done"


def test_a_run_whose_tests_are_all_skipped_is_skipped(project: Project) -> None:
    project.test("def test_it(): pytest.skip('no')")
    assert project.run().outcome == "skipped"


def test_an_error_wins_over_a_failure_and_a_failure_over_a_pass(project: Project) -> None:
    project.test("def test_a(): assert 1\ndef test_b(): assert 0\ndef test_c(): raise ValueError")
    assert project.run().outcome == "errored"
    assert (
        project.run("test_it.py::test_a", "test_it.py::test_b").rows("run")[1]["run_outcome"]
        == "failed"
    )


def test_a_measurement_in_a_thread_of_the_test_is_on_its_step(project: Project) -> None:
    project.test(
        f"""
        import threading
        def test_it(verify):
            threads = [threading.Thread(target=verify, args=(f"v{{n}}", 1.5, {LIMIT})) for n in range(8)]
            for each in threads: each.start()
            for each in threads: each.join()
        """
    )
    recorded = project.run()
    assert {row["step_path"] for row in recorded.measurements} == {"test_it"}
    assert (len(recorded.measurements), recorded.outcome) == (8, "passed")


def test_every_run_file_passes_its_own_checks(project: Project) -> None:
    """With all that makes rows differ: retries, vectors, containers, cut-off and never-run steps."""
    project.test(
        """
        seen = []
        @pytest.mark.litmus_sweeps([{"vin": [5, 12]}])
        class TestX:
            @pytest.mark.litmus_retry(1)
            def test_retry(self, vin, logger):
                logger.measure("v", vin)
                seen.append(1)
                assert len(seen) % 2 == 0
            @pytest.mark.litmus_sweeps([{"load": [1, 2]}])
            def test_loop(self, vin, vectors, logger):
                for row in vectors: logger.measure("i", row["load"], limit={"high": 1, "units": "A"})
        def test_never(): pass
        """
    )
    recorded = project.run("--maxfail=2")
    assert recorded.outcome == "failed"
    assert "LitmusWarning" not in recorded.output  # sealing tells what breaks a rule


def test_the_table_of_traps_names_tests_that_exist() -> None:
    page = (ROOT / "docs/reference/pytest-traps.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and "`" in line]
    assert len(rows) > 60
    for row in rows:
        for file, name in re.findall(r"`([\w/.]+\.(?:py|cc))` `([^`]+)`", row):
            text = (ROOT / file).read_text(encoding="utf-8")
            assert name in text, f"{file} has no {name}"
        assert re.search(r"`[\w/.]+\.(?:py|cc)` `", row), f"no test in: {row}"
