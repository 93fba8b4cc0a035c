# SPDX-License-Identifier: Apache-2.0
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from litmus.client import LitmusClient
from pyarrow import flight

from tests.daemon.subscribers import (
    FlightSubscriber,
    Subscriber,
    address_of_daemon,
    by_writer,
    recorded_events,
    wait_until,
)

pytestmark = pytest.mark.usefixtures("daemon_allowed")


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def record_run(data_dir: Path) -> None:
    with LitmusClient(data_dir).start_run("SN001", "bench_1") as run, run.step("rail") as step:
        step.measure("voltage", 3.3, units="V", low=3.1, high=3.5)


def wait_for_all(subscriber: Subscriber | FlightSubscriber, data_dir: Path) -> None:
    expected = recorded_events(data_dir)
    count = sum(map(len, expected.values()))
    wait_until(lambda: len(subscriber.received) >= count, "events are missing")
    assert by_writer(subscriber.received) == expected


def test_past_and_present_of_all_processes_arrive(
    data_dir: Path, subscribe: Callable[..., Subscriber]
) -> None:
    record_run(data_dir)
    subscriber = subscribe(data_dir)
    wait_for_all(subscriber, data_dir)
    record_run(data_dir)
    wait_for_all(subscriber, data_dir)


def test_cursor_goes_on_in_another_process_though_the_index_is_gone(
    data_dir: Path,
    subscribe: Callable[..., Subscriber],
    litmus: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    record_run(data_dir)
    first = subscribe(data_dir)
    wait_for_all(first, data_dir)
    cursor = first.stop()
    litmus("daemon", "stop", "--data-dir", data_dir)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty-cache"))
    record_run(data_dir)

    second = subscribe(data_dir, cursor=cursor)
    expected = sum(map(len, recorded_events(data_dir).values()))
    wait_until(lambda: len(first.received) + len(second.received) >= expected, "events are missing")
    assert by_writer(first.received + second.received) == recorded_events(data_dir)


def test_plain_flight_client_is_told_when_it_has_caught_up(
    data_dir: Path,
    subscribe: Callable[..., Subscriber],
    subscribe_by_flight: Callable[..., FlightSubscriber],
) -> None:
    record_run(data_dir)
    subscribe(data_dir)  # starts the daemon
    plain = subscribe_by_flight()
    wait_for_all(plain, data_dir)
    wait_until(lambda: plain.caught_up > 0, "no cursor")


def put(address: str, file: Path) -> list[bytes]:
    """Sends what an event file holds; returns the answers."""
    answers = []
    with (
        flight.FlightClient(address) as client,
        pa.memory_map(str(file)) as source,
        pa.ipc.open_stream(source) as stream,
    ):
        path = flight.FlightDescriptor.for_path("events")
        writer, reader = client.do_put(path, stream.schema)
        with writer:
            for batch in stream:
                writer.write_batch(batch)
                answers.append(reader.read().to_pybytes())
    return answers


def test_events_of_another_machine_arrive_like_those_of_this_one(
    data_dir: Path,
    tmp_path: Path,
    runtime_dir: Path,
    subscribe: Callable[..., Subscriber],
    litmus: Callable[..., str],
) -> None:
    elsewhere = tmp_path / "elsewhere"
    record_run(elsewhere)
    (file,) = elsewhere.glob("events/*/*.arrow")
    litmus("daemon", "stop", "--data-dir", elsewhere)
    shutil.rmtree(runtime_dir / "litmus")  # one daemon is enough to look for

    subscriber = subscribe(data_dir)
    wait_until(lambda: address_of_daemon(runtime_dir) is not None, "no daemon")
    address = address_of_daemon(runtime_dir)
    assert address is not None
    answers = put(address, file)
    wait_for_all(subscriber, data_dir)
    assert recorded_events(data_dir) == recorded_events(elsewhere)
    # Again: nothing new, the same answer.
    assert put(address, file)[-1] == answers[-1]
    assert recorded_events(data_dir) == recorded_events(elsewhere)
