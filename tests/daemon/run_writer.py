# SPDX-License-Identifier: Apache-2.0
"""Records one run as a user of this host, and prints its id.

run_writer.py UID DATA_DIR: finishes the run when its standard input ends. Killed before, it leaves
the run behind.
"""

import os
import sys
from pathlib import Path

from litmus.client import LitmusClient
from litmus.environment import environment_json


def become(user: int) -> None:
    """Not before Python has started: other users may not be able to run that of a user."""
    if user != os.geteuid():
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)


def main(user: str, data_dir: str) -> None:
    environment_json()  # imports what it needs
    become(int(user))
    with LitmusClient(Path(data_dir)).start_run("SN001", "bench_1") as run:
        with run.step("rail") as step:
            step.measure("voltage", 3.3, units="V", low=3.1, high=3.5)
        print(run.id, flush=True)
        sys.stdin.read()


main(*sys.argv[1:])
