# SPDX-License-Identifier: Apache-2.0
"""What write() has given a reference for survives `kill -9`, whatever the process was doing."""

import mmap
import os
import random
import signal
import subprocess
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
from litmus.data.channels.store import ChannelStore

WRITER = Path(__file__).parents[2] / "build/bin/channel_writer"
SEED = 20260310
KILLS = 40


def run_until_killed(folder: Path, moment: int, per_session: int) -> list[int]:
    folder.mkdir()
    counters = folder / "counters"
    counters.write_bytes(bytes(24))
    with counters.open("r+b") as file:
        page = mmap.mmap(file.fileno(), 0)
    process = subprocess.Popen([WRITER, folder / "data", counters, str(per_session)])
    while int.from_bytes(page[:8], "little") < moment:
        assert process.poll() is None, "the writer ended by itself"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return [int.from_bytes(page[i : i + 8], "little") for i in (0, 8, 16)]


def contents(data_dir: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in data_dir.rglob("*") if file.is_file()}


def check(store: ChannelStore, numbers: int, captures: int, blocks: int) -> None:
    # One sample may be stored whose reference the writer did not live to count.
    found: list[float] = []
    for channel in range(3):
        found += store.query(f"dmm{channel}").column("value").to_pylist()
    assert numbers <= len(found) <= numbers + 1
    assert sorted(found) == list(range(len(found)))

    waves = store.query("scope.ch1").column("samples").to_pylist() if captures else []
    assert captures <= len(waves) <= captures + 1
    assert sorted(map(len, waves)) == sorted(i % 997 for i in range(len(waves)))
    assert all(wave == [wave[0]] * len(wave) for wave in waves if wave)

    rows = set(store.query("daq").column("value").to_pylist())
    for block in range(blocks):
        count = 200 if block % 2 == 0 else 6000
        assert {block * 10_000.0, block * 10_000.0 + count - 1} <= rows
        assert (
            len([row for row in rows if block * 10_000 <= row < block * 10_000 + 10_000]) == count
        )


def test_every_acknowledged_sample_survives_kill(tmp_path: Path) -> None:
    print(f"seed {SEED}")
    dice = random.Random(SEED)
    for kill in range(KILLS):
        moment = int(20_000 ** dice.random())
        folder = tmp_path / str(kill)
        acknowledged = run_until_killed(folder, moment, dice.choice([1500, 10**9]))
        data_dir = folder / "data"
        with ChannelStore(data_dir, uuid4()) as store:  # recovers
            check(store, *acknowledged)
        recovered = contents(data_dir)
        assert not [file for file in recovered if file.suffix == ".journal"]
        with ChannelStore(data_dir, uuid4()) as store:
            check(store, *acknowledged)
        assert contents(data_dir) == recovered
        for file in recovered:
            if file.suffix == ".arrow":
                pa.ipc.open_stream(file).read_all()  # any Arrow reader opens it
