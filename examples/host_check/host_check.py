#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests the computer it runs on: a device under test that everybody has.

The limits pass on any machine that can record tests, a busy virtual one included: one that fails
is a finding.
"""

import hashlib
import os
import platform
import socket
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from litmus.client import LitmusClient, RunBuilder
from show_results import show_results

PROJECT = Path(__file__).resolve().parent
PAUSE_LIMIT_MS = 2000  # a virtual machine can stand still this long while its host is busy


def durations(action, count, longest_s=1.0):
    """Seconds that each of up to `count` calls took; a slow machine makes fewer."""
    taken = []
    begin = time.perf_counter()
    while len(taken) < count and (len(taken) < 5 or time.perf_counter() - begin < longest_s):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return np.array(taken)


def measure_latency(vector, seconds, *, typical_ms):
    """Half of them are below p50, all but one in a hundred below p99."""
    p50, p99 = np.percentile(seconds, [50, 99]) * 1e3
    vector.measure("latency_p50", p50, units="ms", low=0, high=typical_ms)
    vector.measure("latency_p99", p99, units="ms", low=0, high=PAUSE_LIMIT_MS)


def check_system(run: RunBuilder) -> None:
    with run.step("system", "What kind of machine it is") as step:
        # Texts and booleans are compared with a nominal value ...
        step.measure("kernel", platform.system(), nominal="Linux", comparator="EQ")
        monotonic = time.get_clock_info("monotonic").monotonic
        step.measure("clock_is_monotonic", monotonic, nominal=True, comparator="EQ")
        # ... and what has no limit is recorded without a verdict: its outcome is `done`.
        step.measure("processors", os.cpu_count())


def check_disk(run: RunBuilder) -> None:
    with run.step("disk", "Write and fdatasync in the data directory") as step:
        scratch = Path("data/host_check.scratch")
        for block_size in (4096, 65536, 1048576):
            block = os.urandom(block_size)
            # One vector per point of a sweep; its parameters become columns: in_block_size.
            with step.vector(block_size=block_size) as vector, scratch.open("wb", 0) as file:

                def write_and_sync(file=file, block=block):
                    file.write(block)
                    os.fdatasync(file.fileno())

                # Litmus syncs ten times a second, so a sync should take less than 100 ms.
                measure_latency(vector, durations(write_and_sync, 40), typical_ms=100)
        scratch.unlink()


def check_memory(run: RunBuilder) -> None:
    with run.step("memory", "Copy bandwidth from cache to main memory") as step:
        for size in (65536, 1048576, 16777216, 67108864):
            source, target = np.ones(size, np.uint8), np.zeros(size, np.uint8)
            with step.vector(size=size) as vector:
                seconds = np.median(durations(lambda t=target, s=source: np.copyto(t, s), 50, 0.5))
                # One-sided: more is always fine. The slowest memory still sold does 1 GB/s.
                rate = size / seconds / 1e9
                vector.measure("bandwidth", rate, units="GB/s", low=0.5, comparator="GE")


def check_clock(run: RunBuilder) -> None:
    with run.step("clock", "Resolution and steadiness of the monotonic clock") as step:
        readings = np.array([time.monotonic_ns() for _ in range(200_000)])
        steps = np.diff(readings)
        # Events carry microseconds, so the clock must tell two of them apart.
        resolution = steps[steps > 0].min()
        step.measure("resolution", resolution, units="ns", high=1000, comparator="LE")
        step.measure("backward_steps", (steps < 0).sum(), nominal=0, comparator="EQ")
        step.measure("jitter_p99", np.percentile(steps, 99), units="ns")
        step.measure("longest_pause", steps.max() / 1e6, units="ms", low=0, high=PAUSE_LIMIT_MS)


def echo(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        while data := connection.recv(65536):
            connection.sendall(data)


def check_loopback(run: RunBuilder) -> None:
    with run.step("loopback", "TCP round trip within the machine") as step, ExitStack() as sockets:
        listener = sockets.enter_context(socket.create_server(("127.0.0.1", 0)))
        threading.Thread(target=echo, args=(listener,), daemon=True).start()
        address = listener.getsockname()
        connection = sockets.enter_context(socket.create_connection(address, timeout=5))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for payload in (64, 1024, 16384):

            def round_trip(message=bytes(payload)):
                connection.sendall(message)
                missing = len(message)
                while missing > 0 and (part := connection.recv(missing)):
                    missing -= len(part)

            # Two thread switches: tens of microseconds, a time slice each when it is busy.
            with step.vector(payload=payload) as vector:
                measure_latency(vector, durations(round_trip, 500), typical_ms=10)


def check_timer(run: RunBuilder) -> None:
    with run.step("timer", "How much later than asked a sleep ends") as step:
        for requested_ms in (1, 5, 20):
            with step.vector(requested_ms=requested_ms) as vector:
                slept = durations(lambda ms=requested_ms: time.sleep(ms / 1e3), 40)
                # Never too early; late by less than a tick of the slowest kernel, 100 Hz.
                late_ms = np.percentile(slept * 1e3 - requested_ms, 50)
                vector.measure("overshoot_p50", late_ms, units="ms", low=0, high=10)


def check_processor(run: RunBuilder) -> None:
    with run.step("processor", "SHA-256 on one core") as step:
        block = bytes(4_000_000)
        rate = 4 / np.median(durations(lambda: hashlib.sha256(block).digest(), 30))
        # Without special instructions a slow core does 100 MB/s; a quarter of that is a finding.
        step.measure("sha256_rate", rate, units="MB/s", low=25, comparator="GE")


def main() -> int:
    started_in = Path.cwd()
    os.chdir(PROJECT)  # the litmus.yaml of the working directory says where results go
    client = LitmusClient()
    # When the block ends the run is sealed in its Parquet file, and readable.
    with client.start_run(
        dut_serial=platform.node(), station_id="this_machine", test_phase="development"
    ) as run:
        check_system(run)
        check_disk(run)
        check_memory(run)
        check_clock(run)
        check_loopback(run)
        check_timer(run)
        check_processor(run)
    return show_results(client, str(run.id), started_in)


if __name__ == "__main__":
    sys.exit(main())
