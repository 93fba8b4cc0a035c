# SPDX-License-Identifier: Apache-2.0
"""The snippets of the page on live monitoring, word for word, while another process looks on.

The page shows them without indentation and line ends; those are as Python wants them.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest
from litmus.connect import connect
from litmus.data.channels.store import ChannelStore
from litmus.data.event_store import EventStore
from litmus.data.ref import parse_channel_uri

from . import drivers
from .conftest import Write
from .scpi_instrument import ScpiInstrument

pytestmark = pytest.mark.usefixtures("project", "daemon_allowed")
PATIENCE_S = 60

START_A_SESSION = """
from litmus.connect import connect
# Connect to your station (mock mode for this tutorial)
with connect("bench_1", mock=True) as station:
    dmm = station.instrument("dmm")
    # Every instrument interaction is logged as an event
    voltage = dmm.measure_voltage()
    print(f"Session ID: {station.session_id}")
    print(f"Voltage: {voltage}")
"""

CHANNEL_DATA = """
with connect("bench_1", mock=True) as station:
    scope = station.instrument("scope")
    waveform = scope.read_waveform()
    # Event contains: {"value": {"_ref": "channel://scope.ch1/...", "length": 1000}}
    # Actual waveform data is in the ChannelStore
"""


class Follower:
    """`litmus events tail` in a process of its own."""

    def __init__(self) -> None:
        executable = os.environ.get("LITMUS_EXECUTABLE") or Path(sys.executable).with_name("litmus")
        self._process = subprocess.Popen(
            [executable, "events", "tail", "--jsonl", "-n", "1"], stdout=subprocess.PIPE, text=True
        )
        self._events: queue.Queue[dict[str, Any]] = queue.Queue()
        self.seen: list[dict[str, Any]] = []
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._events.put(json.loads(line))
        self._events.put({"event_type": "the end of the output"})

    def wait_for(self, event_type: str) -> dict[str, Any]:
        while True:
            event = self._events.get(timeout=PATIENCE_S)
            self.seen.append(event)
            if event["event_type"] == event_type:
                return event
            assert event["event_type"] != "the end of the output", event_type

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(PATIENCE_S)
        self._thread.join()
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture
def follower(data_dir: Path) -> Iterator[Follower]:
    follower = Follower()
    # It is there once it has seen an event.
    with connect("bench_1", mock=True) as station:
        tick = threading.Thread(target=follower.wait_for, args=("instrument.configure",))
        tick.start()
        while tick.is_alive():
            station.configure("dmm", "wake")
            tick.join(0.05)
    follower.wait_for("session.ended")
    follower.seen.clear()
    assert data_dir.exists()
    yield follower
    follower.stop()


def test_a_session_is_followed_live_by_another_process(follower: Follower, data_dir: Path) -> None:
    printed: list[str] = []

    def show(text: str) -> None:
        if not printed:  # the session is open, and its reading is there already
            assert follower.wait_for("instrument.read")["value"] == 3.31
        printed.append(text)

    names: dict[str, Any] = {"print": show}
    exec(START_A_SESSION, names)
    session_id = str(names["station"].session_id)
    assert printed == [f"Session ID: {session_id}", "Voltage: 3.31"]
    follower.wait_for("session.ended")
    assert [event["event_type"] for event in follower.seen] == [
        "session.started",
        "fixture.instrument_connected",
        "instrument.read",
        "fixture.instrument_disconnected",
        "session.ended",
    ]
    assert {event["session_id"] for event in follower.seen} == {session_id}
    with ChannelStore(data_dir, session_id) as channels:
        rows = channels.query("dmm.voltage", session_id=session_id)
        assert rows["value"].to_pylist() == [3.31]
        (descriptor,) = channels.list_channel_info()
        assert (descriptor.channel_id, descriptor.instrument_role) == ("dmm.voltage", "dmm")


def test_a_waveform_is_in_the_channel_store_and_the_event_refers_to_it(
    follower: Follower, data_dir: Path
) -> None:
    names: dict[str, Any] = {"connect": connect}
    exec(CHANNEL_DATA, names)
    read = follower.wait_for("instrument.read")
    follower.wait_for("session.ended")
    session_id = names["station"].session_id
    value = read["value"]
    assert value["_ref"].startswith("channel://scope.ch1/")
    assert value["length"] == 1000
    assert (value["type"], value["min"], value["max"]) == ("array", 0.0, 1.0)
    assert parse_channel_uri(value["_ref"]).session_id == str(session_id)
    with ChannelStore(data_dir, session_id) as channels:
        (samples,) = channels.resolve(value["_ref"])["samples"].to_pylist()
        assert samples == names["waveform"]
        assert channels.query("scope.ch1", last_n=1)["samples"].to_pylist() == [samples]
        thinned = channels.query("scope.ch1", session_id=session_id, expand=True, max_points=500)
        assert thinned.num_rows == 500


MEASURE_FOR_EVER = """
import sys
from litmus.connect import connect
station = connect("bench_1")
station.start()
psu = station.instrument("psu")
print(station.session_id, flush=True)
for count in range(1, 1_000_000):
    psu.measure_voltage()
    print(count, flush=True)
"""


def test_a_killed_session_leaves_no_lock_and_loses_no_sample(project: Write) -> None:
    with ScpiInstrument() as device:
        project("socket_drivers.py", Path(drivers.__file__).read_text())
        project(
            "stations/bench_1.yaml",
            "instruments: {psu: {type: psu, driver: 'socket_drivers:BenchSim', "
            f"resource: '{device.resource}'}}}}\n",
        )
        with subprocess.Popen(
            [sys.executable, "-c", MEASURE_FOR_EVER], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            session_id = process.stdout.readline().strip()
            for line in process.stdout:
                if int(line) == 50:
                    break
            process.kill()
            returned = [int(line) for line in process.stdout if line.endswith("\n")]
            process.wait()
        count = returned[-1] if returned else 50
        with connect("bench_1") as station:  # at once, and with the next answer
            assert station.instrument("psu").measure_voltage() == 3.31
            assert station.channel_store is not None
            rows = station.channel_store.query("psu.voltage", session_id=session_id)
    assert rows.num_rows >= count
    assert pc.unique(rows["value"]).to_pylist() == [3.31]
    ended = threading.Event()
    outcomes: list[Any] = []

    def on_event(event: Any) -> None:
        outcomes.append((event.outcome, event.synthetic))
        ended.set()

    with EventStore() as store:
        store.on_event(on_event, event_type="session.ended", session_id=session_id)
        assert ended.wait(PATIENCE_S)
    assert outcomes == [("aborted", True)]
