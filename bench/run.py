# SPDX-License-Identifier: Apache-2.0
"""Runs all benchmarks and prints their figures beside the budgets; build/bench.json has them too.

Every program runs several times. A figure is the median; its noise is the distance between the
smallest and the largest, in percent of it. Figures depend on the disk below build/ and on whatever
else the machine does, so the time of one sync and the load are printed: a load of its own is 1 to 2.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from budgets import FIGURES, Figure
from litmus.client import LitmusClient

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = ROOT / "build/bin"
SCRATCH = ROOT / "build/bench.tmp"
REPORT = ROOT / "build/bench.json"
REPETITIONS = 5


def run_program(command: list[str | Path], values: dict[str, list[float]]) -> None:
    for repetition in range(REPETITIONS):
        data_dir = SCRATCH / f"{Path(command[-1]).stem}-{repetition}"
        data_dir.mkdir(parents=True)
        result = subprocess.run([*command, data_dir], stdout=subprocess.PIPE, text=True, check=True)
        for line in result.stdout.splitlines():
            figure = json.loads(line)
            values[figure["name"]].append(figure["value"])
        shutil.rmtree(data_dir)


def time_command(command: list[str | Path]) -> float:
    """Milliseconds from start to exit, the median of a few."""
    taken = []
    for _ in range(15):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        taken.append((time.perf_counter() - start) * 1e3)
    return statistics.median(taken)


def time_command_line(values: dict[str, list[float]]) -> None:
    litmus = PROGRAMS / "litmus"
    data_dir = SCRATCH / "command-line"
    client = LitmusClient(data_dir)
    for number in range(100):
        run = client.start_run(dut_serial=f"SN{number:03}", station_id="bench_1")
        with run.step("rail_3v3") as step:
            step.measure("voltage", 3.31, units="V", low=3.1, high=3.5)
        run.finish()
    for _ in range(REPETITIONS):
        values["litmus --help"].append(time_command([litmus, "--help"]))
        values["litmus runs, 100 runs stored"].append(
            time_command([litmus, "runs", "--data-dir", data_dir])
        )


def sync_ms() -> float:
    """Appending 4 KiB and fdatasync, as the event log does at the end of a run."""
    taken = []
    with (SCRATCH / "sync").open("wb", 0) as file:
        for _ in range(100):
            start = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - start) * 1e3)
    return statistics.median(taken)


def summary(figure: Figure, values: list[float]) -> dict[str, Any]:
    measured = statistics.median(values)
    row: dict[str, Any] = {
        "name": figure.name,
        "measured": measured,
        "unit": figure.unit,
        "noise_percent": 100 * (max(values) - min(values)) / measured if measured else 0.0,
        "values": values,
    }
    if figure.budget is not None:
        row["budget"] = figure.budget
        row["ratio"] = measured / figure.budget
        row["met"] = row["ratio"] >= 1 if figure.more_is_better else row["ratio"] <= 1
    return row


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table_line(row: dict[str, Any]) -> str:
    line = f"{row['name']:42} {number(row['measured']):>10} {row['unit']:4} "
    if "budget" in row:
        verdict = "met" if row["met"] else "MISSED"
        line += f"{number(row['budget']):>9} {row['ratio']:6.2f} {verdict:>7}"
    else:
        line += f"{'':9} {'':6} {'':7}"
    return f"{line} {row['noise_percent']:5.0f} %"


def main() -> None:
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir(parents=True)
    # Daemons of their own, which run while the rest is measured and leave when they have nothing to do.
    os.environ["LITMUS_DAEMON_IDLE_S"] = "5"
    os.environ["LITMUS_EXECUTABLE"] = str(PROGRAMS / "litmus")
    for name in ("XDG_RUNTIME_DIR", "XDG_CACHE_HOME"):
        folder = SCRATCH / name.lower()
        folder.mkdir(mode=0o700)
        os.environ[name] = str(folder)
    conditions = {
        "processors": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "sync_ms": sync_ms(),
    }
    values: dict[str, list[float]] = defaultdict(list)
    for name in ("emit", "reader", "client", "latency", "channel"):
        run_program([PROGRAMS / f"litmus_{name}_bench"], values)
    for script in ("python_bench.py", "proxy_bench.py"):
        run_program([sys.executable, ROOT / "bench" / script], values)
    time_command_line(values)
    shutil.rmtree(SCRATCH)
    conditions["load_after"] = os.getloadavg()[0]

    rows = [summary(figure, values.pop(figure.name)) for figure in FIGURES]
    assert not values, f"not in budgets.py: {list(values)}"
    REPORT.write_text(json.dumps({"conditions": conditions, "figures": rows}, indent=1) + "\n")
    print(f"{'':42} {'measured':>10} {'':4} {'budget':>9} {'ratio':>6} {'':7} {'noise':>7}")
    for row in rows:
        print(table_line(row))
    print(
        f"\nmedian of {REPETITIONS}; {conditions['processors']} processors, load "
        f"{conditions['load_before']:.1f} before and {conditions['load_after']:.1f} after, "
        f"write and sync of 4 KiB {conditions['sync_ms']:.2g} ms"
    )
    print(f"{REPORT.relative_to(ROOT)} has every single value")


if __name__ == "__main__":
    main()
