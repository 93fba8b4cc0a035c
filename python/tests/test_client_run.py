# SPDX-License-Identifier: Apache-2.0
"""A run from start_run to what is read back."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pyarrow.parquet as pq
import pytest
from litmus.client import LitmusClient, RunBuilder
from litmus.data.models import Outcome, RunSummary, TestRun
from litmus.errors import ConflictError, InvalidArgumentError, LitmusWarning, NotFoundError


def record(client: LitmusClient, serial: str = "SN001", value: float = 3.3) -> TestRun:
    run = client.start_run(serial, "bench_1")
    with run.step("rail") as step:
        step.measure("voltage", value, units="V", low=3.1, high=3.5)
    return run.finish()


def test_a_run_is_in_the_dated_folder_under_its_start_and_serial(
    client: LitmusClient, data_dir: Path
) -> None:
    done = record(client)
    stamp = done.started_at.strftime("%Y%m%dT%H%M%SZ")
    expected = data_dir / "runs" / done.started_at.strftime("%Y-%m-%d") / f"{stamp}_SN001.parquet"
    assert client.get_run(str(done.id)).file_path == str(expected)
    assert expected.exists()


def test_without_an_argument_the_data_lies_in_litmus_home(home: Path) -> None:
    assert LitmusClient().data_dir == home / "data"
    done = record(LitmusClient())
    assert list((home / "data/runs").rglob("*.parquet"))
    assert LitmusClient().get_run(str(done.id)).outcome == "passed"


def test_the_project_file_decides_where_the_data_lies(tmp_path: Path) -> None:
    Path("litmus.yaml").write_text("name: demo\ndata_dir: results\n")
    done = record(LitmusClient())
    assert (tmp_path / "work/results/runs").is_dir()
    assert done.project_name == "demo"
    assert LitmusClient().get_run(str(done.id)).project_name == "demo"


def test_what_start_run_is_given_is_stored(client: LitmusClient) -> None:
    run = client.start_run(
        dut_serial=" SN7 ",
        station_id="bench_1",
        dut_part_number="PN",
        dut_revision="B",
        dut_lot_number="L1",
        station_type="functional",
        operator="ada",
        test_phase="production",
    )
    with run.step("s") as step:
        step.measure("m", 1)
    done = run.finish()
    assert (done.operator_id, done.test_phase, done.dut.revision) == ("ada", "production", "B")
    found = client.get_run(str(run.id))
    assert found.dut_serial == "SN7"
    assert found.dut_part_number == "PN"
    assert found.dut_lot_number == "L1"
    assert found.station_id == "bench_1"
    assert found.station_type == "functional"
    assert found.operator == "ada"
    assert found.test_phase == "production"
    (row,) = client.get_measurements(run.id)
    assert row["dut_revision"] == "B"
    assert row["operator_id"] == "ada"


def test_the_id_is_fixed_from_the_start_on(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    assert isinstance(run.id, UUID)
    assert run.finish().id == run.id
    assert client.list_runs()[0].test_run_id == str(run.id)


def test_list_and_look_up_fill_the_same_fields(client: LitmusClient) -> None:
    done = record(client)
    (listed,) = client.list_runs()
    assert isinstance(listed, RunSummary)
    assert listed == client.get_run(str(done.id))
    assert listed.total_measurements == 1
    assert listed.total_steps == 1
    assert listed.started_at == done.started_at
    assert listed.ended_at == done.ended_at
    assert listed.session_id == str(done.session_id)
    assert listed.outcome == done.outcome == "passed"


def test_runs_are_listed_newest_first_up_to_the_limit(client: LitmusClient) -> None:
    ids = [str(record(client).id) for _ in range(5)]
    assert [run.test_run_id for run in client.list_runs()] == ids[::-1]
    assert [run.test_run_id for run in client.list_runs(limit=2)] == ids[:2:-1]
    assert len(client.list_runs(limit=None)) == 5
    assert client.list_runs(limit=0) == []


def test_an_empty_data_directory_has_no_runs(client: LitmusClient) -> None:
    assert client.list_runs() == []
    assert client.get_run("abc123") is None
    assert client.get_measurements("abc123") == []


def test_a_run_is_found_by_the_beginning_of_its_id(client: LitmusClient) -> None:
    done = record(client)
    for length in (8, 13, 36):
        assert client.get_run(str(done.id)[:length]).test_run_id == str(done.id)
    assert client.get_run(done.id).test_run_id == str(done.id)
    assert len(client.get_measurements(str(done.id)[:8])) == 1


def test_the_whole_text_given_is_matched(client: LitmusClient) -> None:
    known = str(record(client).id)
    other = known[:-1] + ("0" if known[-1] != "0" else "1")
    assert client.get_run(other) is None
    assert client.get_measurements(other) == []


def test_an_ambiguous_id_lists_the_candidates(client: LitmusClient) -> None:
    ids = [str(record(client).id) for _ in range(17)]  # 16 first digits: two ids share theirs
    shared = next(i[0] for i in ids if sum(other[0] == i[0] for other in ids) > 1)
    candidates = [i for i in ids if i[0] == shared]
    with pytest.raises(ConflictError) as raised:
        client.get_run(shared)
    assert all(candidate[:8] in str(raised.value) for candidate in candidates)
    with pytest.raises(ValueError, match=candidates[0][:8]):
        client.get_measurements(shared)


def test_measurements_are_dicts_by_column_in_the_order_of_recording(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    with run.step("outer") as outer:
        outer.measure("first", 1)
        with run.step("inner") as inner:
            inner.measure("second", 2, units="V", low=0, high=3)
        outer.measure("third", 3)
    run.finish()
    rows = client.get_measurements(str(run.id))
    assert [row["measurement_name"] for row in rows] == ["first", "second", "third"]
    assert rows[1]["measurement_value"] == 2.0
    assert rows[1]["measurement_units"] == "V"
    assert rows[1]["measurement_outcome"] == "passed"
    assert (rows[1]["limit_low"], rows[1]["limit_high"]) == (0.0, 3.0)
    assert rows[1]["step_name"] == "inner"
    assert rows[1]["step_path"] == "outer/inner"
    assert rows[1]["dut_serial"] == "SN001"
    assert rows[1]["record_type"] == "measurement"
    assert rows[0]["limit_low"] is None


def test_a_run_without_steps_is_done(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    assert run.finish().outcome is Outcome.DONE
    assert client.get_run(run.id).outcome == "done"


def test_a_run_of_skipped_steps_is_skipped(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    with run.step("s") as step:
        step.skip("no fixture")
    assert run.finish().outcome is Outcome.SKIPPED


def test_finishing_twice_changes_nothing(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    done = run.finish()
    ended_at = done.ended_at
    assert run.finish() is done
    assert run.abort("too late") is done
    assert (done.ended_at, done.outcome) == (ended_at, Outcome.DONE)
    assert client.get_run(run.id).outcome == "done"


def test_an_aborted_run_keeps_what_was_recorded(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    with run.step("rail") as step:
        step.measure("voltage", 3.3, low=3, high=4)
        done = run.abort("smoke")
    assert done.outcome is Outcome.ABORTED
    assert [found.name for found in done.steps] == ["rail"]
    assert done.steps[0].outcome is Outcome.PASSED
    assert client.get_run(run.id).outcome == "aborted"
    assert len(client.get_measurements(run.id)) == 1


def test_a_with_block_finishes_the_run(client: LitmusClient) -> None:
    with client.start_run("SN001", "bench_1") as run, run.step("rail") as step:
        step.measure("voltage", 3.3, low=3, high=4)
    assert client.get_run(run.id).outcome == "passed"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (RuntimeError("broke"), Outcome.ERRORED),
        (AssertionError("wrong"), Outcome.FAILED),
        (KeyboardInterrupt(), Outcome.TERMINATED),
        (SystemExit(1), Outcome.TERMINATED),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("inside_step", [False, True])
def test_an_exception_through_the_with_block_ends_the_run_by_its_kind(
    client: LitmusClient, error: BaseException, outcome: Outcome, inside_step: bool
) -> None:
    runs: list[RunBuilder] = []

    def record_and_raise() -> None:
        with client.start_run("SN001", "bench_1") as run:
            runs.append(run)
            if inside_step:
                with run.step("rail"):
                    raise error
            raise error

    with pytest.raises(type(error)):
        record_and_raise()
    assert runs[0].finish().outcome is outcome
    assert client.get_run(runs[0].id).outcome == outcome


def test_finishing_inside_a_step_ends_the_step_first(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    with run.step("rail") as step:
        step.measure("voltage", 3.3, low=3, high=4)
        done = run.finish()
        with pytest.raises(InvalidArgumentError, match="ended"):
            step.measure("late", 1)
    assert len(done.steps) == 1
    assert done.outcome is Outcome.PASSED


def test_nothing_can_be_added_to_a_run_that_has_ended(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    run.finish()
    with pytest.raises(InvalidArgumentError, match=str(run.id)):
        run.set_metadata("key", 1)
    with pytest.raises(InvalidArgumentError, match="ended"), run.step("late"):
        pass


def test_metadata_becomes_custom_columns(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    run.set_metadata("fixture_rev", "C")
    with run.step("s") as step:
        step.measure("m", 1)
    run.set_metadata("ambient", 23.5)
    run.set_metadata("_private", 1)
    done = run.finish()
    assert done.custom_metadata == {"fixture_rev": "C", "ambient": 23.5}
    (row,) = client.get_measurements(run.id)
    assert row["custom_fixture_rev"] == "C"
    assert row["custom_ambient"] == 23.5
    assert "custom__private" not in row


@pytest.mark.parametrize("target", ["run", "step", "vector"])
def test_attachments_lie_beside_the_run_and_are_referred_to(
    client: LitmusClient, tmp_path: Path, target: str
) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"\x89PNG")
    run = client.start_run("SN001", "bench_1")
    with run.step("s") as step, step.vector(x=1) as vector:
        builder = {"run": run, "step": step, "vector": vector}[target]
        file_reference = builder.attach("photo", photo)
        bytes_reference = builder.attach("raw/trace", b"\x00\x01")
        text_path_reference = builder.attach("again", str(photo))
    done = run.finish()
    folder = Path(client.get_run(run.id).file_path).with_suffix("")
    folder = folder.with_name(folder.name + "_ref")
    contents = {
        reference: (folder / reference.removeprefix("file://_ref/")).read_bytes()
        for reference in (file_reference, bytes_reference, text_path_reference)
    }
    assert contents == {
        file_reference: b"\x89PNG",
        bytes_reference: b"\x00\x01",
        text_path_reference: b"\x89PNG",
    }
    assert re.fullmatch(r"file://_ref/[0-9a-f]{8}_photo\.png", file_reference)
    table = pq.read_table(client.get_run(run.id).file_path)
    column = "custom_photo" if target == "run" else "out_photo"
    assert file_reference in table[column].to_pylist()
    if target == "run":
        assert done.custom_metadata["photo"] == file_reference


def test_an_attachment_that_does_not_exist_is_an_error(
    client: LitmusClient, tmp_path: Path
) -> None:
    with client.start_run("SN001", "bench_1") as run:
        with pytest.raises(FileNotFoundError, match=r"missing\.png"):
            run.attach("photo", tmp_path / "missing.png")
        with pytest.raises(NotFoundError):
            run.attach("photo", tmp_path / "missing.png")


def test_a_forgotten_run_is_aborted_with_a_message(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    run_id = run.id
    with pytest.warns(LitmusWarning, match=str(run_id)):
        del run
    assert client.get_run(run_id).outcome == "aborted"


def test_times_are_utc_and_those_of_the_recording(client: LitmusClient) -> None:
    before = datetime.now(UTC)
    done = record(client)
    after = datetime.now(UTC)
    measurement = done.steps[0].vectors[0].measurements[0]
    times = [done.started_at, done.steps[0].started_at, measurement.timestamp, done.ended_at]
    assert times == sorted(times)
    assert before <= times[0] <= times[-1] <= after
    assert {time.utcoffset() for time in times} == {timedelta(0)}
    (row,) = client.get_measurements(done.id)
    assert row["measurement_timestamp"] == measurement.timestamp
    assert row["run_started_at"] == done.started_at


def test_texts_that_utf_8_cannot_hold_do_not_end_a_test(client: LitmusClient) -> None:
    undecodable = b"ID \xff".decode("utf-8", "surrogateescape")
    run = client.start_run(undecodable, "bench_1")
    run.set_metadata("answer", undecodable)
    with run.step(undecodable) as step:
        step.observe(undecodable, undecodable)
        step.attach("log " + undecodable, b"")
        step.measure("x", 1)
        step.fail(undecodable)
    run.finish()
    (row,) = client.get_measurements(run.id)
    assert row["custom_answer"] == row["out_ID ?"] == row["dut_serial"] == "ID ?"


def test_paths_that_are_no_utf_8_are_used_as_they_are(tmp_path: Path) -> None:
    folder = tmp_path / b"bench \xff".decode("utf-8", "surrogateescape")
    client = LitmusClient(folder)
    run = client.start_run("SN001", "bench_1")
    run.attach("trace", b"content")
    run.finish()
    assert client.data_dir == folder
    path = client.get_run(run.id).file_path
    assert path.startswith(str(folder))
    assert Path(path).exists()


@pytest.mark.parametrize("wrong", [5, None, b"key"])
def test_names_of_what_is_kept_must_be_texts(client: LitmusClient, wrong: object) -> None:
    with client.start_run("SN001", "bench_1") as run, run.step("s") as step:
        for keep in (run.set_metadata, step.observe, run.attach, step.attach):
            with pytest.raises(InvalidArgumentError, match="expected a text"):
                keep(wrong, b"content")


@pytest.mark.parametrize("run_id", ["zzz", " ", "%", "../x", "x" * 500])
def test_what_is_no_run_id_finds_nothing(client: LitmusClient, run_id: str) -> None:
    record(client)
    assert client.get_run(run_id) is None


def test_an_empty_run_id_is_refused(client: LitmusClient) -> None:
    with pytest.raises(InvalidArgumentError, match="empty"):
        client.get_run("")
