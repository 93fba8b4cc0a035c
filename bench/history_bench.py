# SPDX-License-Identifier: Apache-2.0
"""Measures a daemon over histories of different sizes: index, start, memory and every query.

The histories are made below build/history unless they are there. Each is indexed from nothing by a
daemon of its own, with its cache and sockets below build/. Query times are medians of warm calls
through pyarrow.flight. build/history.json has the figures; bench/growth_plot.py draws them.
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Self

# The recording below is for the daemon that is measured: it must not start another.
os.environ["LITMUS_DAEMON"] = "off"

import pyarrow as pa
from litmus.client import LitmusClient
from pyarrow import flight

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = ROOT / "build/bin"
SCRATCH = ROOT / "build/history.tmp"
REPORT = ROOT / "build/history.json"
SIZES = [1_000, 10_000, 100_000]
REPETITIONS = 9
LIVE_VALUES = 30
BUILD_LIMIT_S = 3600

WHOLE = {"period": "all", "group_by": ["none"]}
QUERIES: dict[str, dict[str, Any]] = {
    "run list": {"query": "runs.list", "parameters": {"limit": 50}},
    "run list, one product": {
        "query": "runs.list",
        "parameters": {"limit": 50, "product": "PN-2000"},
    },
    "yield": {"query": "metrics.summary", "parameters": WHOLE},
    "yield per day and product": {"query": "metrics.summary"},
    "trend per week": {"query": "metrics.trend", "parameters": {"period": "week"}},
    "pareto of measurements": {"query": "metrics.pareto"},
    "pareto of steps": {"query": "metrics.pareto", "parameters": {"group_by": "step"}},
    "pareto of products": {"query": "metrics.pareto", "parameters": {"group_by": "product"}},
    "Cpk": {"query": "metrics.cpk", "parameters": {"group_by": ["none"]}},
    "Cpk per product and station": {"query": "metrics.cpk"},
    "retest": {"query": "metrics.retest", "parameters": WHOLE},
    "time loss": {"query": "metrics.time_loss", "parameters": WHOLE},
    "durations": {"query": "metrics.durations"},
    "assets": {"query": "metrics.assets"},
    "filter values": {"query": "runs.distinct"},
    "scatter of a measurement": {
        "query": "parametric",
        "parameters": {"measurement": "rail_3v3"},
    },
}
# Milliseconds unless the name says something else.
BUDGETS = dict.fromkeys(["run list", "yield", "pareto of measurements", "Cpk"], 100.0) | {
    "runs indexed a second": 1500.0,
    "start with the index, ms": 200.0,
    "memory after the queries, MB": 300.0,
}


class Daemon:
    def __init__(self, data_dir: Path, home: Path) -> None:
        environment = os.environ | {
            "XDG_RUNTIME_DIR": str(home / "run"),
            "XDG_CACHE_HOME": str(home / "cache"),
        }
        for name in ("run", "cache"):
            (home / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        start = time.perf_counter()
        command = [str(PROGRAMS / "litmus"), "daemon", "run", "--data-dir", str(data_dir)]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        lines = iter(self.process.stdout.readline, "")
        self.address = next(line.split()[1] for line in lines if line.startswith("address"))
        self.client = flight.connect(self.address)
        self.get({"query": "runs.list", "parameters": {"limit": 50}})
        self.start_ms = (time.perf_counter() - start) * 1e3

    def get(self, ticket: dict[str, Any] | str) -> pa.Table:
        text = ticket if isinstance(ticket, str) else json.dumps(ticket)
        return self.client.do_get(flight.Ticket(text.encode())).read_all()

    def status(self) -> dict[str, Any]:
        (result,) = self.client.do_action(flight.Action("status", b""))
        status = json.loads(result.body.to_pybytes())
        assert isinstance(status, dict)
        return status

    def memory_mb(self, what: str) -> float:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith(what)) / 1e3

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


def warm_ms(call: Callable[[], object]) -> float:
    call()
    taken = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        call()
        taken.append((time.perf_counter() - start) * 1e3)
    return statistics.median(taken)


def build_index(data_dir: Path, home: Path, runs: int, figures: dict[str, float]) -> None:
    start = time.perf_counter()
    with Daemon(data_dir, home) as daemon:
        while not daemon.status()["caught_up"]:
            assert time.perf_counter() - start < BUILD_LIMIT_S, "the index is not finished"
            time.sleep(0.05)
        figures["index build, s"] = time.perf_counter() - start
        figures["runs indexed a second"] = runs / figures["index build, s"]
        found = daemon.get("SELECT count(*) AS runs FROM runs")["runs"][0].as_py()
        assert found >= runs, f"{found} of {runs} runs are in the index"
        figures["memory while building, MB"] = daemon.memory_mb("VmHWM")
        index = Path(daemon.status()["index_file"])
    figures["index file, MB"] = index.stat().st_size / 1e6


def time_queries(daemon: Daemon, figures: dict[str, float]) -> None:
    middle = daemon.get("SELECT run_id FROM runs ORDER BY started_at LIMIT 1 OFFSET 500")
    run_id = middle["run_id"][0].as_py()
    for name, ticket in QUERIES.items():
        figures[name] = warm_ms(partial(daemon.get, ticket))
    figures["run page"] = warm_ms(lambda: daemon.get({"run_rows": run_id}))
    of_run = {"query": "measurements.list", "parameters": {"run_id": run_id}}
    figures["measurements of a run"] = warm_ms(lambda: daemon.get(of_run))


def time_live_values(daemon: Daemon, data_dir: Path, figures: dict[str, float]) -> None:
    """From measure() to the answer of a query that holds the value."""
    run = LitmusClient(data_dir).start_run(dut_serial="LIVE", station_id="station_1")
    ticket = {"query": "measurements.list", "parameters": {"run_id": str(run.id)}}
    taken = []
    with run.step("live") as step:
        for number in range(LIVE_VALUES):
            start = time.perf_counter()
            step.measure(f"value_{number}", 1.0)
            found = daemon.get(ticket).num_rows
            taken.append((time.perf_counter() - start) * 1e3)
            assert found == number + 1, f"{found} of {number + 1} values are seen"
    run.finish()
    figures["measured value in a query"] = statistics.median(taken)


def measure(runs: int, histories: Path) -> dict[str, float]:
    data_dir = histories / str(runs)
    if not data_dir.exists():
        making = data_dir.with_suffix(".new")
        shutil.rmtree(making, ignore_errors=True)
        program = str(PROGRAMS / "make_history")
        subprocess.run([program, "--runs", str(runs), "--data-dir", str(making)], check=True)
        making.rename(data_dir)
    figures: dict[str, float] = {}
    home = SCRATCH / str(runs)
    shutil.rmtree(home, ignore_errors=True)
    build_index(data_dir, home, runs, figures)
    with Daemon(data_dir, home) as daemon:
        figures["start with the index, ms"] = daemon.start_ms
        time_queries(daemon, figures)
        time_live_values(daemon, data_dir, figures)
        figures["memory after the queries, MB"] = daemon.memory_mb("VmRSS")
    shutil.rmtree(home)
    return figures


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def print_table(sizes: dict[str, dict[str, float]]) -> None:
    print(f"{'':30}" + "".join(f"{int(runs):>12,}" for runs in sizes) + f"{'budget':>10}")
    for name in next(iter(sizes.values())):
        cells = "".join(f"{number(figures[name]):>12}" for figures in sizes.values())
        budget = BUDGETS.get(name)
        print(f"{name:30}{cells}{number(budget) if budget else '':>10}")
    print("Milliseconds where nothing else is said.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="runs of each history")
    options = parser.parse_args()
    histories = ROOT / "build/history"
    histories.mkdir(parents=True, exist_ok=True)
    load = os.getloadavg()[0]
    sizes = {str(runs): measure(runs, histories) for runs in options.sizes}
    conditions = {"processors": os.cpu_count(), "load_before": load}
    report = {"conditions": conditions, "budgets": BUDGETS, "sizes": sizes}
    REPORT.write_text(json.dumps(report, indent=1) + "\n")
    print_table(sizes)
    print(f"median of {REPETITIONS}, {os.cpu_count()} processors, load {load:.1f} before")


if __name__ == "__main__":
    main()
