# SPDX-License-Identifier: Apache-2.0
"""A program may end at any moment after its run: what goes on in the background ends with it."""

import subprocess
from pathlib import Path

import pyarrow as pa

SHORT_RUN = Path(__file__).parents[2] / "build/bin/short_run"


def test_program_that_ends_right_after_its_run_leaves_a_compressed_event_file(
    tmp_path: Path,
) -> None:
    # The threads race at exit: of 20 runs 9 waited forever when Arrow's statics died too early.
    for _ in range(20):
        subprocess.run([SHORT_RUN, tmp_path], check=True, timeout=30)
    files = [file for file in tmp_path.glob("events/*/*") if file.is_file()]
    assert len(files) == 20  # nothing unfinished beside them
    for file in files:
        with pa.memory_map(str(file)) as source, pa.ipc.open_stream(source) as stream:
            assert [batch.num_rows for batch in stream] == [107]
