# SPDX-License-Identifier: Apache-2.0
"""Subscribers in processes and threads of their own, and what they must have received."""

import contextlib
import json
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import flight

SUBSCRIBER = Path(__file__).parents[2] / "build/bin/event_subscriber"
PATIENCE_S = 60


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def recorded_events(data_dir: Path, prefix: str = "") -> dict[str, list[int]]:
    """The seqs of each writer in the event files, read by pyarrow alone."""
    seqs = defaultdict(list)
    for file in data_dir.glob("events/*/*.arrow"):
        with pa.memory_map(str(file)) as source, pa.ipc.open_stream(source) as stream:
            writer = stream.schema.metadata[b"litmus.writer_id"].decode()
            try:
                for batch in stream:
                    rows = zip(
                        batch["seq"].to_pylist(), batch["event_type"].to_pylist(), strict=True
                    )
                    seqs[writer] += [seq for seq, tag in rows if tag.startswith(prefix)]
            except (pa.ArrowInvalid, OSError):
                pass  # a message that is being written
    return {writer: sorted(found) for writer, found in seqs.items() if found}


def by_writer(received: list[tuple[str, int]]) -> dict[str, list[int]]:
    """In the order of delivery."""
    seqs = defaultdict(list)
    for writer, seq in received:
        seqs[writer].append(seq)
    return dict(seqs)


class Subscriber:
    """The C++ EventStore in a process of its own."""

    def __init__(self, data_dir: Path, *types: str, cursor: str = "") -> None:
        self.received: list[tuple[str, int]] = []
        self.cursor = ""
        self._process = subprocess.Popen(
            [SUBSCRIBER, data_dir, cursor, *types],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def stop(self) -> str:
        """Returns its cursor."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._thread.join(PATIENCE_S)
        assert self._process.wait(PATIENCE_S) == 0
        return self.cursor

    def kill(self) -> None:
        with self._process as process:  # closes the pipes
            process.kill()
            self._thread.join(PATIENCE_S)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            words = line.split()
            if words[0] == "cursor":
                self.cursor = words[1]
            else:
                self.received.append((words[0], int(words[1])))


def address_of_daemon(runtime_dir: Path) -> str | None:
    """What the lock file of the only daemon says; it may be that of a dead one."""
    for lock in runtime_dir.glob("litmus/*.lock"):
        with contextlib.suppress(json.JSONDecodeError):
            address: str | None = json.loads(lock.read_text()).get("address")
            return address or None
    return None


class FlightSubscriber:
    """Made of pyarrow.flight and docs/formats/flight.md, without our code.

    Collects (writer_id, seq) in a thread; goes on behind what it has when it is cut off.
    """

    def __init__(self, runtime_dir: Path, **request: Any) -> None:
        self.received: list[tuple[str, int]] = []
        self.caught_up = 0
        self._runtime_dir = runtime_dir
        self._request = request
        self._cursor: dict[str, Any] = {"version": 1, "from": None, "writers": {}}
        self._stop = threading.Event()
        self._reader: flight.FlightStreamReader | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._reader is not None:
            self._reader.cancel()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            address = address_of_daemon(self._runtime_dir)
            if address is not None:
                with contextlib.suppress(pa.ArrowException, OSError, StopIteration):
                    self._read(address)
            time.sleep(0.02)

    def _read(self, address: str) -> None:
        request = {"subscribe": self._request | {"cursor": self._cursor}}
        options = [("grpc.use_local_subchannel_pool", 1)]
        with flight.FlightClient(address, generic_options=options) as client:
            reader = self._reader = client.do_get(flight.Ticket(json.dumps(request)))
            while not self._stop.is_set():
                chunk = reader.read_chunk()
                writers = chunk.data["writer_id"].to_pylist()
                for writer, seq in zip(writers, chunk.data["seq"].to_pylist(), strict=True):
                    self.received.append((writer, seq))
                    self._cursor["writers"][writer] = seq
                if chunk.app_metadata is not None:
                    self.caught_up += 1
                    self._cursor = json.loads(chunk.app_metadata.to_pybytes())["cursor"]
            reader.cancel()
