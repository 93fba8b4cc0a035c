# SPDX-License-Identifier: Apache-2.0
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from litmus.client import LitmusClient
from litmus.data.event_log import EventLog
from litmus.data.events import InstrumentConnected, InstrumentRead, UnknownEvent

Litmus = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def event_file(
    client: LitmusClient, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The only one of a store that nobody else touches."""
    with client.start_run("SN001", "bench_1") as run, run.step("rail") as step:
        for number in range(20):
            step.measure(f"voltage_{number}", 3.3)
    (recorded,) = data_dir.glob("events/*/*.arrow")
    file = tmp_path / "copy/data" / recorded.relative_to(data_dir)
    file.parent.mkdir(parents=True)
    file.write_bytes(recorded.read_bytes())
    monkeypatch.setenv("LITMUS_HOME", str(tmp_path / "copy"))
    return file


def events_of(result: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    assert (result.returncode, result.stderr) == (0, "")
    return list(json.loads(result.stdout))


class TestCat:
    def test_json_is_one_array_of_the_stored_events(self, litmus: Litmus, failed_run: str) -> None:
        events = events_of(litmus("events", "cat", "--json"))
        assert events[0]["event_type"] == "session.started"
        assert events[1]["run_id"] == failed_run
        times = [str(event["received_at"]) for event in events]
        assert times == sorted(times)

    def test_empty_store_has_an_empty_array(self, litmus: Litmus) -> None:
        assert events_of(litmus("events", "cat", "--json")) == []
        assert litmus("events", "cat").stdout == ""

    @pytest.mark.usefixtures("failed_run")
    def test_jsonl_has_an_event_in_each_line(self, litmus: Litmus) -> None:
        lines = litmus("events", "cat", "--jsonl").stdout.splitlines()
        assert [json.loads(line) for line in lines] == events_of(litmus("events", "cat", "--json"))

    def test_lines_tell_the_gist(self, litmus: Litmus, failed_run: str) -> None:
        text = litmus("events", "cat").stdout
        assert f"run.started             run {failed_run[:8]}, serial SN001, part PB-100" in text
        assert (
            "test.measurement        failed  rails/rail_3v3 [1] voltage = 4.000 V  (2.9 ≤ x ≤ 3.4)"
            in text
        )
        assert "test.step_ended         errored  radio: " in text
        assert "no answer within 2 s" in text, "one line each"

    def test_filters_must_all_fit(
        self, litmus: Litmus, client: LitmusClient, failed_run: str
    ) -> None:
        other = client.start_run("SN002", "bench_1")
        other.finish()
        started = events_of(litmus("events", "cat", "--json", "--type", "run.started"))
        assert [event["dut_serial"] for event in started] == ["SN001", "SN002"]
        measured = events_of(
            litmus("events", "cat", "--json", "--type", "test.*", "--run", failed_run[:8])
        )
        assert {event["run_id"] for event in measured} == {failed_run}
        session = str(started[1]["session_id"])
        of_session = events_of(litmus("events", "cat", "--json", "--session", session[:9]))
        assert {event["session_id"] for event in of_session} == {session}
        both = ["--type", "run.started", "--type", "run.ended", "--session", session]
        assert len(events_of(litmus("events", "cat", "--json", *both))) == 2

    @pytest.mark.parametrize("command", ["cat", "tail"])
    @pytest.mark.parametrize(
        ("typed", "meant"), [("test.measurment", "test.measurement"), ("tset.*", r"test\.\*")]
    )
    def test_mistyped_type_is_an_error_that_helps(
        self, litmus: Litmus, command: str, typed: str, meant: str
    ) -> None:
        result = litmus("events", command, "--type", "run.*", "--type", typed)
        assert (result.returncode, result.stdout) == (2, "")
        message = rf"--type: .* {re.escape(typed)} \(did you mean {meant}\?\); `(.+)` lists all"
        match = re.search(message, result.stderr)
        assert match, result.stderr
        assert "test.measurement" in litmus(*match[1].split()[1:]).stdout

    @pytest.mark.usefixtures("failed_run")
    def test_unknown_run_or_session_is_status_1(self, litmus: Litmus) -> None:
        for option, name in (("--run", "run"), ("--session", "session")):
            result = litmus("events", "cat", "--json", option, "ffffffff-x")
            assert (result.returncode, result.stdout) == (1, "")
            assert result.stderr == f"Error: no {name} with id ffffffff-x in the events\n"

    def test_type_of_somebody_else_is_found(self, litmus: Litmus, data_dir: Path) -> None:
        with EventLog(data_dir, uuid4()) as log:
            log.emit(UnknownEvent(event_type="oven.door_opened", fields={"temperature": 85}))
        for wanted in ("oven.door_opened", "oven.*"):
            (event,) = events_of(litmus("events", "cat", "--json", "--type", wanted))
            assert event["temperature"] == 85

    def test_role_selects_an_instrument_and_its_channels(
        self, litmus: Litmus, data_dir: Path
    ) -> None:
        with EventLog(data_dir, uuid4()) as log:
            log.emit(
                InstrumentRead(instrument_role="dmm", channel_id="dmm.v", method="read", value=3.3)
            )
            log.emit(
                InstrumentRead(
                    instrument_role="dmm_2", channel_id="dmm_2.v", method="read", value=3.3
                )
            )
            log.emit(InstrumentConnected(role="dmm", instrument_id="i", resource="r"))
            log.emit(InstrumentConnected(role="psu", instrument_id="dmm", resource="dmm"))
        events = events_of(litmus("events", "cat", "--json", "--role", "dmm"))
        kinds = [event["event_type"] for event in events]
        assert kinds == ["instrument.read", "fixture.instrument_connected"]

    @pytest.mark.usefixtures("failed_run")
    def test_limit_keeps_the_newest_in_ascending_order(self, litmus: Litmus) -> None:
        everything = events_of(litmus("events", "cat", "--json"))
        assert events_of(litmus("events", "cat", "--json", "--limit", "3")) == everything[-3:]

    @pytest.mark.usefixtures("failed_run")
    def test_since_and_until_include_their_ends(self, litmus: Litmus) -> None:
        everything = events_of(litmus("events", "cat", "--json"))
        time = str(everything[4]["received_at"])
        since = events_of(litmus("events", "cat", "--json", "--since", time))
        until = events_of(litmus("events", "cat", "--json", "--until", time))
        assert since[-1] == everything[-1]
        assert until[0] == everything[0]
        assert everything[4] in since
        assert everything[4] in until
        assert (
            events_of(litmus("events", "cat", "--json", "--since", time[:10], "--until", time[:10]))
            == everything
        )
        assert events_of(litmus("events", "cat", "--json", "--until", "2000-01-01")) == []

    def test_sessions_are_merged_by_time_of_receipt(
        self, litmus: Litmus, client: LitmusClient
    ) -> None:
        runs = [client.start_run(serial, "bench_1") for serial in ("SN001", "SN002")]
        for name in ("first", "second", "third"):
            for run in runs:
                with run.step(name):
                    pass
        for run in runs:
            run.finish()
        steps = events_of(litmus("events", "cat", "--json", "--type", "test.step_started"))
        assert [step["run_id"] for step in steps] == [str(run.id) for run in runs] * 3

    def test_damage_is_told_and_the_rest_is_there(self, litmus: Litmus, event_file: Path) -> None:
        whole = len(litmus("events", "cat", "--jsonl", event_file).stdout.splitlines())
        content = bytearray(event_file.read_bytes())
        content[len(content) // 2] ^= 1
        event_file.write_bytes(content)
        result = litmus("events", "cat", "--jsonl", event_file)
        assert 0 <= len(result.stdout.splitlines()) < whole
        assert f"Warning: {event_file}: byte " in result.stderr

    def test_missing_file_is_an_error(self, litmus: Litmus) -> None:
        result = litmus("events", "cat", "nowhere.arrow")
        assert (result.returncode, result.stderr) == (1, "Error: there is no file nowhere.arrow\n")


class TestTail:
    @pytest.fixture(autouse=True, params=["daemon", "files"])
    def source(self, request: pytest.FixtureRequest) -> None:
        """Where the events come from; the output is the same."""
        if request.param == "daemon":
            request.getfixturevalue("daemon_allowed")

    def test_beginnings_of_ids_select_too(
        self, processes: Callable[..., subprocess.Popen[str]], client: LitmusClient
    ) -> None:
        other = client.start_run("SN001", "bench_1")
        run = client.start_run("SN002", "bench_1")
        tail = processes(
            "events", "tail", "--jsonl", "--run", str(run.id)[:9], "--type", "run.*", "-n", "1"
        )
        assert tail.stdout is not None
        assert json.loads(tail.stdout.readline())["event_type"] == "run.started"
        other.finish()
        run.finish()
        ended = json.loads(tail.stdout.readline())
        assert (ended["event_type"], ended["run_id"]) == ("run.ended", str(run.id))

    def test_events_appear_as_they_are_recorded(
        self, processes: Callable[..., subprocess.Popen[str]], client: LitmusClient
    ) -> None:
        client.start_run("SN001", "bench_1").finish()
        tail = processes("events", "tail", "--jsonl", "--type", "run.started", "-n", "1")
        assert tail.stdout is not None
        assert json.loads(tail.stdout.readline())["dut_serial"] == "SN001"
        run = client.start_run("SN002", "bench_1")
        assert json.loads(tail.stdout.readline())["dut_serial"] == "SN002"
        run.finish()

    def test_no_event_is_lost_or_repeated_while_files_are_closed_and_compressed(
        self, processes: Callable[..., subprocess.Popen[str]], client: LitmusClient
    ) -> None:
        client.start_run("first", "bench_1").finish()
        tail = processes(
            "events", "tail", "--jsonl", "--type", "run.started", "--type", "run.ended"
        )
        assert tail.stdout is not None
        lines = [tail.stdout.readline() for _ in range(2)]
        for number in range(20):
            client.start_run(f"SN{number}", "bench_1").finish()
        lines += [tail.stdout.readline() for _ in range(40)]
        events = [json.loads(line) for line in lines]
        assert len({event["id"] for event in events}) == 42
        serials = {event["dut_serial"] for event in events if event["event_type"] == "run.started"}
        assert serials == {"first", *(f"SN{number}" for number in range(20))}

    @pytest.mark.usefixtures("failed_run")
    def test_it_ends_when_nobody_reads(
        self, processes: Callable[..., subprocess.Popen[str]]
    ) -> None:
        tail = processes("events", "tail")
        assert tail.stdout is not None
        tail.stdout.readline()
        tail.stdout.close()
        assert tail.wait() == 141
        tail.stdout = None


class TestVerify:
    @pytest.mark.usefixtures("failed_run")
    def test_whole_store_without_damage_is_status_0(self, litmus: Litmus) -> None:
        result = litmus("events", "verify")
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.endswith(": no damage\n")

    def test_damage_is_a_line_with_file_byte_and_seq_and_status_1(
        self, litmus: Litmus, event_file: Path
    ) -> None:
        content = bytearray(event_file.read_bytes())
        content[len(content) // 2] ^= 1
        event_file.write_bytes(content)
        result = litmus("events", "verify")
        assert result.returncode == 1
        assert result.stdout.startswith(f"{event_file}: byte ")
        assert ": seq " in result.stdout
        report = json.loads(litmus("events", "verify", "--json").stdout)
        (file,) = [file for file in report["files"] if file["damages"]]
        assert file["file"] == str(event_file)
        # One bit; it may tear a message into two places, if the file is compressed by now.
        for damage in file["damages"]:
            assert damage["begin"] < damage["end"]
            assert damage["seqs"] is None or damage["seqs"][0] <= damage["seqs"][1]
        assert report["damage_count"] == len(file["damages"]) >= 1

    def test_unclosed_file_is_told_but_is_no_damage(
        self, litmus: Litmus, client: LitmusClient
    ) -> None:
        run = client.start_run("SN001", "bench_1")
        result = litmus("events", "verify")
        run.finish()
        assert result.returncode == 0
        assert ": not closed: still being written, or its writer died\n" in result.stdout
        assert result.stdout.endswith(": no damage, 1 not closed\n")


class TestRepair:
    def test_every_good_event_is_kept_and_the_original_put_aside(
        self, litmus: Litmus, event_file: Path
    ) -> None:
        content = bytearray(event_file.read_bytes())
        content[len(content) // 2] ^= 1
        event_file.write_bytes(content)
        good = litmus("events", "cat", "--jsonl", event_file).stdout
        result = litmus("events", "repair", event_file)
        assert result.returncode == 0, result.stderr
        aside = event_file.with_name(event_file.name + ".damaged")
        assert f"the original is {aside}\n" in result.stdout
        assert aside.read_bytes() == content
        after = litmus("events", "cat", "--jsonl", event_file)
        assert (after.stdout, after.stderr) == (good, "")
        verified = litmus("events", "verify", event_file)
        assert verified.returncode == 0
        assert ": lost before the file was repaired\n" in verified.stdout

    def test_repairing_again_changes_nothing(self, litmus: Litmus, event_file: Path) -> None:
        event_file.write_bytes(event_file.read_bytes()[:-40])
        litmus("events", "repair")
        repaired = event_file.read_bytes()
        assert "0 of " in litmus("events", "repair").stdout
        assert event_file.read_bytes() == repaired

    def test_file_of_somebody_else_is_left_alone(self, litmus: Litmus, tmp_path: Path) -> None:
        file = tmp_path / "passwd"
        file.write_text("root:x:0:0:root:/root:/bin/bash\n")
        result = litmus("events", "repair", file)
        assert result.returncode == 1
        assert result.stderr.startswith(f"Warning: {file} is no event file: ")
        assert file.read_text() == "root:x:0:0:root:/root:/bin/bash\n"
        assert sorted(tmp_path.glob("passwd*")) == [file]

    def test_undamaged_store_is_left_alone(self, litmus: Litmus, event_file: Path) -> None:
        before = event_file.read_bytes()
        assert litmus("events", "repair").stdout == "0 of 1 files changed\n"
        assert event_file.read_bytes() == before

    def test_file_that_is_being_written_is_busy(
        self, litmus: Litmus, client: LitmusClient, data_dir: Path
    ) -> None:
        run = client.start_run("SN001", "bench_1")
        (file,) = data_dir.glob("events/*/*.arrow")
        by_name = litmus("events", "repair", file)
        in_store = litmus("events", "repair")
        run.finish()
        assert by_name.returncode == 1
        assert by_name.stderr.startswith("Warning: ")
        assert in_store.returncode == 0
        assert in_store.stdout == "0 of 1 files changed, 1 still being written\n"
