# SPDX-License-Identifier: Apache-2.0
"""Channels through the daemon."""

import json
import os
import queue
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow as pa
import pytest
from litmus import _core
from litmus.data.channels.client import ChannelClient
from litmus.data.channels.models import ChannelSample
from litmus.data.channels.store import ChannelStore
from litmus.errors import InvalidArgumentError, LitmusWarning, UnavailableError
from pyarrow import flight

pytestmark = pytest.mark.usefixtures("daemon_allowed")
SESSION = UUID("3fcca080-64bd-4d0e-8a6b-3c8f6d2a9001")
START = datetime(2026, 3, 10, 12, tzinfo=UTC)
PATIENCE_S = 30


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ChannelStore]:
    with ChannelStore(tmp_path, SESSION) as store:
        yield store


@pytest.fixture
def client(tmp_path: Path) -> Iterator[ChannelClient]:
    with ChannelClient(data_dir=tmp_path) as client:
        yield client


class Received:
    """What a callback was given."""

    def __init__(self) -> None:
        self._samples: queue.Queue[ChannelSample] = queue.Queue()

    def __call__(self, sample: ChannelSample) -> None:
        self._samples.put(sample)

    def take(self, count: int) -> list[ChannelSample]:
        return [self._samples.get(timeout=PATIENCE_S) for _ in range(count)]

    def is_empty(self) -> bool:
        return self._samples.empty()


@pytest.mark.parametrize(
    "value",
    [3.31, 4, True, "DC", [1.0, 2.0, 3.0], ([0.5, 0.25], 1e-6), {"volts": 3.3, "on": True}],
)
def test_what_a_client_writes_is_in_the_store_as_if_a_store_had_written_it(
    client: ChannelClient, store: ChannelStore, value: object
) -> None:
    texts = {"units": "V", "source": "measure", "direction": "read", "timestamp": START}
    uri = client.write("dmm.voltage", value, **texts)  # type: ignore[arg-type]
    assert uri is not None
    assert uri.startswith(f"channel://dmm.voltage/{client.session_id}/0")
    own = store.write("own", value, **texts)  # type: ignore[arg-type]
    assert own is not None
    sent, written = store.resolve(uri), store.resolve(own)
    assert sent.drop(["session_id"]).equals(written.drop(["session_id"]))


def test_rows_of_a_client_are_counted_on_and_say_where_they_are_from(
    client: ChannelClient, store: ChannelStore
) -> None:
    for number in range(100):
        uri = client.write("dmm.voltage", float(number), instrument_role="dmm", resource="USB0")
        assert uri == f"channel://dmm.voltage/{client.session_id}/{number}"
    client.close()
    table = client.query("dmm.voltage")
    assert table["value"].to_pylist() == list(range(100))
    assert set(table["source_method"].to_pylist()) == {"remote"}
    (channel,) = client.channels()
    assert (channel.instrument_role, channel.resource) == ("dmm", "USB0")
    assert (channel.row_count, channel.sessions) == (100, 1)
    assert client.channels() == store.list_channel_info()


def test_a_query_through_the_daemon_is_that_of_the_store(
    client: ChannelClient, store: ChannelStore
) -> None:
    values = np.sin(np.arange(10_000) / 50)
    store.write_block("daq.ch 1", values, t0=START, sample_interval=0.001, units="A")
    store.write("scope.ch1", (values, 1e-6), timestamp=START)
    for parameters in (
        {},
        {"last_n": 5},
        {"max_points": 100},
        {"max_points": 100, "mode": "minmax"},
        {"order": "desc", "last_n": 3, "columns": ["value", "units"]},
        {"start": START + timedelta(seconds=2), "end": START + timedelta(seconds=2.1)},
        {"session_id": SESSION},
        {"session_id": "ffffffff"},
        {"limit": 10},
    ):
        answer = client.query("daq.ch 1", **parameters)  # type: ignore[arg-type]
        expected = store.query("daq.ch 1", **parameters)  # type: ignore[arg-type]
        assert answer.equals(expected), parameters
        assert client.query("nothing", **parameters).num_rows == 0  # type: ignore[arg-type]
    expanded = client.query("scope.ch1", expand=True, max_points=50)
    assert expanded.equals(store.query("scope.ch1", expand=True, max_points=50))


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_give_every_row_once_also_where_times_are_equal(
    client: ChannelClient, store: ChannelStore, tmp_path: Path, order: str
) -> None:
    with ChannelStore(tmp_path, UUID(int=7)) as other:
        for number in range(40):
            time = START + timedelta(seconds=number // 10)
            store.write("dmm.voltage", number, timestamp=time)
            other.write("dmm.voltage", 100 + number, timestamp=time)
    whole = store.query("dmm.voltage", order=order)  # type: ignore[arg-type]
    for size in (1, 7, 20, 80, 81):
        pages = []
        cursor = None
        while not pages or cursor is not None:
            page = client.query("dmm.voltage", limit=size, cursor=cursor, order=order)  # type: ignore[arg-type]
            assert page.num_rows <= size
            pages.append(page)
            cursor = ChannelStore.next_cursor(page)
        assert pa.concat_tables(pages).replace_schema_metadata().equals(whole)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"limit": 5, "last_n": 3}, "expected limit"),
        ({"limit": 0}, "expected limit"),
        ({"cursor": "x"}, "cursor: expected what the page before had"),
        ({"columns": ["valeu"]}, "expected columns among timestamp, value, .*found valeu"),
        ({"mode": "mean"}, "mode"),
    ],
)
def test_what_cannot_be_asked_is_said(
    client: ChannelClient, store: ChannelStore, parameters: dict[str, object], message: str
) -> None:
    store.write("dmm.voltage", 1.0)
    for asked in (client, store):
        with pytest.raises(InvalidArgumentError, match=message):
            asked.query("dmm.voltage", **parameters)  # type: ignore[arg-type]


def test_samples_of_every_kind_reach_a_subscriber(
    client: ChannelClient, store: ChannelStore
) -> None:
    store.write("dmm.voltage", 0.0)  # before
    store.flush()
    received = Received()
    unsubscribe = client.on_channel(None, received)
    values = [1.5, True, "DC", [1.0, 2.0], {"volts": 3.3, "limits": [1.0, 2.0]}]
    for number, value in enumerate(values):
        store.write(f"ch{number}", value, units="V", source="measure", timestamp=START)
    store.write("scope.ch1", ([1.0], 0.5))
    found = {sample.channel_id: sample for sample in received.take(6)}
    assert [found[f"ch{number}"].value for number in range(5)] == values
    assert found["ch0"] == ChannelSample(
        "ch0", START, 1.5, "V", None, "measure", "observe", str(SESSION)
    )
    assert found["scope.ch1"].sample_interval == 0.5
    unsubscribe()
    store.write("ch0", 2.5)
    store.flush()
    assert received.is_empty()


def test_a_subscriber_chooses_channels_sessions_roles_and_what_is_stored(
    client: ChannelClient, store: ChannelStore, tmp_path: Path
) -> None:
    store.write("dmm.voltage", 1.0, instrument_role="dmm")
    store.write("psu.volts", 2.0, instrument_role="psu")
    with ChannelStore(tmp_path, UUID(int=7)) as other:
        other.write("dmm.voltage", 3.0, instrument_role="dmm")
    store.flush()
    for parameters, expected in (
        ({"channel_id": "dmm.*"}, {1.0, 3.0}),
        ({"channel_id": "psu.volts"}, {2.0}),
        ({"channel_id": None, "role": "dmm", "session_id": SESSION}, {1.0}),
        ({"channel_id": None}, {1.0, 2.0, 3.0}),
    ):
        received = Received()
        client.on_channel(callback=received, with_stored=True, **parameters)  # type: ignore[arg-type]
        assert {sample.value for sample in received.take(len(expected))} == expected


def test_nothing_is_missed_or_doubled_when_the_daemon_is_killed(
    client: ChannelClient, store: ChannelStore, tmp_path: Path
) -> None:
    store.write("dmm.voltage", -1.0)
    store.flush()
    received = Received()
    client.on_channel("dmm.*", received)
    numbers: list[object] = []
    for round_ in range(3):
        store.write("dmm.voltage", float(round_))
        numbers += [sample.value for sample in received.take(1)]
        running = _core.find_daemon(tmp_path)
        assert running is not None
        os.kill(running[1], signal.SIGKILL)
        # While nobody listens: on, and a recording that begins and ends meanwhile.
        store.write("dmm.voltage", round_ + 0.5)
        with ChannelStore(tmp_path, UUID(int=round_)) as other:
            other.write("dmm.current", 100.0 + round_)
        numbers += sorted(float(str(sample.value)) for sample in received.take(2))
    assert numbers == [0.0, 0.5, 100.0, 1.0, 1.5, 101.0, 2.0, 2.5, 102.0]
    store.write("dmm.voltage", 9.0)
    assert [sample.value for sample in received.take(1)] == [9.0]


def test_what_a_killed_process_has_written_reaches_subscribers(
    client: ChannelClient, tmp_path: Path
) -> None:
    received = Received()
    client.on_channel("dmm.voltage", received)
    script = (
        "import os, signal, sys, uuid\n"
        "from litmus.data.channels.store import ChannelStore\n"
        "store = ChannelStore(sys.argv[1], uuid.uuid4())\n"
        "for number in range(1000): store.write('dmm.voltage', number)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    process = subprocess.run([sys.executable, "-c", script, tmp_path], check=False, timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert [sample.value for sample in received.take(1000)] == list(range(1000))


def test_a_location_that_is_no_address_is_said() -> None:
    with (
        ChannelClient("somewhere") as client,
        pytest.raises(InvalidArgumentError, match="somewhere"),
    ):
        client.channels()


def test_a_location_is_enough(store: ChannelStore, tmp_path: Path) -> None:
    with ChannelClient(store.flight_location) as client:
        assert client.write("dmm.voltage", 1.0) is not None
        assert client.query("dmm.voltage")["value"].to_pylist() == [1.0]
    with (
        ChannelClient(f"grpc+unix://{tmp_path}/nobody") as lost,
        pytest.raises(UnavailableError, match="lost"),
    ):
        lost.write("dmm.voltage", 1.0)


def test_a_child_of_a_fork_writes_through_a_connection_of_its_own(
    client: ChannelClient, store: ChannelStore
) -> None:
    assert client.write("dmm.voltage", 1.0) is not None
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if client.write("dmm.voltage", 2.0) is not None else 1
            client.close()
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert client.write("dmm.voltage", 3.0) is not None
    assert sorted(store.query("dmm.voltage")["value"].to_pylist()) == [1.0, 2.0, 3.0]


def test_plain_flight_reads_writes_and_follows(store: ChannelStore) -> None:
    with flight.FlightClient(store.flight_location) as plain:
        live = plain.do_get(flight.Ticket("dmm.*"))
        assert json.loads(live.schema.metadata[b"litmus.cursor"])["recordings"] == {}
        store.write("dmm.voltage", 1.0, units="V")
        everything = plain.do_get(flight.Ticket("*"))
        assert everything.schema == live.schema
        descriptor = flight.FlightDescriptor.for_command("dmm.current")
        rows = pa.table({"value": [0.5, 0.25], "units": ["A", "A"]})
        writer, answers = plain.do_put(descriptor, rows.schema)
        writer.write_table(rows)
        answer = json.loads(answers.read().to_pybytes())
        assert answer["rows"] == 2
        writer.close()
        found = live.read_chunk().data.to_pylist()
        while len(found) < 3:
            found += live.read_chunk().data.to_pylist()
        assert sorted(row["value"] for row in found) == [0.25, 0.5, 1.0]
        live.cancel()
        everything.cancel()
        table = plain.do_get(flight.Ticket("dmm.current?last_n=1&columns=value")).read_all()
        assert table.to_pydict() == {"value": [0.25]}
        listed = {info.descriptor.command: info for info in plain.list_flights()}
        info = listed[b"dmm.current?"]
        assert json.loads(info.app_metadata)["units"] == "A"
        ticket = info.endpoints[0].ticket
        assert plain.do_get(ticket).read_all().schema.equals(info.schema)
        descriptor = flight.FlightDescriptor.for_command("dmm.current?last_n=1")
        assert plain.get_flight_info(descriptor).schema.equals(info.schema)


@pytest.mark.parametrize(
    ("ticket", "message"),
    [
        ("dmm.*?last_n=3", "expected one channel before the ?"),
        ("dmm?lastn=3", "key: expected session_id, start,.*found lastn"),
        ("dmm?last_n=x", "last_n: expected a whole number, found x"),
        ("dmm?start=noon", "noon"),
        ("a%2Fb?", "expected no /"),
        (json.dumps({"follow": {"chanel": "dmm"}}), "key: expected channel_id, role,.*chanel"),
        (json.dumps({"follow": {"cursor": 3}}), "cursor: expected"),
    ],
)
def test_a_ticket_that_cannot_be_used_is_refused(
    store: ChannelStore, ticket: str, message: str
) -> None:
    with (
        flight.FlightClient(store.flight_location) as plain,
        pytest.raises(pa.ArrowInvalid, match=message),
    ):
        plain.do_get(flight.Ticket(ticket)).read_all()


@pytest.mark.parametrize(
    ("channel", "rows", "message"),
    [
        ("a/b", {"value": [1.0]}, "expected no /"),
        ("dmm", {"valeu": [1.0]}, "expected columns among"),
        ("dmm", {"timestamp": [1], "value": [1.0]}, "timestamp as a time"),
        ("dmm", {"units": ["V"]}, "expected a value in each row"),
    ],
)
def test_samples_that_cannot_be_stored_are_refused(
    store: ChannelStore, channel: str, rows: dict[str, list[object]], message: str
) -> None:
    table = pa.table(rows)
    with flight.FlightClient(store.flight_location) as plain:
        descriptor = flight.FlightDescriptor.for_command(channel)
        writer, _ = plain.do_put(descriptor, table.schema)

        def send() -> None:
            writer.write_table(table)
            writer.close()

        with pytest.raises(pa.ArrowInvalid, match=message):
            send()


def test_a_damage_is_warned_about(client: ChannelClient, tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from litmus.data.channels.store import ChannelStore\n"
        "with ChannelStore(sys.argv[1], sys.argv[2]) as store: store.write('dmm.voltage', 1.0)\n"
    )
    # The segment is compacted when the program has ended.
    subprocess.run([sys.executable, "-c", program, tmp_path, str(SESSION)], check=True)
    (path,) = tmp_path.glob("channels/2*/*.arrow")
    path.write_bytes(path.read_bytes().replace(struct.pack("<d", 1.0), struct.pack("<d", 1.5)))
    with pytest.warns(LitmusWarning, match=r"dmm.voltage_3fcca080.arrow"):
        assert client.query("dmm.voltage").num_rows == 0
