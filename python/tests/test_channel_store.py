# SPDX-License-Identifier: Apache-2.0
import math
import os
import signal
import struct
import subprocess
import sys
import threading
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pyarrow as pa
import pytest
from litmus.data.channels.models import ChannelSample
from litmus.data.channels.store import ChannelStore
from litmus.data.models import Waveform
from litmus.data.ref import (
    classify_value,
    is_ref,
    make_channel_uri,
    parse_channel_uri,
    ref_scheme,
)
from litmus.errors import InvalidArgumentError, LitmusWarning, NotFoundError

SESSION = UUID("3fcca080-64bd-4d0e-8a6b-3c8f6d2a9001")
START = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ChannelStore]:
    with ChannelStore(tmp_path, SESSION) as store:
        yield store


def values(table: pa.Table, column: str = "value") -> list[object]:
    return list(table.column(column).to_pylist())


def test_a_written_sample_is_queried_and_resolved(store: ChannelStore) -> None:
    uri = store.write(
        "dmm.voltage", 3.31, units="V", source="measure_voltage", instrument_role="dmm",
        resource="TCPIP::1", direction="read",
    )  # fmt: skip
    assert uri == f"channel://dmm.voltage/{SESSION}/0"
    (row,) = store.query("dmm.voltage").to_pylist()
    assert row["value"] == 3.31
    assert row["units"] == "V"
    assert row["source_method"] == "measure_voltage"
    assert row["direction"] == "read"
    assert row["session_id"] == str(SESSION)
    assert row["timestamp"].tzinfo is not None
    assert store.resolve(uri).to_pylist() == [row]


def test_a_waveform_comes_back_whatever_holds_its_samples(store: ChannelStore) -> None:
    samples = np.arange(1000.0)
    for value in (
        samples,
        samples.astype(np.int16),
        samples[::-1][::-1],
        samples.tolist(),
        tuple(samples),
        range(1000),
        array("h", range(1000)),
        (samples, 1e-6),
        Waveform(dt=1e-6, Y=samples.tolist()),
        {"samples": samples.tolist(), "sample_interval": 1e-6},
    ):
        uri = store.write("scope.ch1", value, units="V")
        assert uri is not None
        (row,) = store.resolve(uri).to_pylist()
        assert row["samples"] == samples.tolist()
    assert values(store.query("scope.ch1"), "sample_interval") == [*[0] * 7, *[1e-6] * 3]


def test_a_waveform_that_knows_when_it_was_taken_says_so(store: ChannelStore) -> None:
    taken = datetime(2026, 3, 10, 12, tzinfo=UTC)
    store.write("scope.ch1", Waveform(t0=taken.timestamp(), dt=1e-6, Y=[1, 2]))
    store.write("scope.ch1", Waveform(t0=-0.5, dt=1e-6, Y=[3]))  # before a trigger
    first, second = store.query("scope.ch1").to_pylist()
    assert (first["timestamp"], first["sample_interval"]) == (taken, 1e-6)
    assert second["timestamp"] > datetime.now(UTC) - timedelta(minutes=5)


def test_scalars_of_all_kinds_keep_their_kind(store: ChannelStore) -> None:
    store.write("a", True)
    store.write("a", np.bool_(False))
    store.write("b", "DC")
    store.write("c", Decimal("1.5"))
    store.write("c", np.float32(2.5))
    store.write("c", 3)
    assert values(store.query("a")) == [True, False]
    assert values(store.query("b")) == ["DC"]
    assert values(store.query("c")) == [1.5, 2.5, 3.0]


def test_a_mapping_is_a_column_per_key(store: ChannelStore) -> None:
    uri = store.write("psu.state", {"volts": 3, "on": True, "name": "main", "trace": [[1, 2], [3]]})
    assert uri is not None
    (row,) = store.resolve(uri).to_pylist()
    assert row["volts"] == 3.0
    assert row["on"] is True
    assert row["trace"] == [[1.0, 2.0], [3.0]]


@pytest.mark.parametrize(
    "value",
    [
        b"bytes", None, object(), np.zeros((2, 2)), np.array([1j]), ["a", "b"], {1, 2}, 10**400,
        np.datetime64("2026-03-10"),
    ],
)  # fmt: skip
def test_what_is_no_sample_is_refused(store: ChannelStore, value: object) -> None:
    with pytest.raises(ValueError, match=r"channel x: expected a number.*found"):
        store.write("x", value)


@pytest.mark.parametrize("channel", ["", "a/b", "a\\b", "a..b", "x" * 201])
def test_an_id_that_cannot_be_one_is_refused(store: ChannelStore, channel: str) -> None:
    with pytest.raises(InvalidArgumentError, match="channel id"):
        store.write(channel, 1.0)


def test_a_block_has_a_row_for_each_value(store: ChannelStore) -> None:
    first = store.write_block("daq", np.arange(10.0), t0=START, sample_interval=0.5, units="A")
    assert first == f"channel://daq/{SESSION}/0"
    times = [START + timedelta(seconds=10 + i) for i in range(3)]
    store.write_block("daq", [10, 11, 12], timestamps=times)
    stamps = np.array(["2026-03-10T12:00:20", "2026-03-10T12:00:21"], "datetime64[s]")
    store.write_block("daq", [13, 14], timestamps=stamps)
    table = store.query("daq")
    assert values(table) == list(range(15))
    assert values(table, "timestamp")[10:13] == times
    assert values(store.query("daq", start=times[0], end=times[1])) == [10, 11]
    assert values(store.query("daq", start=times[0].replace(tzinfo=None), last_n=2)) == [13, 14]
    assert values(store.query("daq", last_n=3, order="desc")) == [14, 13, 12]
    with pytest.raises(InvalidArgumentError, match="as many timestamps"):
        store.write_block("daq", [1.0], timestamps=times)


def test_a_session_is_selected_by_its_beginning_or_as_a_whole(
    store: ChannelStore, tmp_path: Path
) -> None:
    twin = UUID("3fcca080-0000-4000-8000-000000000001")
    with ChannelStore(tmp_path, twin) as other:
        other.write("dmm.voltage", 2.0)
        store.write("dmm.voltage", 1.0)
        assert sorted(map(float, values(store.query("dmm.voltage", session_id="3fcca080")))) == [
            1,
            2,
        ]  # type: ignore[arg-type]
        assert values(store.query("dmm.voltage", session_id=twin)) == [2]
        assert values(store.query("dmm.voltage", session_id=str(SESSION))) == [1]
        assert store.query("dmm.voltage", session_id=uuid4()).num_rows == 0


def test_a_block_that_is_no_row_of_numbers_is_refused(store: ChannelStore) -> None:
    for values, found in (
        ([[1, 2], [3, 4]], "2 dimensions"),
        (["1"], "<U1"),
        (np.array([1j]), "complex128"),
        ([object()], "float"),
    ):
        with pytest.raises(InvalidArgumentError, match=f"one dimension, found {found}"):
            store.write_block("daq", values)
    for times, found in (
        ([1.5], "whole microseconds since 1970, found float64"),
        (["2026-03-10"], "whole microseconds since 1970, found <U10"),
        (np.array(["NaT"], "M8[s]"), "years 1 to 9999"),
        ([10**18], "years 1 to 9999"),
    ):
        with pytest.raises(InvalidArgumentError, match=f"daq: expected .*{found}"):
            store.write_block("daq", [1.0], timestamps=times)
    for interval in (math.inf, 1e12):
        with pytest.raises(InvalidArgumentError, match="daq: expected"):
            store.write_block("daq", [1.0, 2.0], sample_interval=interval)
    assert store.query("daq").num_rows == 0
    store.write_block("daq", np.ma.array([1.0, 2.0], mask=[False, True]))
    first, masked = store.query("daq")["value"].to_pylist()
    assert first == 1.0
    assert math.isnan(masked)


def test_a_direction_is_one_of_three(store: ChannelStore) -> None:
    for write in (
        lambda: store.write("dmm", 1.0, direction="sideways"),  # type: ignore[arg-type]
        lambda: store.write("dmm", [1.0], direction="sideways"),  # type: ignore[arg-type]
    ):
        with pytest.raises(InvalidArgumentError, match="expected read, set or observe"):
            write()
    assert store.query("dmm").num_rows == 0


def test_a_program_ends_well_with_a_subscription_that_it_has_not_ended(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from uuid import uuid4\n"
        "from litmus.data.channels.store import ChannelStore\n"
        "store = ChannelStore(sys.argv[1], uuid4())\n"
        "store.on_channel(None, print)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_an_unknown_channel_is_an_empty_table_with_columns(store: ChannelStore) -> None:
    wanted = store.query("nothing", columns=["samples", "timestamp"])
    assert (wanted.num_rows, wanted.column_names) == (0, ["samples", "timestamp"])
    table = store.query("nothing")
    assert table.num_rows == 0
    assert table.schema.field("timestamp").type == pa.timestamp("us", "UTC")
    assert table.schema.field("value").type == pa.float64()
    assert table.schema.field("session_id").type == pa.string()
    store.write("text", "a")
    assert store.query("text", end="2020-01-01").schema.field("value").type == pa.string()
    assert store.get_channel_schema("text").field("value").type == pa.string()


def test_one_capture_is_expanded_with_the_time_of_each_sample(store: ChannelStore) -> None:
    store.write("scope.ch1", (np.sin(np.arange(100_000) / 500), 1e-9), timestamp=START)
    table = store.query("scope.ch1", expand=True)
    assert table.num_rows == 100_000
    assert table.column("timestamp")[7].value - table.column("timestamp")[0].value == 7
    assert table.column("offset_s")[7].as_py() == pytest.approx(7e-9)
    assert store.query("scope.ch1", expand=True, max_points=500).num_rows == 500
    store.write("scope.ch1", [1.0])
    nothing = store.query("scope.ch2", expand=True, max_points=5)
    assert (nothing.num_rows, nothing.schema) == (0, table.schema)
    with pytest.raises(InvalidArgumentError, match="expected one waveform to expand, found 2 rows"):
        store.query("scope.ch1", expand=True)
    assert values(store.query("scope.ch1", last_n=1, expand=True)) == [1.0]


def test_channels_are_listed_with_what_is_known_of_them(
    store: ChannelStore, tmp_path: Path
) -> None:
    store.write("dmm.voltage", 1.0, units="V", instrument_role="dmm", resource="GPIB::1")
    store.write("scope.ch1", [1, 2], instrument_role="scope")
    dmm, scope = store.list_channel_info()
    assert (dmm.channel_id, dmm.data_type, dmm.units) == ("dmm.voltage", "scalar", "V")
    assert (dmm.instrument_role, dmm.resource, dmm.row_count) == ("dmm", "GPIB::1", 1)
    assert (scope.data_type, scope.sessions) == ("waveform", 1)
    (date,) = (p.name for p in (tmp_path / "channels").iterdir() if p.name.startswith("20"))
    assert store.list_channel_refs([date]) == {
        ("dmm.voltage", "3fcca080"),
        ("scope.ch1", "3fcca080"),
    }


def test_segments_are_arrow_streams_that_any_reader_opens(tmp_path: Path) -> None:
    with ChannelStore(tmp_path, SESSION) as store:
        for i in range(10):
            store.write("dmm.voltage", i, units="V", source=f"method_{i % 3}")
        store.flush()
        (path,) = tmp_path.glob("channels/2*/*.arrow")
        table = pa.ipc.open_stream(path).read_all()
    assert values(table) == list(range(10))
    assert values(table, "source_method")[:4] == ["method_0", "method_1", "method_2", "method_0"]
    assert values(table, "session_id") == [str(SESSION)] * 10
    assert values(table, "seq") == list(range(10))


def test_a_store_that_is_not_closed_loses_nothing_when_the_program_ends(tmp_path: Path) -> None:
    program = (
        "import sys, os, signal\n"
        "from litmus.data.channels.store import ChannelStore\n"
        f"store = ChannelStore(sys.argv[1], '{SESSION}')\n"
        "for i in range(5000): store.write('dmm.voltage', i)\n"
        "if sys.argv[2] == 'kill': os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    for end, status in (("return", 0), ("kill", -signal.SIGKILL)):
        command = [sys.executable, "-c", program, str(tmp_path / end), end]
        assert subprocess.run(command, check=False).returncode == status
        with ChannelStore(tmp_path / end, uuid4()) as store:
            assert values(store.query("dmm.voltage")) == list(range(5000))


def test_a_child_of_a_fork_writes_segments_of_its_own(store: ChannelStore) -> None:
    store.write("dmm.voltage", 1.0)
    child = os.fork()
    if child == 0:
        uri = store.write("dmm.voltage", 2.0)
        os._exit(0 if uri is not None and uri.endswith(f"/0@{os.getpid()}") else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert sorted(map(float, values(store.query("dmm.voltage")))) == [1, 2]  # type: ignore[arg-type]


def test_a_damaged_segment_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    sessions = [uuid4() for _ in range(3)]
    program = (
        "import sys\n"
        "from litmus.data.channels.store import ChannelStore\n"
        "for i, session in enumerate(sys.argv[2:]):\n"
        "    with ChannelStore(sys.argv[1], session) as store: store.write('dmm.voltage', i)\n"
    )
    # All segments are compacted when the program has ended.
    subprocess.run([sys.executable, "-c", program, tmp_path, *map(str, sessions)], check=True)
    session8 = str(sessions[1])[:8]
    (path,) = tmp_path.glob(f"channels/2*/*_{session8}.arrow")
    path.write_bytes(path.read_bytes().replace(struct.pack("<d", 1.0), struct.pack("<d", 1.5)))
    with (
        ChannelStore(tmp_path, uuid4()) as store,
        pytest.warns(LitmusWarning, match=f"_{session8}.arrow"),
    ):
        assert values(store.query("dmm.voltage")) == [0, 2]


def test_references_are_made_and_taken_apart() -> None:
    uri = make_channel_uri("scope.ch1 µ", SESSION, 7)
    assert uri == f"channel://scope.ch1%20%C2%B5/{SESSION}/7"
    assert parse_channel_uri(uri) == ("scope.ch1 µ", str(SESSION), 7, "")
    assert parse_channel_uri(f"channel://a/{SESSION}/7@42").writer == "42"
    assert parse_channel_uri(make_channel_uri("a", SESSION)) == ("a", str(SESSION), None, "")
    assert parse_channel_uri("channel://a") == ("a", "", None, "")
    for text in ("channel://", "channel://a/b/c", f"channel://a/{SESSION}/-1", "file://x"):
        with pytest.raises(InvalidArgumentError):
            parse_channel_uri(text)
    assert (ref_scheme("file://_ref/x"), ref_scheme(uri), ref_scheme("x")) == (
        "file",
        "channel",
        None,
    )
    assert is_ref(uri)
    assert not is_ref(3)


def test_a_reference_to_a_row_that_is_not_there_is_an_error(store: ChannelStore) -> None:
    store.write("dmm.voltage", 1.0)
    with pytest.raises(NotFoundError, match="no such row"):
        store.resolve(make_channel_uri("dmm.voltage", SESSION, 1))
    assert store.resolve(make_channel_uri("dmm.voltage", SESSION)).num_rows == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, "scalar"), (1.5, "scalar"), ("a", "scalar"), (None, "scalar"), (True, "scalar"),
        ([1, 2], "numeric_array"), (([1, 2], 0.1), "numeric_array"), (np.zeros(3), "numeric_array"),
        ({"a": 1}, "channel"), (b"x", "blob"), (["a"], "blob"), (object(), "blob"),
    ],
)  # fmt: skip
def test_values_are_told_apart_by_their_kind(value: object, expected: str) -> None:
    assert classify_value(value) == expected


def test_samples_of_any_process_reach_a_callback(store: ChannelStore, tmp_path: Path) -> None:
    found: list[ChannelSample] = []
    everything = threading.Event()

    def take(sample: ChannelSample) -> None:
        found.append(sample)
        if len(found) == 1003:
            everything.set()
        if len(found) == 5:
            raise ValueError("of the callback")

    store.write("dmm.voltage", -1.0)
    store.flush()
    unsubscribe = store.on_channel("dmm.*", take)
    program = (
        "import sys\n"
        "from litmus.data.channels.store import ChannelStore\n"
        f"with ChannelStore(sys.argv[1], '{uuid4()}') as store:\n"
        "    for i in range(1000): store.write('dmm.voltage', i, units='V')\n"
        "    store.write('dmm.trace', [1, 2, 3], sample_interval=0.5)\n"
        "    store.write('scope.ch1', [1])\n"
        "    store.write('dmm.state', {'range': 10, 'auto': True})\n"
    )
    subprocess.run([sys.executable, "-c", program, tmp_path], check=True)
    store.write("dmm.mode", "DC")
    assert everything.wait(10)
    unsubscribe()
    voltages = [sample.value for sample in found if sample.channel_id == "dmm.voltage"]
    assert voltages == list(range(1000))
    others = {sample.channel_id: sample for sample in found if sample.channel_id != "dmm.voltage"}
    assert set(others) == {"dmm.trace", "dmm.state", "dmm.mode"}
    assert (others["dmm.trace"].value, others["dmm.trace"].sample_interval) == ([1, 2, 3], 0.5)
    assert others["dmm.state"].value == {"range": 10.0, "auto": True}
    assert others["dmm.mode"].session_id == str(SESSION)
    store.write("dmm.voltage", 9.0)
    store.flush()
    assert len(found) == 1003


def test_a_subscription_can_begin_with_what_is_stored(store: ChannelStore) -> None:
    store.write("psu.volts", 1.0, instrument_role="psu")
    store.flush()
    found = []
    done = threading.Event()

    def take(sample: ChannelSample) -> None:
        found.append(sample.value)
        if len(found) == 2:
            done.set()

    unsubscribe = store.on_channel(
        None, take, role="psu", session_id=str(SESSION)[:8], with_stored=True
    )
    store.write("psu.volts", 2.0)
    assert done.wait(10)
    unsubscribe()
    assert found == [1.0, 2.0]
