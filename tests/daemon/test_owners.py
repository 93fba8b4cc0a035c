# SPDX-License-Identifier: Apache-2.0
"""One data directory and several users or hosts: each reads all of it, and changes only its own."""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.daemon.subscribers import FlightSubscriber, by_writer, recorded_events, wait_until

EXECUTABLE = os.environ.get("LITMUS_EXECUTABLE") or str(Path(sys.executable).with_name("litmus"))
WRITER = str(Path(__file__).with_name("run_writer.py"))
# Two that own nothing else; root may do everything, and proves nothing.
FIRST_USER, SECOND_USER = 65533, 65534
IN_ANOTHER_HOST = ["unshare", "--uts", "sh", "-c", 'hostname other-host && exec "$@"', "sh"]


class Party:
    """A user on a host, with runtime and cache folders of its own."""

    def __init__(
        self, folder: Path, data_dir: Path, user: int, prefix: list[str], umask: int
    ) -> None:
        self.user = user
        self._data_dir = data_dir
        self._prefix = prefix
        self._umask = umask
        self._environment = {
            "PATH": os.environ["PATH"],
            "LITMUS_EXECUTABLE": EXECUTABLE,
            "LITMUS_DAEMON_IDLE_S": "60",
        }
        folder.mkdir()
        for variable in ("HOME", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME"):
            own = folder / variable
            own.mkdir()
            os.chown(own, user, -1)
            self._environment[variable] = str(own)
        self.runtime_dir = folder / "XDG_RUNTIME_DIR"
        self._writers: dict[str, subprocess.Popen[str]] = {}

    def litmus(self, *words: str, **environment: str) -> str:
        is_other = self.user != os.geteuid()
        return subprocess.run(
            [*self._prefix, EXECUTABLE, *words, "--data-dir", self._data_dir],
            env=self._environment | environment,
            user=self.user if is_other else None,
            group=self.user if is_other else None,
            extra_groups=[] if is_other else None,
            umask=self._umask,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=60,
        ).stdout

    def ask(self, question: str) -> list[dict[str, Any]]:
        answer: list[dict[str, Any]] = json.loads(self.litmus("sql", question, "--json"))
        return answer

    def outcomes(self) -> dict[str, str | None]:
        """By run; None while it runs."""
        return {row["run_id"]: row["outcome"] for row in self.ask("FROM runs")}

    def status(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.litmus("daemon", "status", "--json"))
        return answer

    def log(self) -> str:
        (file,) = Path(self._environment["XDG_CACHE_HOME"]).glob("litmus/*.log")
        return file.read_text()

    def start_run(self) -> str:
        writer = subprocess.Popen(
            [*self._prefix, sys.executable, WRITER, str(self.user), self._data_dir],
            env=self._environment | {"LITMUS_DAEMON": "off"},
            umask=self._umask,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        run_id = writer.stdout.readline().strip()
        assert run_id, "nothing was recorded"
        self._writers[run_id] = writer
        return run_id

    def finish_run(self, run_id: str) -> str:
        with self._writers.pop(run_id) as writer:
            writer.communicate()
            assert writer.returncode == 0
        return run_id

    def kill_run(self, run_id: str) -> str:
        with self._writers.pop(run_id) as writer:
            writer.kill()
        return run_id

    def leave(self) -> None:
        for run_id in list(self._writers):
            self.kill_run(run_id)
        self.litmus("daemon", "stop")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """All users can get there."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def skip_unless(command: list[str], reason: str, user: int | None = None) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=60, user=user)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"{reason}: {error}")


Meet = Callable[..., tuple[Party, Party]]  # data directory, umask


@pytest.fixture
def two_users(open_folder: Path) -> Iterator[Meet]:
    if os.geteuid() != 0:
        pytest.skip("only root can be several users")
    skip_unless([EXECUTABLE, "--version"], "other users cannot run it", SECOND_USER)
    users: list[Party] = []

    def meet(data_dir: Path, umask: int) -> tuple[Party, Party]:
        users.append(Party(open_folder / "first", data_dir, FIRST_USER, [], umask))
        users.append(Party(open_folder / "second", data_dir, SECOND_USER, [], umask))
        return users[0], users[1]

    yield meet
    for user in users:
        user.leave()


@pytest.fixture
def two_hosts(open_folder: Path) -> Iterator[Meet]:
    skip_unless([*IN_ANOTHER_HOST, "true"], "no process can have another host name")
    hosts: list[Party] = []

    def meet(data_dir: Path, umask: int) -> tuple[Party, Party]:
        user = os.geteuid()
        hosts.append(Party(open_folder / "first", data_dir, user, [], umask))
        hosts.append(Party(open_folder / "second", data_dir, user, IN_ANOTHER_HOST, umask))
        return hosts[0], hosts[1]

    yield meet
    for host in hosts:
        host.leave()


@pytest.fixture
def follow() -> Iterator[Callable[[Party], FlightSubscriber]]:
    started: list[FlightSubscriber] = []

    def start(party: Party) -> FlightSubscriber:
        started.append(FlightSubscriber(party.runtime_dir))
        return started[-1]

    yield start
    for subscriber in started:
        subscriber.stop()


def writers_of(data_dir: Path, event_type: str) -> dict[str, list[int]]:
    """By run, the pids of those who recorded such an event."""
    pids: dict[str, list[int]] = {}
    for file in data_dir.glob("events/*/*.arrow"):
        with pa.memory_map(str(file)) as source, pa.ipc.open_stream(source) as stream:
            pid = int(stream.schema.metadata[b"litmus.pid"])
            with suppress(pa.ArrowInvalid, OSError):  # a message that is being written
                for batch in stream:
                    for row in batch.select(["event_type", "run_id"]).to_pylist():
                        if row["event_type"] == event_type:
                            pids.setdefault(row["run_id"], []).append(pid)
    return pids


def run_files(data_dir: Path) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for file in data_dir.glob("runs/*/*.parquet"):
        (run_id,) = set(pq.read_table(file, columns=["run_id"])["run_id"].to_pylist())
        assert run_id not in files, "two files of one run"
        files[run_id] = file
    return files


def wait_for_outcomes(party: Party, expected: dict[str, str]) -> None:
    wait_until(lambda: party.outcomes() == expected, "not all runs are sealed")


def wait_for_all(subscriber: FlightSubscriber, data_dir: Path) -> None:
    wait_until(
        lambda: by_writer(subscriber.received) == recorded_events(data_dir), "events are missing"
    )


@pytest.mark.parametrize("kind", ["two_users", "two_hosts"])
def test_everybody_sees_all_runs_and_seals_only_their_own(
    kind: str,
    request: pytest.FixtureRequest,
    open_folder: Path,
    follow: Callable[[Party], FlightSubscriber],
) -> None:
    data_dir = open_folder / "data"
    data_dir.mkdir()
    data_dir.chmod(0o777)
    first, second = request.getfixturevalue(kind)(data_dir, umask=0)

    # Only the second one's daemon runs. It could write everywhere.
    done = first.finish_run(first.start_run())
    orphan = first.kill_run(first.start_run())
    assert second.outcomes() == {done: "passed", orphan: None}
    wait_until(lambda: bool(second.status()["caught_up"]), "the index is not complete")
    own = second.kill_run(second.start_run())
    wait_until(lambda: second.outcomes()[own] == "aborted", "its own run is not sealed")
    # Things are recovered one after the other: it would have had its turn before.
    assert second.outcomes() == {done: "passed", orphan: None, own: "aborted"}
    assert set(run_files(data_dir)) == {done, own}
    assert orphan not in writers_of(data_dir, "run.ended")

    # Both daemons run.
    wait_until(lambda: first.outcomes()[orphan] == "aborted", "its run is not sealed")
    subscribers = [follow(first), follow(second)]
    running = {party: party.start_run() for party in (first, second)}
    for party in (first, second):
        for run_id in running.values():
            assert party.outcomes()[run_id] is None
            (row,) = party.ask(
                f"SELECT measurement_value FROM measurements WHERE run_id = '{run_id}'"
            )
            assert row == {"measurement_value": 3.3}
    first.kill_run(running[first])
    second.kill_run(running[second])
    expected = {done: "passed"} | dict.fromkeys([orphan, own, *running.values()], "aborted")
    for party in (first, second):
        wait_for_outcomes(party, expected)

    # By whom, and once.
    sealed_by = {
        orphan: first,
        running[first]: first,
        own: second,
        running[second]: second,
    }
    pids = {party: party.status()["pid"] for party in (first, second)}
    for event_type in ("run.ended", "run.materialized"):
        writers = writers_of(data_dir, event_type)
        assert len(writers.pop(done)) == 1
        assert writers == {run_id: [pids[party]] for run_id, party in sealed_by.items()}
    files = run_files(data_dir)
    assert files.keys() == expected.keys()
    for run_id, party in sealed_by.items():
        assert files[run_id].stat().st_uid == party.user

    # Everything arrived, and what was sealed can be read by all.
    for subscriber in subscribers:
        wait_for_all(subscriber, data_dir)
    for party in (first, second):
        count = party.ask("SELECT count(*) AS n FROM events")
        assert count == [{"n": sum(map(len, recorded_events(data_dir).values()))}]
        party.litmus("events", "verify")
        for run_id in expected:
            assert "voltage" in party.litmus("show", run_id, "-f", "csv", "-o", "-")


def content_of(folder: Path) -> dict[Path, tuple[int, int, int, bytes]]:
    found = {}
    for path in [folder, *folder.rglob("*")]:
        status = path.stat()
        content = path.read_bytes() if path.is_file() else b""
        found[path] = (status.st_ino, status.st_mode, status.st_mtime_ns, content)
    return found


@pytest.mark.parametrize("reader", ["owner", "other"])
def test_nothing_is_written_where_nothing_may_be_written(
    reader: str,
    two_users: Meet,
    open_folder: Path,
    follow: Callable[[Party], FlightSubscriber],
) -> None:
    data_dir = open_folder / "data"
    data_dir.mkdir()
    os.chown(data_dir, FIRST_USER, -1)
    first, second = two_users(data_dir, umask=0o022)
    done = first.finish_run(first.start_run())
    orphan = first.kill_run(first.start_run())
    if reader == "owner":
        for folder in [data_dir, *data_dir.rglob("*")]:
            folder.chmod(folder.stat().st_mode & ~0o222)
    before = content_of(data_dir)

    party = first if reader == "owner" else second
    listed = json.loads(party.litmus("runs", "--json", LITMUS_DAEMON_IDLE_S="1"))
    subscriber = follow(party)
    assert {row["run_id"]: row["outcome"] for row in listed} == {done: "passed", orphan: "running"}
    assert party.ask("SELECT count(*) AS n FROM measurements") == [{"n": 2}]
    wait_until(lambda: subscriber.caught_up > 0, "no end of what was recorded before")
    assert by_writer(subscriber.received) == recorded_events(data_dir)
    wait_until(lambda: bool(party.status()["caught_up"]), "the index is not complete")
    assert party.outcomes() == {done: "passed", orphan: None}
    subscriber.stop()
    # Runs of dead processes that it must leave alone do not keep it.
    wait_until(lambda: party.log().endswith("has ended\n"), "it has not gone")
    assert "ends: nothing to do" in party.log()
    assert "cannot" not in party.log()
    assert content_of(data_dir) == before


@contextmanager
def acting_as(user: int) -> Iterator[None]:
    os.seteuid(user)
    try:
        yield
    finally:
        os.seteuid(0)


def test_nobody_can_connect_to_the_daemon_of_another_user(
    two_users: Meet, open_folder: Path
) -> None:
    data_dir = open_folder / "data"
    data_dir.mkdir()
    users = two_users(data_dir, umask=0)
    for user in users:
        user.outcomes()  # starts it
    for user in users:
        path = user.status()["address"].removeprefix("grpc+unix://")
        for caller in users:
            with acting_as(caller.user), socket.socket(socket.AF_UNIX) as connection:
                if caller is user:
                    connection.connect(path)
                else:
                    with pytest.raises(PermissionError):
                        connection.connect(path)
