# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.subscribers import FlightSubscriber, Subscriber


@pytest.fixture
def litmus() -> Callable[..., str]:
    """Runs a command to its end."""
    executable = os.environ.get("LITMUS_EXECUTABLE") or Path(sys.executable).with_name("litmus")

    def run(*words: str | Path) -> str:
        command = [executable, *words]
        return subprocess.run(
            command, stdout=subprocess.PIPE, text=True, check=True, timeout=60
        ).stdout

    return run


@pytest.fixture
def subscribe() -> Iterator[Callable[..., Subscriber]]:
    """Starts a C++ subscriber."""
    started: list[Subscriber] = []

    def start(data_dir: Path, *types: str, cursor: str = "") -> Subscriber:
        started.append(Subscriber(data_dir, *types, cursor=cursor))
        return started[-1]

    yield start
    for subscriber in started:
        subscriber.kill()


@pytest.fixture
def subscribe_by_flight(runtime_dir: Path) -> Iterator[Callable[..., FlightSubscriber]]:
    started: list[FlightSubscriber] = []

    def start(**request: Any) -> FlightSubscriber:
        started.append(FlightSubscriber(runtime_dir, **request))
        return started[-1]

    yield start
    for subscriber in started:
        subscriber.stop()
