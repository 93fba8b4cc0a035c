# SPDX-License-Identifier: Apache-2.0
"""A program may end right after its runs: what goes on in the background is finished first."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

SHORT_RUN = Path(__file__).parents[2] / "build/bin/short_run"


# Arrow destroys what it made at first use while the process ends, and the compression goes on at
# that time. One short run waited forever in 9 of 20 cases; two longer ones crashed in every second.
@pytest.mark.parametrize(("programs", "runs", "measurements"), [(20, 1, 100), (20, 2, 3000)])
def test_program_that_ends_right_after_its_runs_leaves_compressed_event_files(
    tmp_path: Path,
    stored_events: Callable[[Path], list[list[dict[str, Any]]]],
    programs: int,
    runs: int,
    measurements: int,
) -> None:
    for _ in range(programs):
        command = [SHORT_RUN, tmp_path, str(runs), str(measurements)]
        subprocess.run(command, check=True, timeout=30)
    files = [file for file in tmp_path.glob("events/*/*") if file.is_file()]
    assert len(files) == programs * runs  # nothing unfinished beside them
    for file in files:
        with pa.memory_map(str(file)) as source, pa.ipc.open_stream(source) as stream:
            assert next(iter(stream)).num_rows > 100
    for events in stored_events(tmp_path):
        values = [event for event in events if event["event_type"] == "test.measurement"]
        assert [event["measurement_name"] for event in values] == [
            f"voltage_{i}" for i in range(measurements)
        ]
