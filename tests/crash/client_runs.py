# SPDX-License-Identifier: Apache-2.0
"""Records a run through the Python client, and counts in a file what it has recorded.

client_runs.py DATA_DIR COUNTER MEASUREMENTS: the counter is an 8-byte number.
"""

import mmap
import sys
from pathlib import Path

from litmus.client import LitmusClient

data_dir, counter, measurements = sys.argv[1:]
with Path(counter).open("r+b") as file:
    page = mmap.mmap(file.fileno(), 8)
run = LitmusClient(data_dir).start_run(dut_serial="SN001", station_id="bench_1")
with run.step("ramp") as step:
    for number in range(int(measurements)):
        with step.vector(volts=number * 0.1) as vector:
            vector.measure(f"current_{number}", number * 0.5, units="A", low=0)
        page[:] = (number + 1).to_bytes(8, "little")
result = run.finish()
print(f"{run.id} {result.outcome}")
