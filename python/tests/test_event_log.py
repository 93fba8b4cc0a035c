# SPDX-License-Identifier: Apache-2.0
"""Events from the dataclass to the file and back."""

import dataclasses
import enum
import math
from collections import OrderedDict
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from litmus.client import LitmusClient
from litmus.data import events
from litmus.data.event_log import EventFile, EventLog, read_event_file
from litmus.data.events import EVENT_TYPES, EventBase, UnknownEvent
from litmus.data.models import Limit, Waveform
from litmus.data.outcomes import Comparator, Outcome
from litmus.errors import InvalidArgumentError, NotFoundError

NOON = datetime(2026, 3, 10, 12, 0, 0, 123456, tzinfo=UTC)
EXAMPLES: dict[str, Any] = {
    "str": "µ text",
    "int": -5,
    "float": 0.1,
    "bool": True,
    "UUID": UUID("12345678-1234-4234-8234-123456789abc"),
    "datetime": NOON,
    "Outcome": Outcome.FAILED,
    "Comparator": Comparator.GTLT,
    "Any": {"_ref": "channel://dmm", "list": [1, 2.5, None, "x"]},
    "dict[str, Any]": {"volts": 3.3, "nested": {"on": True}},
    "dict[str, int]": {"run": 1},
    "list[str]": ["a", "b"],
    "list[dict[str, Any]]": [{"node_id": "n", "step_index": 0}],
}


def note(**fields: Any) -> events.TestRecord:
    """An event for tests that any would do."""
    return events.TestRecord(**{"step_name": "s", "step_index": 0, "key": "k", "value": 1} | fields)


def example(kind: type[EventBase]) -> EventBase:
    """An event with a value in every field."""
    values = {
        field.name: EXAMPLES[
            str(getattr(field.type, "__name__", field.type)).removesuffix(" | None")
        ]
        if isinstance(field.type, type)
        else EXAMPLES[_name(field.type)]
        for field in dataclasses.fields(kind)
        if field.name not in {"received_at", "session_id"}
    }
    if issubclass(kind, events.SessionEvent):
        values["run_id"] = None
    return kind(**values)


def _name(annotation: Any) -> str:
    text = str(annotation).removesuffix(" | None")
    for module in ("typing.", "uuid.", "datetime.", "litmus.data.outcomes."):
        text = text.replace(module, "")
    return text


def write_and_read(data_dir: Path, *given: EventBase) -> EventFile:
    with EventLog(data_dir) as log:
        assert all(log.emit(event) for event in given)
    (path,) = (data_dir / "events").rglob("*.arrow")
    return read_event_file(path)


@pytest.mark.parametrize("kind", EVENT_TYPES.values(), ids=EVENT_TYPES.keys())
def test_every_type_of_event_is_read_back_as_it_was_emitted(
    data_dir: Path, kind: type[EventBase]
) -> None:
    given = example(kind)
    file = write_and_read(data_dir, given)
    (found,) = file.events
    assert type(found) is kind
    assert found.received_at is not None
    assert found.session_id is not None
    assert dataclasses.replace(found, received_at=None, session_id=None) == given
    assert (file.closed, file.damages) == (True, [])


def test_what_is_left_open_is_filled_in(data_dir: Path) -> None:
    before = datetime.now(UTC)
    with EventLog(data_dir) as log:
        log.emit(note(value=None))
    (path,) = (data_dir / "events").rglob("*.arrow")
    (found,) = read_event_file(path).events
    assert isinstance(found.id, UUID)
    assert found.session_id == log.session_id
    assert before <= found.occurred_at <= found.received_at <= datetime.now(UTC)


def test_unknown_events_are_kept_whole(data_dir: Path) -> None:
    given = UnknownEvent(event_type="future.thing", fields={"a": [1, {"_b": None}], "c": "d"})
    (found,) = write_and_read(data_dir, given).events
    assert isinstance(found, UnknownEvent)
    assert (found.event_type, found.fields) == ("future.thing", given.fields)


def test_the_session_is_the_one_given(data_dir: Path) -> None:
    session = uuid4()
    log = EventLog(data_dir, session)
    assert log.session_id == session
    log.emit(events.SessionStarted(session_id=session))
    with pytest.raises(InvalidArgumentError, match=str(session)):
        log.emit(events.SessionStarted(session_id=uuid4()))
    log.flush()
    log.close()
    assert log.events_lost == 0


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"step_name": None}, ["test.record", "step_name", "a value", "None"]),
        ({"step_name": 5}, ["test.record", "step_name", "a text", "int 5"]),
        ({"step_index": "0"}, ["test.record", "step_index", "an integer", "'0'"]),
        ({"step_index": True}, ["step_index", "an integer", "True"]),
        ({"step_index": 2**63}, ["step_index", "64 bits"]),
        ({"occurred_at": 5}, ["a datetime", "int 5"]),
        ({"occurred_at": "yesterday"}, ["yesterday"]),
        ({"id": 5}, ["id", "a UUID", "int 5"]),
        ({"run_id": "no-uuid"}, ["no-uuid"]),
    ],
)
def test_a_field_of_the_wrong_type_is_named(
    data_dir: Path, fields: dict[str, Any], expected: list[str]
) -> None:
    log = EventLog(data_dir)
    event = note()
    for name, value in fields.items():
        setattr(event, name, value)
    with pytest.raises(InvalidArgumentError) as raised:
        log.emit(event)
    assert all(part in str(raised.value) for part in expected), str(raised.value)


def test_only_events_can_be_emitted(data_dir: Path) -> None:
    log = EventLog(data_dir)
    for wrong in ({"event_type": "test.record"}, None, "text"):
        with pytest.raises((InvalidArgumentError, TypeError)):
            log.emit(wrong)
    with pytest.raises(ValueError, match="belongs to no run"):
        events.SessionStarted(run_id=uuid4())


def test_times_without_a_zone_are_utc_and_others_are_converted(data_dir: Path) -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    times = [NOON.replace(tzinfo=None), NOON.astimezone(east), NOON.isoformat()]
    given = [note(occurred_at=time) for time in times]
    found = write_and_read(data_dir, *given).events
    assert [event.occurred_at for event in found] == [NOON] * 3


class Colour(enum.Enum):
    RED = 1


class Broken:
    def __str__(self) -> str:
        raise RuntimeError("no text")


def circular() -> list[Any]:
    inside: list[Any] = [1]
    inside.append(inside)
    return inside


def deep(levels: int) -> Any:
    value: Any = "bottom"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (None, None),
        (True, True),
        (2**63 - 1, 2**63 - 1),
        (2**63, float(2**63)),
        (0.1, 0.1),
        (math.inf, "Infinity"),
        ("µ\x00", "µ\x00"),
        ("\ud800", "?"),
        (b"abc", "<bytes:3>"),
        (bytearray(4), "<bytes:4>"),
        (memoryview(b"ab"), "<bytes:2>"),
        ((1, [2]), [1, [2]]),
        ({1: {"_kept": None}, None: 2}, {"1": {"_kept": None}, "None": 2}),
        (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (circular(), [1, "<circular>"]),
        (np.float32(0.5), 0.5),
        (np.int8(3), 3),
        (np.True_, True),
        (np.arange(3), [0, 1, 2]),
        (np.array([[1.5], [2.5]]), [[1.5], [2.5]]),
        (np.datetime64("2026-03-10T12:00:00", "ns"), "2026-03-10T12:00:00.000000000"),
        (Decimal("1.5"), 1.5),
        (datetime(2026, 3, 10, tzinfo=UTC), "2026-03-10T00:00:00+00:00"),
        (date(2026, 3, 10), "2026-03-10"),
        (Path("/a"), "/a"),
        (Outcome.PASSED, "passed"),
        (Colour.RED, "Colour.RED"),
        (10**400, str(10**400)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_value_is_stored_as_json_can_hold_it(data_dir: Path, value: Any, stored: Any) -> None:
    given = note(value=value)
    (found,) = write_and_read(data_dir, given).events
    assert found.value == stored
    assert type(found.value) is type(stored)


def test_an_object_without_a_text_is_named_by_its_type(data_dir: Path) -> None:
    given = note(value=[Broken()])
    (found,) = write_and_read(data_dir, given).events
    assert "Broken" in found.value[0]


def test_nesting_ends_at_512(data_dir: Path) -> None:
    given = note(value=deep(5000))
    (found,) = write_and_read(data_dir, given).events
    depth, value = 0, found.value
    while isinstance(value, list):
        depth, value = depth + 1, value[0]
    assert (depth, value) == (512, "<too deep>")


def test_the_same_object_twice_is_not_circular(data_dir: Path) -> None:
    shared = [1]
    given = note(value=[shared, shared])
    (found,) = write_and_read(data_dir, given).events
    assert found.value == [[1], [1]]


def test_private_keys_of_inputs_and_outputs_are_left_out(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    with run.step("s") as step, step.vector(volts=1, _secret=2) as vector:
        vector.observe("_hidden", 3)
        vector.observe("seen", {"_kept": 4})
        vector.measure("m", 1)
    run.finish()
    (path,) = (client.data_dir / "events").rglob("*.arrow")
    (found,) = [
        e for e in read_event_file(path).events if isinstance(e, events.MeasurementRecorded)
    ]
    assert found.inputs == {"volts": 1}
    assert found.outputs == {"seen": {"_kept": 4}}


def test_large_values_are_kept_as_files_that_other_programs_read(
    data_dir: Path, tmp_path: Path
) -> None:
    vector = uuid4()
    note_file = tmp_path / "notes.txt"
    note_file.write_text("seen")
    with EventLog(data_dir) as log:
        log.emit(note())
        assert log.path is not None
        folder = log.path.parent / f"{log.session_id}_ref"

        def kept(key: str, value: object, extension: str) -> Path:
            uri = log.save_ref(vector, key, value)
            assert uri == f"file://_ref/{str(vector)[:8]}_{key}.{extension}"
            return folder / uri.removeprefix("file://_ref/")

        wave = np.load(
            kept("trace", Waveform(t0=1.0, dt=0.5, Y=[1.0, 2.0], attrs={"u": "V"}), "npz")
        )
        assert {name: wave[name].tolist() for name in wave} == {
            "Y": [1.0, 2.0], "t0": 1.0, "dt": 0.5, "attr_u": "V",
        }  # fmt: skip
        image = np.arange(6, dtype=np.uint8).reshape(2, 3)
        assert np.load(kept("image", image, "npy")).tolist() == image.tolist()
        assert np.load(kept("list", [1, 2.5], "npy")).tolist() == [1, 2.5]
        assert kept("notes", note_file, "txt").read_text() == "seen"
        assert kept("raw", b"\x00\x01", "bin").read_bytes() == b"\x00\x01"
        assert kept("limit", Limit(low=1.0, units="V"), "json").read_text().startswith('{"low":1.0')
        assert kept("map", {"a": [1]}, "json").read_text() == '{"a": [1]}'
        for wrong in (object(), {"a": math.nan}, [[1], [1, 2]], np.array([object()]), {"a", "b"}):
            with pytest.raises(InvalidArgumentError, match=r"^x: "):
                log.save_ref(vector, "x", wrong)
        with pytest.raises(NotFoundError, match="there is no file"):
            log.save_ref(vector, "x", tmp_path / "nothing")


def test_a_damaged_file_gives_what_is_intact_and_tells_what_is_not(data_dir: Path) -> None:
    log = EventLog(data_dir)
    for key in ("first", "second", "third"):
        log.emit(note(key=key))
    (path,) = (data_dir / "events").rglob("*.arrow")
    content = bytearray(path.read_bytes())
    content[content.index(b'"second"')] ^= 0xFF
    copy = path.with_name("copy.arrow")
    copy.write_bytes(content)
    file = read_event_file(copy)
    assert [event.key for event in file.events] == ["first", "third"]
    (damage,) = file.damages
    assert (damage.first_seq, damage.last_seq) == (1, 1)
    assert 0 < damage.begin < damage.end <= len(content)
    assert damage.what
    assert not file.closed


def test_a_file_that_is_not_there_is_an_error(data_dir: Path) -> None:
    with pytest.raises(NotFoundError, match=r"nowhere\.arrow"):
        read_event_file(data_dir / "nowhere.arrow")


def test_the_events_of_a_run_stand_in_the_order_of_the_specification(client: LitmusClient) -> None:
    run = client.start_run("SN001", "bench_1")
    with run.step("s") as step:
        step.measure("m", 1)
    run.finish()
    (path,) = (client.data_dir / "events").rglob("*.arrow")
    found = read_event_file(path).events
    assert [event.event_type for event in found] == [
        "session.started",
        "run.started",
        "test.step_started",
        "test.measurement",
        "test.step_ended",
        "run.ended",
        "session.ended",
        "run.materialized",
    ]
    assert {event.run_id for event in found} == {run.id, None}
    assert {event.session_id for event in found} == {run.finish().session_id}
