# SPDX-License-Identifier: Apache-2.0
"""A real GoogleTest program is recorded; its own JSON report says what must have been recorded."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from litmus.client import LitmusClient
from litmus.data.event_log import read_event_file
from litmus.data.models import RunSummary

from tests.daemon.subscribers import wait_until
from tests.run_rows import RunRows

BUILD = Path(__file__).parents[2] / "build" / "bin"


class Recorded(RunRows):
    """What GoogleTest reports, and what was stored."""

    def __init__(self, data_dir: Path, report: Path, exit_status: int, output: str) -> None:
        self.exit_status = exit_status
        self.output = output
        self._report = report
        self._events = data_dir / "events"
        self.runs: list[RunSummary] = LitmusClient(data_dir).list_runs()
        super().__init__(self.runs[0].file_path if self.runs else None)

    @property
    def report(self) -> dict[str, Any]:
        """GoogleTest's own; empty if the program did not come to write it."""
        return json.loads(self._report.read_text()) if self._report.exists() else {}

    def events(self, event_type: str) -> list[Any]:
        (path,) = self._events.glob("*/*.arrow")
        return [each for each in read_event_file(path).events if each.event_type == event_type]


Run = Callable[..., Recorded]


@pytest.fixture
def run_tests(tmp_path: Path) -> Run:
    """Runs the tests that the filter names."""

    def execute(tests: str, *options: str, extra: tuple[str, ...] = ()) -> Recorded:
        report = tmp_path / "report.json"
        data_dir = tmp_path / "data"
        command = [
            BUILD / "gtest_program",
            f"--gtest_filter={tests}",
            f"--gtest_output=json:{report}",
            *options,
            data_dir,
            *extra,
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return Recorded(data_dir, report, done.returncode, done.stdout + done.stderr)

    return execute


def in_path(name: str) -> str:
    return name.replace("/", "_")


def reported(recorded: Recorded) -> dict[str, str]:
    """The outcome of each test in the words of Litmus, by what GoogleTest's report says."""
    outcomes = {}
    for suite in recorded.report["testsuites"]:
        for test in suite["testsuite"]:
            if test["status"] != "RUN":
                continue
            failures = [failure["failure"] for failure in test.get("failures", [])]
            if any("C++ exception" in failure for failure in failures):
                outcome = "errored"
            elif failures:
                outcome = "failed"
            else:
                outcome = "skipped" if test["result"] == "SKIPPED" else "passed"
            outcomes[f"{in_path(suite['name'])}/{in_path(test['name'])}"] = outcome
    return outcomes


def test_disabled_tests_are_rows_that_never_ran_and_filtered_ones_are_none(
    run_tests: Run,
) -> None:
    recorded = run_tests("Partly.*:DISABLED_Wholly.*")
    outcomes = {row["step_path"]: row["step_outcome"] for row in recorded.of("step")}
    assert outcomes == {
        "Partly": "passed",
        "Partly/Runs": "passed",
        "Partly/DISABLED_Waits": None,
        "DISABLED_Wholly": None,
        "DISABLED_Wholly/Waits": None,
    }
    assert recorded.step("Partly/DISABLED_Waits")["step_started_at"] is None
    (run,) = recorded.of("run")
    assert run["run_outcome"] == "passed"


def test_what_is_planned_is_told_before_the_first_test(run_tests: Run) -> None:
    recorded = run_tests("Fatal.Crashes:Fatal.Exits:Partly.Runs")
    events = recorded.events("test.steps_discovered")
    assert [item["step_path"] for item in events[0].items] == [
        "Partly/Runs",
        "Fatal/Crashes",
        "Fatal/Exits",
    ]


def test_every_test_has_the_outcome_that_googletest_reports(run_tests: Run) -> None:
    recorded = run_tests("Plain.*:Measured.Passes:Measured.Fails:*Swept.*:Typed/*")
    stored = {
        row["step_path"]: row["step_outcome"]
        for row in recorded.of("step")
        if row["parent_path"] != ""
    }
    assert stored == reported(recorded)
    assert len(stored) == 14
    suites = {row["step_path"] for row in recorded.of("step") if row["parent_path"] == ""}
    assert suites == {in_path(suite["name"]) for suite in recorded.report["testsuites"]}
    assert recorded.exit_status == 1
    assert recorded.runs[0].outcome == "errored"
    assert recorded.runs[0].dut_serial == "SN001"


def test_a_program_whose_tests_pass_is_a_passed_run(run_tests: Run) -> None:
    recorded = run_tests("Plain.Passes:Measured.Passes")
    assert recorded.exit_status == 0
    assert recorded.runs[0].outcome == "passed"
    assert recorded.step("Plain")["step_outcome"] == "passed"


def test_failures_keep_their_text_and_place(run_tests: Run) -> None:
    recorded = run_tests("Plain.*")
    message = recorded.step("Plain/Fails")["error_message"]
    [suite] = recorded.report["testsuites"]
    [told] = [test["failures"] for test in suite["testsuite"] if test["name"] == "Fails"]
    for failure in told:
        place, text = failure["failure"].split("\n", 1)
        assert f"{place}: {text.strip()}" in message
    assert "from a thread" in recorded.step("Plain/FailsInAThread")["error_message"]
    assert "no fixture" in recorded.step("Plain/Skips")["error_message"]
    assert "cable off" in recorded.step("Plain/Throws")["error_message"]


def test_properties_are_observations_as_googletest_reports_them(run_tests: Run) -> None:
    recorded = run_tests("Plain.HasProperties:SuiteSetUp.*")
    tests = [test for suite in recorded.report["testsuites"] for test in suite["testsuite"]]
    [told] = [test for test in tests if test["name"] == "HasProperties"]
    step = recorded.step("Plain/HasProperties")
    assert (step["out_firmware"], step["out_boots"]) == (told["firmware"], told["boots"])
    assert recorded.step("SuiteSetUp")["out_fixture"] == "F7"


def test_measurements_are_judged_and_fail_the_test(run_tests: Run) -> None:
    recorded = run_tests("Measured.*:-Measured.Attaches")
    rows = {
        row["measurement_name"]: (row["measurement_value"], row["measurement_outcome"])
        for row in recorded.of("measurement")
    }
    assert rows["voltage"] == (3.31, "passed")
    assert rows["ripple"] == (0.25, "failed")
    assert rows["gain"][1] == "errored"
    voltage = recorded.measurement("voltage")
    assert (voltage["limit_low"], voltage["limit_high"]) == (3.1, 3.5)
    assert voltage["measurement_units"] == "V"
    assert recorded.measurement("note")["measurement_text"] == "warm"
    assert {
        path: outcome for path, outcome in reported(recorded).items() if outcome != "passed"
    } == {
        "Measured/Fails": "failed",
        "Measured/IsNotANumber": "failed",
    }
    assert recorded.step("Measured/IsNotANumber")["step_outcome"] == "errored"
    assert "\nripple = 0.25 V is not within v <= 0.1 V\n" in recorded.output
    assert "\ngain = nan: expected a value to judge\n" in recorded.output


def test_parameters_and_types_are_inputs_of_their_steps(run_tests: Run) -> None:
    recorded = run_tests("*Swept.*:Typed/*")
    swept = [row for row in recorded.of("step") if row["parent_path"] == "Volts_Swept"]
    assert [(row["in_param"], row["step_outcome"]) for row in swept] == [
        ("1", "passed"),
        ("2", "passed"),
        ("3", "failed"),
    ]
    assert recorded.step("Typed_0")["in_type"] == "int"
    assert recorded.step("Typed_1")["in_type"] == "double"


def test_attachments_are_beside_the_run(run_tests: Run) -> None:
    recorded = run_tests("Measured.Attaches")
    name = recorded.step("Measured/Attaches")["out_boot"].removeprefix("file://_ref/")
    file = Path(str(recorded.runs[0].file_path)).with_suffix("")
    assert (file.with_name(file.name + "_ref") / name).read_bytes() == b"boot ok"


def test_a_suite_whose_set_up_fails_is_failed(run_tests: Run) -> None:
    recorded = run_tests("SuiteSetUp.*")
    step = recorded.step("SuiteSetUp")
    assert step["step_outcome"] == "failed"
    assert "fixture is open" in step["error_message"]
    assert recorded.runs[0].outcome == "failed"


def test_an_environment_that_cannot_be_set_up_fails_the_run(run_tests: Run) -> None:
    recorded = run_tests("Plain.Passes", extra=("broken",))
    assert recorded.exit_status == 1
    assert recorded.runs[0].outcome == "failed"
    assert "no bench" in recorded.step("environment")["error_message"]


def test_repetitions_are_vectors(run_tests: Run) -> None:
    recorded = run_tests("Plain.Passes", "--gtest_repeat=3")
    steps = [row for row in recorded.of("step") if row["step_path"] == "Plain/Passes"]
    assert [row["vector_index"] for row in steps] == [0, 1, 2]
    assert len(recorded.runs) == 1


@pytest.mark.parametrize("style", ["fast", "threadsafe"])
def test_the_children_of_death_tests_record_nothing(run_tests: Run, style: str) -> None:
    recorded = run_tests("Deadly.*", f"--gtest_death_test_style={style}")
    assert recorded.exit_status == 0
    [summary] = recorded.runs
    assert summary.outcome == "passed"
    names = [row["measurement_name"] for row in recorded.of("measurement")]
    assert names == ["in_parent"]
    assert {row["step_outcome"] for row in recorded.of("step")} == {"passed"}


@pytest.mark.parametrize("options", [("--gtest_list_tests",), ("--gtest_filter=None.*",)])
def test_a_program_that_tests_nothing_gives_no_run(
    run_tests: Run, options: tuple[str, ...]
) -> None:
    assert run_tests("Plain.*", *options).runs == []


@pytest.mark.usefixtures("daemon_allowed")
@pytest.mark.parametrize("ending", ["Crashes", "Exits"])
def test_a_program_that_ends_inside_a_test_leaves_an_aborted_run(
    run_tests: Run, tmp_path: Path, ending: str
) -> None:
    recorded = run_tests(f"Plain.Passes:Fatal.{ending}")
    assert recorded.report == {}
    client = LitmusClient(tmp_path / "data")
    wait_until(lambda: client.list_runs()[0].file_path is not None, "the run is not sealed")
    [summary] = client.list_runs()
    assert summary.outcome == "aborted"
    rows = RunRows(summary.file_path)
    steps = {row["step_path"]: row for row in rows.of("step")}
    assert steps["Plain/Passes"]["step_outcome"] == "passed"
    assert steps[f"Fatal/{ending}"]["step_outcome"] is None
    measured = [row["measurement_name"] for row in rows.of("measurement")]
    assert measured == (["before"] if ending == "Crashes" else [])


def test_the_example_runs_and_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "litmus.yaml").write_text("name: gtest_example\ndata_dir: data\n")
    done = subprocess.run([BUILD / "board_gtest"], cwd=tmp_path, capture_output=True, timeout=60)
    assert done.returncode == 0
    [summary] = LitmusClient(tmp_path / "data").list_runs()
    assert (summary.dut_serial, summary.outcome) == ("BOARD001", "passed")
    litmus = os.environ.get("LITMUS_EXECUTABLE") or BUILD / "litmus"
    command = [litmus, "show", summary.test_run_id, "--data-dir", tmp_path / "data"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert "SupplyIsInRange" in shown
    assert "Amperes/Load" in shown
