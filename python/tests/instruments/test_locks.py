# SPDX-License-Identifier: Apache-2.0
"""One holder of an address on the machine."""

import os
import signal
import subprocess
import sys
import threading
from uuid import uuid4

import pytest
from litmus.instruments.locks import ResourceInUse, ResourceLock

ADDRESS = "TCPIP0::192.0.2.7::INSTR"
HOLDER = """
import sys
from uuid import uuid4
from litmus.instruments.locks import ResourceLock
lock = ResourceLock.take(sys.argv[1], session_id=uuid4(), station_id="bench_1", role="dmm")
print("taken", flush=True)
sys.stdin.read()
"""


def take(timeout: float = 0) -> ResourceLock:
    return ResourceLock.take(
        ADDRESS, session_id=uuid4(), station_id="bench_2", role="meter", timeout=timeout
    )


def holder() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, ADDRESS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "taken\n"
    return process


def test_who_comes_second_is_told_who_has_it() -> None:
    with holder() as process:
        with pytest.raises(ResourceInUse) as raised:
            take()
        assert raised.value.resource == ADDRESS
        assert raised.value.holder is not None
        assert raised.value.holder.pid == process.pid
        for word in (ADDRESS, str(process.pid), "bench_1", "dmm", raised.value.holder.acquired_at):
            assert word in str(raised.value)
        process.kill()


def test_a_killed_process_has_no_lock() -> None:
    with holder() as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        take().release()


def test_one_can_wait_for_it() -> None:
    first = take()
    timer = threading.Timer(0.05, first.release)
    timer.start()
    take(timeout=30).release()
    timer.join()


def test_the_child_of_a_fork_does_not_keep_it() -> None:
    lock = take()
    ready, finish = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        os.write(ready[1], b"x")
        os.read(finish[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    lock.release()
    take().release()  # although the child lives
    os.write(finish[1], b"x")
    os.waitpid(child, 0)
    for end in (*ready, *finish):
        os.close(end)
