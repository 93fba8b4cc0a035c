# SPDX-License-Identifier: Apache-2.0
"""Records runs until its standard input ends.

chaos_writer.py DATA_DIR finish|vanish: the last run is finished, or left as it is.
"""

import os
import sys
import threading
import time
from pathlib import Path

from litmus.client import LitmusClient

PACE_S = 0.005  # eight writers and their daemon share a few processors


def main(data_dir: str, last: str) -> None:
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    client = LitmusClient(Path(data_dir))
    number = 0
    while True:
        run = client.start_run(f"SN{number:04}", "bench_1")
        for rail in ("3v3", "5v0", "12v"):
            with run.step(f"rail_{rail}") as step:
                for load in range(4):
                    step.measure(f"voltage_{load}", 3.3, units="V", low=3.1, high=3.5)
                    time.sleep(PACE_S)
            if stop.is_set() and last == "vanish":
                os._exit(0)
        run.finish()
        number += 1
        if stop.is_set() and last == "finish":
            return


main(*sys.argv[1:])
