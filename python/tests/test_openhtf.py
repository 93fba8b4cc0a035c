# SPDX-License-Identifier: Apache-2.0
"""Tests of the real OpenHTF, recorded as runs."""

import logging
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openhtf as htf
import pytest
from litmus.client import LitmusClient
from litmus.data.channels.store import ChannelStore
from litmus.data.event_log import read_event_file
from litmus.data.ref import parse_channel_uri
from litmus.integrations.openhtf import OutputToLitmus
from openhtf.util import configuration, units

from tests.run_rows import RunRows

OUTCOMES = {
    "PASS": "passed",
    "FAIL": "failed",
    "SKIP": "skipped",
    "SKIPPED": "skipped",
    "ERROR": "errored",
    "TIMEOUT": "errored",
    "UNSET": "errored",
    "ABORTED": "aborted",
}

# OpenHTF ends the thread of a phase by an exception.
ends_threads = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


class Recorded(RunRows):
    """What OpenHTF says about a test, and what was stored of it."""

    def __init__(self, record: Any, data_dir: Path, run_id: object) -> None:
        self.record = record
        self.run = LitmusClient(data_dir).get_run(str(run_id))
        assert self.run is not None
        assert self.run.file_path is not None
        super().__init__(self.run.file_path)


@pytest.fixture
def execute(data_dir: Path) -> Iterator[Callable[..., Recorded]]:
    """Runs phases as an OpenHTF test that is recorded."""

    def run(*phases: Any, output: OutputToLitmus | None = None, **metadata: Any) -> Recorded:
        output = output or OutputToLitmus("bench_1", data_dir)
        found: list[tuple[Any, Any]] = []
        test = htf.Test(*phases, **metadata)
        test.add_output_callbacks(lambda record: found.append((record, output(record))))
        test.execute(test_start=lambda: "SN001")
        [(record, run_id)] = found
        assert run_id is not None
        return Recorded(record, data_dir, run_id)

    yield run
    htf.Test.TEST_INSTANCES.clear()


@htf.measures(
    htf.Measurement("rail").with_units(units.VOLT).in_range(3.1, 3.5),
    htf.Measurement("ripple").with_units(units.VOLT).in_range(maximum=0.1),
    htf.Measurement("gain").within_percent(10, 5),
    htf.Measurement("count").equals(4),
    htf.Measurement("firmware").equals("1.2.3"),
    htf.Measurement("door").equals(True),
    htf.Measurement("serial").matches_regex("^SN"),
    htf.Measurement("note"),
    htf.Measurement("missing").in_range(0, 1),
)
def judged(test: htf.TestApi) -> None:
    """Sets all but one of its measurements."""
    test.measurements.rail = 3.31
    test.measurements.ripple = 0.25
    test.measurements.gain = 10.2
    test.measurements.count = 4
    test.measurements.firmware = "1.2.4"
    test.measurements.door = True
    test.measurements.serial = "SN001"
    test.measurements.note = "warm"


def passes(test: htf.TestApi) -> None:
    """Nothing to measure."""


def test_outcomes_and_values_are_what_openhtf_says(execute: Callable[..., Recorded]) -> None:
    seen = execute(passes, judged)
    assert seen.run.outcome == OUTCOMES[seen.record.outcome.name] == "failed"
    assert {(row["step_name"], row["step_outcome"]) for row in seen.of("step")} == {
        (phase.name, OUTCOMES[phase.outcome.name]) for phase in seen.record.phases
    }
    told = {
        name: OUTCOMES[measurement.outcome.name]
        for phase in seen.record.phases
        for name, measurement in phase.measurements.items()
    }
    stored = {row["measurement_name"]: row["measurement_outcome"] for row in seen.of("measurement")}
    assert stored == told
    assert stored["missing"] == "errored"
    [phase] = [phase for phase in seen.record.phases if phase.name == "judged"]
    for name, measurement in phase.measurements.items():
        row = seen.measurement(name)
        if not measurement.measured_value.is_value_set:
            assert row["measurement_value"] is None
        elif isinstance(measurement.measured_value.value, str):
            assert row["measurement_text"] == measurement.measured_value.value
        else:
            assert row["measurement_value"] == float(measurement.measured_value.value)
    assert "ripple: 0.25 does not meet x <= 0.1" in seen.step("judged")["error_message"]


def test_validators_become_limits_where_they_can_be_said_in_numbers(
    execute: Callable[..., Recorded],
) -> None:
    seen = execute(judged)
    columns = ("limit_comparator", "limit_low", "limit_high", "limit_nominal")
    limits = {
        row["measurement_name"]: tuple(row[column] for column in columns)
        for row in seen.of("measurement")
    }
    assert limits["rail"] == ("GELE", 3.1, 3.5, None)
    assert limits["ripple"] == ("GELE", None, 0.1, None)
    assert limits["gain"] == ("GELE", 9.5, 10.5, 10.0)
    assert limits["count"] == ("EQ", None, None, 4.0)
    assert limits["serial"] == (None, None, None, None)
    assert limits["note"] == (None, None, None, None)
    assert seen.measurement("firmware")["limit_comparator"] == "EQ"
    assert seen.measurement("firmware")["limit_nominal_text"] == "1.2.3"
    assert seen.measurement("door")["limit_nominal_bool"] is True
    assert seen.measurement("rail")["measurement_units"] == "V"


def test_times_are_those_of_openhtf(execute: Callable[..., Recorded]) -> None:
    seen = execute(judged)
    [phase] = [phase for phase in seen.record.phases if phase.name == "judged"]

    def milliseconds(moment: Any) -> int:
        return round(moment.timestamp() * 1000)

    assert milliseconds(seen.run.started_at) == seen.record.start_time_millis
    assert milliseconds(seen.run.ended_at) == seen.record.end_time_millis
    assert milliseconds(seen.step("judged")["step_started_at"]) == phase.start_time_millis
    assert milliseconds(seen.step("judged")["step_ended_at"]) == phase.end_time_millis
    rail = phase.measurements["rail"].set_time_millis
    assert milliseconds(seen.measurement("rail")["measurement_timestamp"]) == rail


def test_a_repeated_phase_is_one_step_whose_last_attempt_counts(
    execute: Callable[..., Recorded],
) -> None:
    executions = []

    @htf.measures(htf.Measurement("level").in_range(minimum=3))
    def settles(test: htf.TestApi) -> Any:
        executions.append(test)
        test.measurements.level = len(executions)
        return htf.PhaseResult.REPEAT if len(executions) < 3 else htf.PhaseResult.CONTINUE

    seen = execute(settles)
    step = seen.step("settles")
    assert step["step_attempts"] == 3
    assert step["step_outcome"] == "passed"
    levels = [
        (row["vector_retry"], row["measurement_value"], row["measurement_outcome"])
        for row in seen.of("measurement")
    ]
    assert levels == [(0, 1.0, "failed"), (1, 2.0, "failed"), (2, 3.0, "passed")]
    assert seen.run.outcome == "passed"


@pytest.mark.parametrize("option", ["repeat_on_measurement_fail", "force_repeat"])
def test_phases_that_openhtf_repeats_by_an_option_are_attempts_as_well(
    execute: Callable[..., Recorded], option: str
) -> None:
    executions = []

    @htf.PhaseOptions(repeat_limit=3, **{option: True})
    @htf.measures(htf.Measurement("level").in_range(minimum=3))
    def settles(test: htf.TestApi) -> None:
        executions.append(test)
        test.measurements.level = len(executions)

    seen = execute(settles, passes)
    assert seen.step("settles")["step_attempts"] == 3
    assert seen.step("settles")["step_outcome"] == "passed"


def test_a_phase_that_is_executed_again_is_the_next_vector(
    execute: Callable[..., Recorded],
) -> None:
    seen = execute(passes, judged, passes)
    vectors = [row["vector_index"] for row in seen.of("step") if row["step_path"] == "passes"]
    assert vectors == [0, 1]
    assert {row["step_attempts"] for row in seen.of("step")} == {1}


def test_a_dimensioned_measurement_is_in_a_channel_that_the_row_refers_to(
    execute: Callable[..., Recorded], data_dir: Path
) -> None:
    @htf.measures(
        htf.Measurement("gain")
        .with_units(units.DECIBEL)
        .with_dimensions("frequency", units.AMPERE)
        .dimension_pivot_validate(htf.util.validators.in_range(0, 5))
    )
    def sweeps(test: htf.TestApi) -> None:
        for frequency in (1, 10, 100):
            test.measurements.gain[frequency, 0.5] = 4.5 - frequency / 100

    seen = execute(sweeps)
    row = seen.measurement("gain")
    assert row["measurement_value"] is None
    assert row["measurement_outcome"] == "passed"
    assert (row["limit_low"], row["limit_high"]) == (0.0, 5.0)
    assert row["out_gain"] == seen.step("sweeps")["out_gain"]
    uri = parse_channel_uri(row["out_gain"])
    assert uri.channel_id == "sweeps.gain"
    with ChannelStore(data_dir, uri.session_id) as store:
        [capture] = store.query("sweeps.gain", session_id=uri.session_id).to_pylist()
    told = seen.record.phases[-1].measurements["gain"].measured_value.value
    names = ("frequency", "A", "gain")
    assert list(zip(*(capture[name] for name in names), strict=True)) == told


def test_attachments_are_files_of_their_kind_beside_the_run(
    execute: Callable[..., Recorded],
) -> None:
    def attaches(test: htf.TestApi) -> None:
        test.attach("trace", b"\x89PNG", mimetype="image/png")
        test.attach("notes.txt", "text", mimetype="text/plain")
        test.attach("dump", b"\x00")  # OpenHTF cannot tell its kind from the name

    seen = execute(attaches)
    step = seen.step("attaches")
    assert step["out_trace_mimetype"] == "image/png"
    folder = Path(seen.run.file_path).with_suffix("")
    folder = folder.with_name(folder.name + "_ref")
    picture = folder / step["out_trace"].removeprefix("file://_ref/")
    notes = folder / step["out_notes.txt"].removeprefix("file://_ref/")
    assert (picture.suffix, picture.read_bytes()) == (".png", b"\x89PNG")
    assert (notes.suffix, notes.read_bytes()) == (".txt", b"text")
    dump = folder / step["out_dump"].removeprefix("file://_ref/")
    assert (dump.suffix, dump.read_bytes()) == (".bin", b"\x00")
    assert "out_dump_mimetype" not in step


def test_what_cannot_be_stored_takes_nothing_else_along(
    execute: Callable[..., Recorded], data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError("no space left")

    @htf.measures(htf.Measurement("huge"), htf.Measurement("after"))
    def attaches(test: htf.TestApi) -> None:
        test.attach("dump", b"\x00")
        test.measurements.huge = 10**400
        test.measurements.after = 1

    monkeypatch.setattr("litmus.data.session_files.SessionFiles.store", full)
    seen = execute(attaches, passes)
    assert seen.step("attaches")["step_outcome"] == seen.step("passes")["step_outcome"] == "passed"
    values = {row["measurement_name"]: row for row in seen.of("measurement")}
    assert values["after"]["measurement_value"] == 1
    assert values["huge"]["measurement_value"] is None
    assert values["huge"]["measurement_text"] == str(10**400)
    [file] = (data_dir / "events").glob(f"*/{seen.run.session_id}-*.arrow")
    [ended] = [e for e in read_event_file(file).events if e.event_type == "run.ended"]
    assert (
        ended.reason
        == "phase attaches: attachment dump could not be stored: OSError: no space left"
    )


def test_subtests_are_steps_around_their_phases(execute: Callable[..., Recorded]) -> None:
    def gives_up(_: htf.TestApi) -> Any:
        return htf.PhaseResult.FAIL_SUBTEST

    seen = execute(
        htf.Subtest("power", passes),
        htf.Subtest("radio", passes, gives_up, judged),
        htf.Subtest("empty"),
    )
    rows = {row["step_path"]: row["step_outcome"] for row in seen.of("step")}
    told = {subtest.name: OUTCOMES[subtest.outcome.name] for subtest in seen.record.subtests}
    assert told == {"power": "passed", "radio": "failed", "empty": "passed"}
    assert {path: rows[path] for path in told} == told
    assert rows["power/passes"] == "passed"
    assert rows["radio/gives_up"] == "failed"
    assert rows["radio/judged"] == "skipped"


def test_an_exception_keeps_its_type_text_and_place(execute: Callable[..., Recorded]) -> None:
    def breaks(_: htf.TestApi) -> None:
        raise ValueError("cable off")

    seen = execute(breaks, passes)
    assert seen.run.outcome == OUTCOMES[seen.record.outcome.name] == "errored"
    step = seen.step("breaks")
    assert (step["step_outcome"], step["error_type"]) == ("errored", "ValueError")
    assert step["error_message"] == "cable off"
    assert "in breaks" in step["error_traceback"]


@ends_threads
def test_a_phase_that_takes_too_long_is_errored(execute: Callable[..., Recorded]) -> None:
    @htf.PhaseOptions(timeout_s=0)
    def hangs(_: htf.TestApi) -> None:
        while True:  # until OpenHTF ends the thread
            pass

    seen = execute(hangs)
    assert seen.record.outcome.name == "TIMEOUT"
    assert seen.run.outcome == "errored"
    assert seen.step("hangs")["error_type"] == "TimeoutError"


@ends_threads
def test_an_aborted_test_is_an_aborted_run(execute: Callable[..., Recorded]) -> None:
    def interrupted(_: htf.TestApi) -> None:
        for running in htf.Test.TEST_INSTANCES.values():
            running.abort_from_sig_int()

    seen = execute(interrupted, passes)
    assert seen.run.outcome == OUTCOMES[seen.record.outcome.name] == "aborted"


def test_station_device_operator_phase_and_metadata_are_kept(
    execute: Callable[..., Recorded], data_dir: Path
) -> None:
    seen = execute(
        passes,
        output=OutputToLitmus(data_dir=data_dir, test_phase="production"),
        test_name="board",
        operator_id="op7",
        fixture_revision=3,
    )
    [run] = seen.of("run")
    assert run["dut_serial"] == seen.record.dut_id == "SN001"
    assert run["station_id"] == seen.record.station_id == configuration.CONF.station_id
    assert run["operator_id"] == "op7"
    assert run["test_phase"] == "production"
    assert run["custom_test_name"] == "board"
    assert run["custom_fixture_revision"] == 3


def test_the_project_is_the_file_of_the_test_else_that_of_litmus_yaml(
    execute: Callable[..., Recorded],
) -> None:
    Path("litmus.yaml").write_text("name: boards\n", encoding="utf-8")
    assert execute(passes).run.project_name == "boards"
    configuration.CONF.load(capture_source=True)
    try:
        seen = execute(judged)
    finally:
        configuration.CONF.load(capture_source=False)
    assert seen.run.project_name == seen.record.code_info.name == "test_openhtf.py"
    assert seen.step("judged")["step_function"] == "judged"
    assert seen.step("judged")["step_description"] == judged.doc


def test_warnings_that_were_logged_are_diagnostic_events(
    execute: Callable[..., Recorded], data_dir: Path
) -> None:
    def warns(test: htf.TestApi) -> None:
        test.logger.info("fine")
        test.logger.warning("supply is %d degrees", 80)
        test.logger.error("fan stands still")

    seen = execute(warns)
    [file] = (data_dir / "events").glob(f"*/{seen.run.session_id}-*.arrow")
    told = [
        (event.event_type, event.message)
        for event in read_event_file(file).events
        if event.event_type.startswith("diagnostic.")
    ]
    assert told == [
        ("diagnostic.warning", "supply is 80 degrees"),
        ("diagnostic.error", "fan stands still"),
    ]


def test_litmus_show_prints_a_recorded_test(
    execute: Callable[..., Recorded], data_dir: Path
) -> None:
    seen = execute(judged)
    litmus = Path(sys.executable).with_name("litmus")
    command = [litmus, "show", seen.run.test_run_id[:8], "--data-dir", data_dir]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert "SN001" in shown
    assert "judged" in shown
    assert "ripple" in shown


def test_what_goes_wrong_is_logged_and_never_raised_into_the_test(
    data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    output = OutputToLitmus("bench_1", data_dir)
    with caplog.at_level(logging.ERROR, logger="litmus.integrations.openhtf"):
        assert output(object()) is None
    assert "could not be recorded" in caplog.text


def test_importing_the_bridge_needs_no_openhtf(
    run_python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    program = "import litmus.integrations.openhtf, sys; assert 'openhtf' not in sys.modules"
    assert run_python(program).returncode == 0


def test_the_example_runs_and_is_recorded(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "examples" / "openhtf"
    project = tmp_path / "openhtf"
    shutil.copytree(example, project, ignore=shutil.ignore_patterns("data"))
    command = [sys.executable, "board_test.py"]
    subprocess.run(command, cwd=project, capture_output=True, timeout=60, check=True)
    [run] = LitmusClient(project / "data").list_runs()
    assert (run.dut_serial, run.outcome, run.project_name) == (
        "BOARD001",
        "passed",
        "openhtf_example",
    )
