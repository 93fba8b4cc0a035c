# SPDX-License-Identifier: Apache-2.0
"""Odd serials, disks that refuse, files that are damaged: a test goes on, and nothing is lost silently."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from litmus.client import LitmusClient
from litmus.data.event_log import EventLog, read_event_file
from litmus.data.events import TestRecord as Note
from litmus.data.models import TestRun
from litmus.errors import InvalidArgumentError, LitmusWarning

RunPython = Callable[..., subprocess.CompletedProcess[str]]


def record(client: LitmusClient, serial: str | None) -> str:
    run = client.start_run(serial, "bench_1")
    with run.step("step") as step:
        step.measure("x", 1, low=0)
    run.finish()
    return str(run.id)


@pytest.mark.parametrize(
    ("serial", "name"),
    [
        ("../../../etc/SN/1", "-..-..-etc-SN-1"),
        ("SN 1:µ", "SN-1-"),
        ("S" * 500, "S" * 80),
    ],
)
def test_a_serial_that_is_no_file_name_keeps_its_place_and_its_text(
    client: LitmusClient, serial: str, name: str
) -> None:
    run_id = record(client, serial)
    found = client.get_run(run_id)
    path = Path(found.file_path)
    assert path.parent.parent == client.data_dir / "runs"
    assert name in path.name
    assert len(path.name) < 130
    assert found.dut_serial == serial
    assert client.get_measurements(run_id)[0]["dut_serial"] == serial


@pytest.mark.parametrize("serial", [None, "", "  "])
def test_without_a_serial_the_file_has_its_time_only(
    client: LitmusClient, serial: str | None
) -> None:
    found = client.get_run(record(client, serial))
    assert not found.dut_serial
    assert "_" not in Path(found.file_path).name


@pytest.mark.parametrize("wrong", [{"dut_serial": 5}, {"station_id": b"b"}, {"operator": 7}])
def test_start_run_refuses_what_is_no_text(client: LitmusClient, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidArgumentError, match=rf"{next(iter(wrong))}: expected a text"):
        client.start_run(**{"dut_serial": "SN001", "station_id": "b"} | wrong)
    assert not client.data_dir.exists()


def test_runs_of_one_serial_in_one_second_keep_a_file_each(client: LitmusClient) -> None:
    ids = {record(client, "SN001") for _ in range(5)}
    paths = {run.file_path for run in client.list_runs()}
    assert {run.test_run_id for run in client.list_runs()} == ids
    assert len(paths) == 5


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"no parquet at all",
        lambda content: content[: len(content) // 2],
        lambda content: content[:-8] + b"\xff\xff\xff\x7fPAR1",
    ],
    ids=["empty", "text", "half", "footer"],
)
def test_a_damaged_run_file_is_told_and_the_good_ones_are_read(
    client: LitmusClient, damage: Callable[[bytes], bytes]
) -> None:
    first, broken, last = (record(client, serial) for serial in ("SN1", "SN2", "SN3"))
    path = Path(client.get_run(broken).file_path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.warns(LitmusWarning, match="SN2"):
        assert [run.test_run_id for run in client.list_runs()] == [last, first]
    with pytest.warns(LitmusWarning, match="SN2"):
        assert client.get_run(broken) is None
    with pytest.warns(LitmusWarning, match="SN2"):
        assert client.get_measurements(broken) == []


@pytest.fixture
def blocked(data_dir: Path) -> Path:
    """A data directory that cannot be made, not even by root: a file is in its place."""
    data_dir.parent.mkdir(parents=True)
    data_dir.write_text("not a folder")
    return data_dir


def test_a_data_directory_that_cannot_be_written_warns_and_the_test_goes_on(blocked: Path) -> None:
    def record_and_attach() -> TestRun:
        run = LitmusClient(blocked).start_run("SN001", "bench_1")
        with run.step("step") as step:
            assert step.measure("x", 9, high=1).outcome == "failed"
            assert step.attach("note", b"content") == ""
        return run.finish()

    with pytest.warns(LitmusWarning) as warned:
        done = record_and_attach()
    assert done.outcome == "failed"
    assert len(done.steps[0].vectors[0].measurements) == 1
    texts = [str(warning.message) for warning in warned]
    assert all(str(blocked) in text for text in texts if "could not be written: " in text)
    assert sum("an event could not be written" in text for text in texts) == 1
    assert {warning.filename for warning in warned} == {__file__}


def test_where_warnings_are_errors_recording_still_does_not_fail_a_test(
    blocked: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = LitmusClient(blocked).start_run("SN001", "bench_1")  # the project's filter: error
    with run.step("step") as step:
        step.measure("x", 1)
    run.finish()
    assert "could not be written" in caplog.text


def test_an_event_that_cannot_be_written_is_counted(blocked: Path) -> None:
    log = EventLog(blocked)
    with pytest.warns(LitmusWarning, match="could not be written"):
        assert log.emit(Note(step_name="s", step_index=0, key="k", value=1)) is False
    log.close()
    assert log.events_lost == 1


RECORD_UNTIL_FULL = """
import sys, warnings
from litmus.client import LitmusClient
limit = int(sys.argv[2])
if limit:
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
warnings.simplefilter("always")
run = LitmusClient(sys.argv[1]).start_run("SN001", "bench_1")
with run.step("step") as step:
    for number in range(5000):
        step.measure("x", number, low=0)
print(run.finish().outcome)
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A file system of 1 MiB; where that cannot be mounted, a limit of that size for each file."""
    folder = tmp_path / "small"
    folder.mkdir()
    size = 1 << 20
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    yield folder, 0 if mounted.returncode == 0 else size
    if mounted.returncode == 0:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_ends_no_test_and_what_was_acknowledged_is_there(
    small_disk: tuple[Path, int],
) -> None:
    folder, limit = small_disk
    done = subprocess.run(
        [sys.executable, "-c", RECORD_UNTIL_FULL, str(folder / "data"), str(limit)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "passed\n"), done.stderr
    # Once per outage: at the very end of the space a shorter event may still fit.
    assert 1 <= done.stderr.count("LitmusWarning: an event could not be written") <= 3
    files = [read_event_file(path) for path in (folder / "data/events").rglob("*.arrow")]
    events = [event for file in files for event in file.events]
    values = [event.value for event in events if event.event_type == "test.measurement"]
    assert 100 < len(values) < 5000
    assert values == sorted(values)
    assert not any(file.damages for file in files)
    if not limit:  # space is kept for the end of a run; a limit for each file leaves none
        (ended,) = [event for event in events if event.event_type == "run.ended"]
        assert ended.events_lost >= 5000 - len(values)
