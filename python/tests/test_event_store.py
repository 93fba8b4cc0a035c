# SPDX-License-Identifier: Apache-2.0
"""Events of all processes: asked for, and pushed as they come."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from litmus import _core
from litmus.client import LitmusClient
from litmus.data import events
from litmus.data.event_log import EventLog, EventSubscriber
from litmus.data.event_store import EventStore
from litmus.data.events import EventBase
from litmus.data.events import TestRecord as Note
from litmus.errors import InvalidArgumentError, LitmusWarning, UnavailableError

pytestmark = [
    pytest.mark.usefixtures("daemon_allowed"),
    # Python 3.12 warns of any fork in a process with threads; that ours survive it is tested.
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]

# Emits notes `{name}0`, `{name}1`, ... in a session of its own.
WRITER = """
import sys
from litmus.data.event_log import EventLog
from litmus.data.events import TestRecord
data_dir, name, count = sys.argv[1:]
with EventLog(data_dir) as log:
    for number in range(int(count)):
        log.emit(TestRecord(step_name="s", step_index=0, key=f"{name}{number}", value=number))
"""


def note(key: str, **fields: Any) -> Note:
    return Note(step_name="s", step_index=0, key=key, value=1, **fields)


def keys(found: list[EventBase]) -> list[str]:
    return [event.key for event in found if isinstance(event, Note)]


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.005)


def start_writer(data_dir: Path, name: str, count: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(data_dir), name, str(count)])


def kill_daemon(data_dir: Path) -> None:
    running = _core.find_daemon(data_dir)
    assert running is not None
    os.kill(running[1], signal.SIGKILL)
    wait_until(lambda: _core.find_daemon(data_dir) != running)


@pytest.fixture
def store(data_dir: Path) -> Iterator[EventStore]:
    with EventStore(_data_dir=data_dir) as store:
        yield store


@pytest.fixture
def log(store: EventStore) -> EventLog:
    return store.get_event_log(uuid4())


def test_there_is_one_store_of_a_directory_and_one_log_of_a_session(data_dir: Path) -> None:
    store = EventStore.get_shared(data_dir)
    assert EventStore.get_shared(str(data_dir)) is store
    session = uuid4()
    assert store.get_event_log(session) is store.get_event_log(session)
    assert store.get_event_log(uuid4()) is not store.get_event_log(session)
    store.close()
    store.close()


def test_an_event_goes_to_the_session_that_it_names_or_that_is_given(store: EventStore) -> None:
    own, given = uuid4(), uuid4()
    assert store.emit(note("own", session_id=own), session_id=None)
    assert store.emit(note("given"), session_id=given)
    assert keys(store.events(session_id=own)) == ["own"]
    assert keys(store.events(session_id=str(given))) == ["given"]
    with pytest.raises(ValueError, match="session_id"):
        store.emit(note("nowhere"))


def test_all_filters_apply_before_the_limit_keeps_the_newest(
    store: EventStore, log: EventLog
) -> None:
    read = {"channel_id": "dmm.volts", "method": "measure_volts", "value": 1.0}
    log.emit(events.InstrumentRead(instrument_role="dmm", **read))
    log.emit(events.InstrumentRead(instrument_role="other", **read))
    log.emit(events.InstrumentRead(instrument_role="psu", **read | {"channel_id": "psu.volts"}))
    for number in range(5):
        log.emit(note(f"n{number}"))
    everything = store.events(session_id=log.session_id)
    assert [event.event_type for event in everything] == ["instrument.read"] * 3 + [
        "test.record"
    ] * 5
    assert everything == log.events()

    assert keys(store.events(event_type="test.*", limit=2)) == ["n3", "n4"]
    assert keys(store.events(event_type=["test.record", "x"])) == [f"n{n}" for n in range(5)]
    assert store.events(role="dmm", limit=2) == everything[:2]
    assert store.events(role="dmm") == log.events(role="dmm")
    third = everything[3].received_at
    assert third is not None
    assert keys(store.events(since=third)) == [f"n{n}" for n in range(5)]
    assert store.events(until=third) == everything[:4]
    assert store.events(until_event_number=-1) == []
    with pytest.raises(ValueError, match="since"):
        store.events(since="yesterday")


def test_sessions_are_those_that_have_begun(store: EventStore, client: LitmusClient) -> None:
    finished = client.start_run("SN001", "bench_1").finish()
    assert [session.session_id for session in store.sessions()] == [finished.session_id]


def test_events_of_runs_that_are_not_sealed(store: EventStore, client: LitmusClient) -> None:
    client.start_run("SEALED", "bench_1").finish()
    run = client.start_run("OPEN", "bench_1")
    found = store.events_for_unmaterialized_runs()
    assert [event.event_type for event in found] == ["run.started"]
    assert found[0].run_id == run.id
    assert store.events_for_unmaterialized_runs(until="2001-01-01") == []
    assert store.events_for_unmaterialized_runs(since="2001-01-01", until_event_number=0) == []
    run.finish()
    assert store.events_for_unmaterialized_runs() == []


def test_events_of_this_process_come_at_once_and_only_once(
    store: EventStore, log: EventLog
) -> None:
    log.emit(note("before"))
    seen: list[EventBase] = []
    unsubscribe = store.on_event(seen.append, event_type="test.record")
    for number in range(50):
        log.emit(note(f"n{number}"))
        assert keys(seen)[-1] == f"n{number}"
    wait_until(lambda: "before" in keys(seen))
    log.emit(note("last"))
    store.flush()
    assert Counter(keys(seen)) == Counter(["before", *(f"n{n}" for n in range(50)), "last"])
    assert sorted(seen, key=lambda event: event.received_at or 0) == log.events()
    unsubscribe()
    log.emit(note("too late"))
    assert "too late" not in keys(seen)


def test_events_of_other_processes_are_pushed_in_order_each_once(
    store: EventStore, data_dir: Path
) -> None:
    assert start_writer(data_dir, "past", 20).wait(60) == 0
    seen: list[EventBase] = []
    store.on_event(seen.append, event_type="test.record")
    writers = [start_writer(data_dir, name, 300) for name in ("a", "b")]
    wait_until(lambda: len(seen) >= 620)
    assert [writer.wait(60) for writer in writers] == [0, 0]
    store.flush()
    for name, count in (("past", 20), ("a", 300), ("b", 300)):
        mine = [key for key in keys(seen) if key.rstrip("0123456789") == name]
        assert mine == [f"{name}{number}" for number in range(count)]


def test_nothing_of_the_past_comes_without_a_replay(store: EventStore, data_dir: Path) -> None:
    assert start_writer(data_dir, "past", 5).wait(60) == 0
    seen: list[EventBase] = []
    store.on_event(seen.append, event_type="test.record", replay="none")
    assert start_writer(data_dir, "live", 5).wait(60) == 0
    wait_until(lambda: len(seen) >= 5)
    assert keys(seen) == [f"live{number}" for number in range(5)]


def test_only_runs_that_are_not_sealed_are_replayed_on_request(
    store: EventStore, client: LitmusClient
) -> None:
    client.start_run("SEALED", "bench_1").finish()
    run = client.start_run("OPEN", "bench_1")
    seen: list[EventBase] = []
    store.on_event(seen.append, event_type="run.*", replay="unmaterialized_runs")
    wait_until(lambda: len(seen) == 1)
    run.finish()
    wait_until(lambda: len(seen) == 3)
    assert {event.run_id for event in seen} == {run.id}


def test_a_subscription_survives_the_death_of_the_daemon(store: EventStore, data_dir: Path) -> None:
    seen: list[EventBase] = []
    store.on_event(seen.append, event_type="test.record")
    for round_number in range(3):
        writer = start_writer(data_dir, f"r{round_number}x", 400)
        wait_until(lambda: f"r{round_number}x5" in keys(seen))  # noqa: B023
        kill_daemon(data_dir)
        assert writer.wait(60) == 0
    wait_until(lambda: len(seen) >= 1200)
    store.flush()
    for round_number in range(3):
        name = f"r{round_number}x"
        mine = [key for key in keys(seen) if key.startswith(name)]
        assert mine == [f"{name}{number}" for number in range(400)]


def test_a_subscription_goes_on_behind_the_cursor_of_an_earlier_one(
    store: EventStore, log: EventLog, data_dir: Path
) -> None:
    first: list[EventBase] = []
    assert start_writer(data_dir, "past", 10).wait(60) == 0
    subscription = store.on_event(first.append, event_type="test.record")
    log.emit(note("own"))
    wait_until(lambda: len(first) == 11)
    wait_until(lambda: subscription.caught_up)
    cursor = subscription.cursor
    subscription()
    assert start_writer(data_dir, "later", 10).wait(60) == 0
    log.emit(note("own later"))

    second: list[EventBase] = []
    store.on_event(second.append, event_type="test.record", after=cursor)
    log.emit(note("last"))
    wait_until(lambda: len(second) >= 12)
    store.flush()
    assert Counter(keys(second)) == Counter(
        [*(f"later{number}" for number in range(10)), "own later", "last"]
    )
    with pytest.raises(InvalidArgumentError, match="cursor"):
        store.on_event(second.append, after="nonsense")


def test_a_callback_that_raises_is_warned_about_and_called_again(
    store: EventStore, log: EventLog
) -> None:
    seen: list[EventBase] = []

    def fail(event: EventBase) -> None:
        seen.append(event)
        raise RuntimeError("no screen")

    store.on_event(fail, replay="none")
    others: list[EventBase] = []
    store.on_event(others.append, replay="none")
    with pytest.warns(LitmusWarning, match=r"test\.record.*RuntimeError: no screen"):
        assert log.emit(note("a"))
    with pytest.warns(LitmusWarning):
        assert log.emit(note("b"))
    assert keys(seen) == keys(others) == ["a", "b"]


@pytest.mark.parametrize(
    "arguments",
    [{"replay": "all"}, {"since": "yesterday"}, {"after": '{"version": 9}'}],
    ids=lambda arguments: next(iter(arguments)),
)
def test_a_subscription_that_cannot_be_is_refused(
    store: EventStore, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="expected"):
        store.on_event(print, **arguments)


def test_subscriptions_go_on_after_a_fork_and_belong_to_the_parent(
    store: EventStore, log: EventLog, data_dir: Path
) -> None:
    seen: list[EventBase] = []
    store.on_event(seen.append, event_type="test.record")
    log.emit(note("before"))
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            log.emit(note("child"))
            mine = EventStore.get_shared(data_dir)
            # Two writers by then: which of them the daemon reads first is not promised.
            found = set(keys(mine.events(session_id=log.session_id)))
            status = 0 if found == {"before", "child"} and keys(seen) == ["before"] else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    wait_until(lambda: "child" in keys(seen))
    log.emit(note("after"))
    store.flush()
    assert keys(seen) == ["before", "child", "after"]


def test_a_program_may_end_while_it_subscribes(run_python: Callable[..., Any]) -> None:
    ended = run_python(
        """
import sys
from litmus.data.event_store import EventStore
from litmus.data.events import TestRecord
from uuid import uuid4
store = EventStore.get_shared(sys.argv[1])
for _ in range(3):
    store.on_event(lambda event: None)
store.emit(TestRecord(step_name="s", step_index=0, key="k", value=1), session_id=uuid4())
print(len(store.events()))
"""
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "1\n", "")


def test_flush_needs_no_daemon_but_reading_does(
    store: EventStore, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LITMUS_DAEMON", "off")
    assert log.emit(note("a"))
    store.flush()
    assert keys(log.events()) == ["a"]
    with pytest.raises(UnavailableError, match="LITMUS_DAEMON=off"):
        store.events()
    with pytest.raises(ConnectionError, match="LITMUS_DAEMON=off"):
        store.on_event(print)


class Recorder(EventSubscriber):
    def __init__(self) -> None:
        self.seen: list[EventBase] = []

    def on_event(self, event: EventBase) -> None:
        self.seen.append(event)
        if len(self.seen) == 2:
            raise RuntimeError("full")


def test_a_log_tells_its_subscribers_each_event_as_it_is_stored(data_dir: Path) -> None:
    log = EventLog(data_dir, UUID(int=5))
    assert log.path is None
    subscriber = Recorder()
    log.add_subscriber(subscriber)
    log.emit(note("a"))
    with pytest.warns(LitmusWarning, match="Recorder.*full"):
        log.emit(note("b"))
    log.emit(note("c"))
    assert keys(subscriber.seen) == ["a", "b", "c"]
    assert subscriber.seen == log.events()
    assert log.path is not None
    assert log.path.name == f"{UUID(int=5)}-{os.getpid()}.arrow"
