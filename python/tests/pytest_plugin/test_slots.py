# SPDX-License-Identifier: Apache-2.0
"""Several DUTs side by side: one process and one run for each slot, one session for all."""

import signal
import subprocess
from typing import Any

import pytest

from .conftest import Project, Recorded, on_terminal

FIXTURE = """
slots:
  left:
    dut_resource: /dev/ttyUSB0
    connections: {vout: {instrument: dmm, instrument_channel: "1", dut_pin: VOUT}}
  right:
    dut_resource: /dev/ttyUSB1
    connections: {vout: {instrument: dmm, instrument_channel: "2", dut_pin: VOUT}}
"""
FOUR = "slots:\n" + "".join(f"  s{number}: {{connections: {{}}}}\n" for number in range(4))
STATION = "instruments: {dmm: {type: dmm, driver: drivers.Dmm, resource: 'GPIB0::1::INSTR'}}\n"
DRIVER = """
import os
class Dmm:
    def __init__(self, resource): self.used = 0
    def measure_pid(self): return os.getpid()
"""


@pytest.fixture
def two(project: Project) -> Project:
    project.write("litmus.yaml", "name: it\n")
    project.write("fixtures/jig.yaml", FIXTURE)
    project.write("stations/bench.yaml", STATION)
    project.write("drivers.py", DRIVER)
    return project


@pytest.fixture
def four(project: Project) -> Project:
    project.write("litmus.yaml", "name: it\nmulti_slot: {child_grace_seconds: 20}\n")
    project.write("fixtures/panel.yaml", FOUR)
    return project


def by_slot(recorded: Recorded) -> dict[str, tuple[Any, Any]]:
    return {row["slot_id"]: (row["dut_serial"], row["run_outcome"]) for row in recorded.rows("run")}


def test_each_slot_is_a_run_of_its_own_in_one_session(two: Project) -> None:
    two.test(
        """
        import os, json
        def test_it(context, fixture_config, verify):
            slot = os.environ["_LITMUS_SLOT_ID"]
            assert context.run.slot_id == slot
            assert json.loads(os.environ["LITMUS_FIXTURE_SLOT"]) == fixture_config
            assert os.environ["LITMUS_DUT_RESOURCE"] == fixture_config["dut_resource"]
            verify("v", {"left": 1, "right": 3}[slot], {"high": 2, "units": "V"})
        """
    )
    recorded = two.spawn("--dut-serials", "left=A1,right=B2")
    assert by_slot(recorded) == {"left": ("A1", "passed"), "right": ("B2", "failed")}
    assert len({row["session_id"] for row in recorded.rows("run")}) == 1
    assert recorded.status == 1
    assert "[left] " in recorded.output
    assert "left   PASS  passed      A1" in recorded.output
    assert "right  FAIL  failed      B2" in recorded.output
    (session,) = recorded.events("session.started")
    assert session.slot_count == 2
    assert [(event.slot_id, event.dut_serial) for event in recorded.events("slot.started")] == [
        ("left", "A1"),
        ("right", "B2"),
    ]
    ended = {event.slot_id: str(event.outcome) for event in recorded.events("slot.completed")}
    assert ended == {"left": "passed", "right": "failed"}
    assert str(recorded.events("session.ended")[0].outcome) == "failed"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--dut-serials", "A"], "expected 2 serials for left, right, found 1"),
        (["--dut-serials", "left=A,B"], "found a mix"),
        (["--dut-serials", "left=A,middle=B"], "expected a serial for each of left, right"),
        (["--slot", "middle"], "--slot middle: the fixture has left, right"),
        (["--slot", "left", "--dut-serials", "A,B"], "give --dut-serial, not --dut-serials"),
    ],
)
def test_serials_and_slots_that_do_not_fit_are_refused(
    two: Project, arguments: list[str], error: str
) -> None:
    two.test("def test_it(): pass")
    recorded = two.run(*arguments)
    assert (recorded.status, recorded.events()) == (4, [])
    assert error in recorded.output


def test_one_slot_alone_is_tested_in_this_process(two: Project) -> None:
    two.test(
        """
        def test_it(context, fixture_config, sync):
            assert fixture_config["dut_resource"] == "/dev/ttyUSB1"
            assert sync is None
        """
    )
    recorded = two.run("--slot", "right", "--dut-serial", "B2")
    assert by_slot(recorded) == {"right": ("B2", "passed")}
    assert len(recorded.events("session.started")) == 1


def test_a_slot_takes_its_serial_from_the_environment_in_production(
    two: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.test("def test_it(): assert True")
    two.write("litmus.yaml", "name: it\nrelease: '1'\n")
    monkeypatch.setenv("LITMUS_DUT_SERIAL_LEFT", "A1")
    monkeypatch.setenv("LITMUS_DUT_SERIAL_RIGHT", "B2")
    recorded = two.spawn("--test-phase", "production")
    assert by_slot(recorded) == {"left": ("A1", "passed"), "right": ("B2", "passed")}
    assert {row["test_phase"] for row in recorded.rows("run")} == {"production"}


def test_an_instrument_that_slots_share_is_connected_once(two: Project) -> None:
    two.test("def test_it(dmm, logger): logger.measure('pid', dmm.measure_pid())")
    recorded = two.spawn("--station", "bench", "--dut-serials", "A,B")
    assert recorded.status == 0, recorded.output
    assert len({row["measurement_value"] for row in recorded.measured("pid")}) == 1
    assert len(recorded.events("fixture.instrument_connected")) == 1
    assert len(recorded.events("fixture.instrument_disconnected")) == 1
    assert len(recorded.events("instrument.read")) == 2
    assert all(row["step_instruments_name"] == ["dmm"] for row in recorded.rows("step"))


def test_slots_wait_for_each_other_again_and_again(four: Project) -> None:
    four.test(
        """
        import os
        from pathlib import Path
        def test_it(sync, context):
            for round in range(3):
                Path(f"{context.run.slot_id}-{round}").touch()
                sync.wait("powered", timeout=60)
                assert len(list(Path(".").glob(f"s*-{round}"))) == 4
        """
    )
    recorded = four.spawn("--dut-serials", "A,B,C,D")
    assert recorded.status == 0, recorded.output
    assert len(recorded.events("sync.arrived")) == 12
    assert [event.name for event in recorded.events("sync.release")] == ["powered"] * 3


def test_a_slot_that_has_ended_is_not_waited_for(four: Project) -> None:
    four.test(
        """
        def test_it(sync, context):
            if context.run.slot_id == "s0": return
            if context.run.slot_id == "s1": assert False
            sync.wait("powered", timeout=60)
        """
    )
    recorded = four.spawn("--dut-serials", "A,B,C,D")
    assert {slot: outcome for slot, (_, outcome) in by_slot(recorded).items()} == {
        "s0": "done",
        "s1": "failed",
        "s2": "done",
        "s3": "done",
    }


def test_a_slot_that_waits_in_vain_is_errored_and_does_not_count_any_more(four: Project) -> None:
    four.test(
        """
        def test_it(sync, context):
            slot = context.run.slot_id
            if slot == "s0": sync.wait("early", timeout=0.05)
            sync.wait("powered", timeout=60)
        """
    )
    recorded = four.spawn("--dut-serials", "A,B,C,D")
    outcomes = {slot: outcome for slot, (_, outcome) in by_slot(recorded).items()}
    assert outcomes == {"s0": "errored", "s1": "done", "s2": "done", "s3": "done"}
    assert "slot s0 waited 0.05 s for the other slots in vain" in recorded.output


@pytest.mark.parametrize("death", ["os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_the_crash_of_a_slot_leaves_the_others_alone_and_its_run_aborted(
    four: Project, death: str
) -> None:
    four.test(
        f"""
        import os
        LIMIT = {{"high": 2, "units": "V"}}
        def test_before(verify): verify("v", 1, LIMIT)
        def test_it(sync, context):
            if context.run.slot_id == "s2": {death}
            sync.wait("powered", timeout=60)
            assert True
        def test_after(): pass
        """
    )
    recorded = four.spawn("--dut-serials", "A,B,C,D")
    assert by_slot(recorded) == {
        "s0": ("A", "passed"),
        "s1": ("B", "passed"),
        "s2": ("C", "aborted"),
        "s3": ("D", "passed"),
    }
    assert recorded.status == 1
    dead = [row for row in recorded.rows("step") if row["slot_id"] == "s2"]
    assert {row["step_path"]: row["step_outcome"] for row in dead} == {
        "test_before": "passed",
        "test_it": None,
        "test_after": None,
    }
    assert [row["measurement_value"] for row in recorded.measured("v")] == [1.0] * 4
    completed = {event.slot_id: str(event.outcome) for event in recorded.events("slot.completed")}
    assert completed["s2"] == "errored"

    four.test("def test_it(): assert True")  # the next run starts clean
    again = four.spawn("--dut-serials", "A,B,C,D")
    assert again.status == 0
    assert len(again.run_files) == 8


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_terminates_all_slots_and_their_teardown_runs(
    four: Project, number: signal.Signals
) -> None:
    four.test(
        """
        import time
        @pytest.fixture
        def powered(logger):
            yield
            logger.record("made safe", True)
        def test_it(sync, powered):
            sync.wait("all are here", timeout=60)
            print("ready", flush=True)
            while True: time.sleep(0.02)
        """
    )
    with four.start("--dut-serials", "A,B,C,D") as process:
        assert process.stdout is not None
        ready = 0
        for line in process.stdout:
            ready += "ready" in line
            if ready == 4:
                break
        process.send_signal(number)
        output, _ = process.communicate(timeout=60)
    recorded = four.recorded(process.returncode, output)
    assert {outcome for _, outcome in by_slot(recorded).values()} == {"terminated"}
    assert len(recorded.events("test.record")) == 4
    assert recorded.status == 2
    assert str(recorded.events("session.ended")[0].outcome) == "terminated"


def test_a_slot_that_does_not_stop_is_ended_by_force(four: Project) -> None:
    four.write("litmus.yaml", "name: it\nmulti_slot: {child_grace_seconds: 0.1}\n")
    four.test(
        """
        import signal, time
        def test_it(sync, context):
            if context.run.slot_id == "s0": signal.signal(signal.SIGTERM, signal.SIG_IGN)
            sync.wait("all are here", timeout=60)
            print("ready", flush=True)
            while True: time.sleep(0.02)
        """
    )
    with four.start("--dut-serials", "A,B,C,D") as process:
        _wait_for(process, "ready")
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
    recorded = four.recorded(process.returncode, output)
    assert by_slot(recorded)["s0"] == ("A", "aborted")


def test_one_serial_for_several_slots_is_a_warning(two: Project) -> None:
    two.test("def test_it(): pass")
    recorded = two.spawn("--dut-serial", "A")
    assert {serial for serial, _ in by_slot(recorded).values()} == {"A"}
    assert "2 slots, but one serial number, A" in recorded.output


def test_everybody_uses_the_same_data_directory(two: Project) -> None:
    two.test("def test_it(): pass")
    recorded = two.spawn("--dut-serials", "A,B")
    files = list(recorded.data_dir.glob("events/*/*.arrow"))
    assert len(files) == 3
    assert not (two.folder.parent / "home/data").exists()


def _wait_for(process: "subprocess.Popen[str]", word: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if word in line:
            return


def test_slots_ask_one_after_the_other_on_the_one_terminal(two: Project) -> None:
    two.test(
        """
        @pytest.mark.litmus_prompts(
            color={"message": "Color?", "prompt_type": "choice", "choices": ["red", "green"]})
        def test_it(prompt, context, sync):
            answer = prompt()
            sync.wait("answered")
            context.observe("color", answer)
        """
    )
    recorded = on_terminal(two, b"blue\n2\nred\n")
    assert recorded.status == 0, recorded.output
    assert "[left] Color?" in recorded.output
    assert "[right] Color?" in recorded.output
    assert {row["out_color"] for row in recorded.rows("step")} == {"red", "green"}
    answers = [event.response_type for event in recorded.events("dialog.responded")]
    assert answers == ["answered", "answered"]


def test_a_question_of_a_slot_that_is_not_answered_in_time_is_withdrawn(two: Project) -> None:
    two.test(
        """
        import os
        @pytest.mark.litmus_prompts(p={"message": "Ready?", "timeout_seconds": 0.05})
        def test_late(prompt):
            with pytest.raises(Exception, match="no answer in 0.05 s"): prompt()
        @pytest.mark.litmus_prompts(p={"message": "Name?", "prompt_type": "input"})
        def test_next(prompt, sync):
            sync.wait("all late")
            assert prompt() == "x"
        """
    )
    recorded = on_terminal(two, b"", b"x\nx\n", after=b"Name?")
    assert recorded.status == 0, recorded.output


def test_outside_of_development_every_slot_needs_its_serial(two: Project) -> None:
    two.write("litmus.yaml", "name: it\nrelease: '1'\n")
    two.test("def test_it(): assert True")
    recorded = two.spawn("--test-phase", "production")
    assert recorded.status == 4, recorded.output
    assert "DUT in slot left: give --dut-serials" in recorded.output
    recorded = on_terminal(two, b"A\nB\n", arguments=["--test-phase", "production"])
    assert by_slot(recorded) == {"left": ("A", "passed"), "right": ("B", "passed")}


def test_a_resource_that_the_user_has_set_does_not_make_slots_test_the_same_device(
    two: Project,
) -> None:
    two.write("products/board.yaml", "driver: drivers.Board\npins: {VOUT: {name: TP1}}\n")
    board = "class Board:\n    def __init__(self, resource): self.resource = resource\n"
    two.write("drivers.py", DRIVER + board)
    two.test("def test_it(dut, context): context.observe('at', dut.resource)")
    recorded = two.spawn(LITMUS_DUT_RESOURCE="/dev/other", LITMUS_FIXTURE_SLOT="{}")
    assert {row["out_at"] for row in recorded.rows("step")} == {"/dev/ttyUSB0", "/dev/ttyUSB1"}
