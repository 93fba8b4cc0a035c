# SPDX-License-Identifier: Apache-2.0
"""What can be done with a recorded run: list it, show it, query its file, and what to try next."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from litmus.client import LitmusClient

# The smallest distance to a limit, in percent of that limit; below zero it failed.
QUERY = """
SELECT step_name AS step,
       count(*)::INT AS measurements,
       (count(*) FILTER (measurement_outcome = 'failed'))::INT AS failed,
       round(100 * min(least(1 - measurement_value / nullif(limit_high, 0),
                             measurement_value / nullif(limit_low, 0) - 1))) AS worst_margin_pct
FROM read_parquet('data/runs/**/*.parquet', union_by_name = true)
WHERE record_type = 'measurement'
GROUP BY step_name
ORDER BY worst_margin_pct NULLS LAST
"""


def litmus_executable() -> str:
    beside_python = str(Path(sys.executable).parent)
    found = shutil.which("litmus", path=os.pathsep.join([beside_python, os.environ["PATH"]]))
    return found or sys.exit("the program `litmus` is not there: `make build` makes it")


def query_all_runs() -> None:
    try:
        import duckdb
    except ImportError:
        print("(`pip install duckdb` and run it again)")
        return
    print(duckdb.sql(QUERY))


def print_next_steps(litmus: str, run_id: str, started_in: Path) -> None:
    """Commands as they work where the user is, not in the project's folder."""
    program = "litmus" if shutil.which("litmus") else os.path.relpath(litmus, started_in)
    python = "python" if shutil.which("litmus") else os.path.relpath(sys.executable, started_in)
    script = os.path.relpath(Path(__file__).with_name("host_check.py"), started_in)
    data = ""
    if not started_in.is_relative_to(Path.cwd()):
        data = f" --data-dir {shlex.quote(os.path.relpath('data', started_in))}"
    for command, purpose in (
        (f"{program} show {run_id[:8]} -f csv --wide -o -{data}", "every column of this run"),
        (f"{program} show {run_id[:8]} --env{data}", "what it ran on"),
        (f"{program} events cat --run {run_id[:8]}{data}", "what was recorded, event by event"),
        (f"{python} {script}", "another run, while the machine is busy"),
    ):
        print(f"  {command}\n      {purpose}")


def title(text: str) -> None:
    print(f"\n== {text}", flush=True)


def show_results(client: LitmusClient, run_id: str, started_in: Path) -> int:
    """Returns the exit status: 1 if the run could not be sealed."""
    litmus = litmus_executable()
    title("the newest runs (litmus runs)")
    subprocess.run([litmus, "runs", "--limit", "5"], check=True)
    summary = client.get_run(run_id)
    if summary is None or summary.file_path is None:
        print(f"run {run_id} could not be sealed; see the messages above", file=sys.stderr)
        return 1
    title(f"this run (litmus show {run_id[:8]})")
    subprocess.run([litmus, "show", run_id], check=True)
    title("its Parquet file, for every tool that reads Parquet")
    print(os.path.relpath(summary.file_path, started_in))
    title("all runs so far, by step (DuckDB over runs/**/*.parquet)")
    query_all_runs()
    title("what to try next")
    print_next_steps(litmus, run_id, started_in)
    return 0
