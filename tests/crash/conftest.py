# SPDX-License-Identifier: Apache-2.0
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

Events = list[dict[str, Any]]


def read_event_file(file: Path) -> Events:
    """The events up to the place where the writer was stopped, each with its `seq`."""
    events: Events = []
    with pa.memory_map(str(file)) as source:
        try:
            with pa.ipc.open_stream(source) as stream:
                for batch in stream:
                    rows = zip(batch["seq"].to_pylist(), batch["json"].to_pylist(), strict=True)
                    events += ({"seq": seq, **json.loads(text)} for seq, text in rows)
        except (pa.ArrowInvalid, OSError):
            pass  # a message that was cut off, or not even a whole schema
    return events


@pytest.fixture(scope="session")
def stored_events() -> Callable[[Path], list[Events]]:
    """Reads the event files of a data directory, one list each, with pyarrow alone: our own reader
    is not its own witness."""

    def read(data_dir: Path) -> list[Events]:
        return [read_event_file(file) for file in sorted(data_dir.glob("events/*/*.arrow"))]

    return read
