# SPDX-License-Identifier: Apache-2.0
"""A reader made from docs/formats/event-file.md alone, without Arrow and without Litmus."""

import struct
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import google_crc32c
import pyarrow.ipc
from litmus.client import LitmusClient

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "src/store/testdata/one_event.arrow"
DOCUMENT = ROOT / "docs/formats/event-file.md"
END_MARKER = bytes.fromhex("FFFFFFFF00000000")
# Which of the 23 buffers of a message holds what: (offsets, bytes) of a text, or the number itself.
TEXTS = {"id": (1, 2), "event_type": (4, 5), "session_id": (11, 12), "json": (17, 18)}
NUMBERS = {"occurred_at": (7, "<q"), "received_at": (9, "<q"), "seq": (20, "<q"), "crc": (22, "<I")}


def read_live_events(data: bytes) -> Iterator[dict[str, Any]]:
    position = 8 + struct.unpack_from("<I", data, 4)[0]
    while data[position:] != END_MARKER:
        assert struct.unpack_from("<II", data, position) == (0xFFFFFFFF, 600)
        (body_length,) = struct.unpack_from("<q", data, position + 0x28)
        buffers = [struct.unpack_from("<qq", data, position + 0x58 + 16 * i) for i in range(23)]
        (run_id_nulls,) = struct.unpack_from("<q", data, position + 0x1D0 + 16 * 5 + 8)
        body = position + 608

        def text(offsets: int, content: int, body: int = body, buffers: list[Any] = buffers) -> str:
            start, end = struct.unpack_from("<ii", data, body + buffers[offsets][0])
            at = body + buffers[content][0]
            return data[at + start : at + end].decode()

        event: dict[str, Any] = {name: text(*places) for name, places in TEXTS.items()}
        event["run_id"] = None if run_id_nulls else text(14, 15)
        for name, (buffer, form) in NUMBERS.items():
            (event[name],) = struct.unpack_from(form, data, body + buffers[buffer][0])
        yield event
        position = body + body_length


def row_checksum(event: dict[str, Any]) -> int:
    data = struct.pack("<qqq", event["seq"], event["occurred_at"], event["received_at"])
    for name in ("id", "event_type", "session_id", "run_id", "json"):
        value = event[name]
        if value is None:
            data += struct.pack("<I", 0xFFFFFFFF)
        else:
            data += struct.pack("<I", len(value.encode())) + value.encode()
    return int(google_crc32c.value(data))


def test_the_example_reads_as_the_document_says() -> None:
    data = EXAMPLE.read_bytes()
    (event,) = read_live_events(data)
    assert event["event_type"] == "session.ended"
    assert event["occurred_at"] == 1_773_153_022_000_001
    assert event["run_id"] is None
    assert event["crc"] == row_checksum(event) == 0x69AD8BBD


def test_every_byte_sequence_in_the_document_stands_at_its_offset() -> None:
    data = EXAMPLE.read_bytes()
    checked = 0
    for line in DOCUMENT.read_text().splitlines():
        cells = [cell.strip(" `") for cell in line.split("|")]
        if len(cells) > 3 and cells[1].startswith("0x"):
            content = cells[2].removesuffix(" …")
            if all(len(part) == 2 for part in content.split()):
                expected = bytes.fromhex(content)
                offset = int(cells[1], 16)
                assert data[offset : offset + len(expected)] == expected, line
                checked += 1
    assert checked >= 14


def test_a_recorded_run_is_read_alike_by_the_document_and_by_arrow(tmp_path: Path) -> None:
    client = LitmusClient(data_dir=tmp_path)
    run = client.start_run(dut_serial="SN001", station_id="bench_1")
    with run.step("rail") as step:
        step.measure("voltage", 3.3, units="V", low=3.1, high=3.5)
    (path,) = (tmp_path / "events").rglob("*.arrow")
    live = path.read_bytes() + END_MARKER  # the process has not closed it yet
    events = list(read_live_events(live))
    assert [event["seq"] for event in events] == list(range(len(events)))
    assert all(event["crc"] == row_checksum(event) for event in events)
    assert all(uuid.UUID(event["id"]).version == 4 for event in events)
    rows = pyarrow.ipc.open_stream(live).read_all().to_pylist()
    assert [row["json"] for row in rows] == [event["json"] for event in events]
    run.finish()
